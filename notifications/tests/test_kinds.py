"""The kinds of message: registered by whoever knows what they are about."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.template.loader import get_template

from accounts.models import Tradie
from local.testing.cast import at
from local.testing.sent import Sent, body, deliver
from notifications import kinds
from notifications.models import Message

NOW = at("2027-01-14 08:00 +11:00")
INVITED = uuid.UUID(int=7)  # no booking: nothing that this app knows


def test_every_kind_has_all_its_templates_and_no_others() -> None:
    folder = settings.BASE_DIR / "templates" / "notifications"
    found = {path.name: {part.name for part in path.iterdir()} for path in folder.iterdir() if path.is_dir()}
    mail = {"subject.txt", "body.txt", "body.html"}
    assert found == {
        kind.name: (mail if "email" in kind.channels else set())
        | {f"{channel}.txt" for channel in ("sms", "push") if channel in kind.channels}
        for kind in kinds.registered().values()
    }
    for name, parts in found.items():
        for part in parts:
            get_template(f"notifications/{name}/{part}")


@pytest.fixture
def invitation(sam: Tradie, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Message:
    """A mail that is not about a booking, from an app of its own, with its templates."""
    folder = tmp_path / "notifications" / "invited"
    folder.mkdir(parents=True)
    for part in ("subject.txt", "body.txt", "body.html"):
        (folder / part).write_text("{{ who }} invites you\n")
    (engine,) = settings.TEMPLATES
    settings.TEMPLATES = [{**engine, "DIRS": [tmp_path]}]
    monkeypatch.setattr(kinds, "_kinds", dict(kinds.registered()))
    kinds.registered.cache_clear()

    def context_for(message: Message, *, now: Any) -> dict[str, str]:
        if message.facts.get("withdrawn"):
            raise kinds.NoLongerApplies("The invitation was withdrawn.")
        assert message.about == INVITED
        return {"who": "Sam"}

    kinds.register("invited", channels=("email",), context_for=context_for)  # type: ignore[arg-type]
    yield Message.objects.create(
        tradie=sam,
        about=INVITED,
        kind="invited",
        audience="tradie",
        channel="email",
        recipient="alex@example.com",
        dedupe_key="invitation",
        due_at=NOW,
    )
    kinds.registered.cache_clear()


def test_something_else_than_a_booking_can_send(sent: Sent, invitation: Message) -> None:
    deliver(invitation, now=NOW)
    (mail,) = sent.mails
    assert (mail["To"], mail["Subject"]) == ("alex@example.com", "Sam invites you")
    assert body(mail, "plain") == "Sam invites you\n"


def test_its_owner_says_when_it_no_longer_applies(sent: Sent, invitation: Message) -> None:
    Message.objects.update(facts={"withdrawn": True})
    deliver(invitation, now=NOW)
    invitation.refresh_from_db()
    assert (invitation.state, invitation.skipped_because) == ("skipped", "The invitation was withdrawn.")
    assert sent.mails == []
