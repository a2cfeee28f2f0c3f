"""What people text back: STOP ends all texts, START brings them back, and only Twilio may say so."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Service
from bookings import messages
from bookings.housekeeping import forget_old_rows
from local.testing.cast import make_booking
from local.testing.sent import Sent, deliver_all
from notifications.models import Message, OptOut, TextSeen

URL, SECRET = "/webhooks/sms", "twilio-secret"
FORM = "application/x-www-form-urlencoded"
JO, NEVER = "+61412345678", "+61400999888"


@pytest.fixture(autouse=True)
def _twilio(settings: Any, db: None) -> None:
    settings.TWILIO_AUTH_TOKEN = SECRET
    settings.SITE_URL = "https://book.example.com.au"


def signature(fields: dict[str, str], url: str = URL, site: str = "https://book.example.com.au") -> str:
    """As Twilio describes it: the address, then each name and value in the order of the names."""
    text = f"{site}{url}" + "".join(name + fields[name] for name in sorted(fields))
    return base64.b64encode(hmac.new(SECRET.encode(), text.encode(), hashlib.sha1).digest()).decode()


def text(body: str, number: str = JO, sid: str = "SM1", **more: str) -> Any:
    fields = {"From": number, "To": "+61480000000", "Body": body, "MessageSid": sid, "NumMedia": "", **more}
    return send(fields, signature(fields))


def send(fields: dict[str, str], signed: str) -> Any:
    return Client().post(URL, urlencode(fields), content_type=FORM, headers={"X-Twilio-Signature": signed})


def are_off(number: str = JO) -> bool:
    return OptOut.objects.filter(address=number, tradie=None, started_at=None).exists()


@pytest.mark.parametrize(
    "word", ["STOP", "stop", " Stop. ", "Stop!", "UNSUBSCRIBE", "Opt out", "cancel", "QUIT"]
)
def test_a_stop_in_whatever_spelling_turns_texts_off(word: str) -> None:
    answer = text(word)
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/xml")
    assert answer.content.decode().endswith("<Response/>")
    assert (are_off(), are_off(NEVER)) == (True, False)


@pytest.mark.parametrize(
    "words", ["Please stop by at eight", "Can't make it, cancel the job please", "", "🛑"]
)
def test_a_sentence_is_no_stop(words: str) -> None:
    assert text(words).status_code == 200
    assert not OptOut.objects.exists()


def test_start_turns_them_on_again_and_the_row_stays(db: None) -> None:
    text("STOP", sid="SM1")
    text("Start", sid="SM2")
    row = OptOut.objects.get()
    assert (are_off(), row.started_at is not None, row.by) == (False, True, "reply")
    text("STOP", sid="SM3")
    assert are_off()
    assert OptOut.objects.count() == 1


def test_a_copy_that_comes_late_changes_nothing() -> None:
    text("STOP", sid="SM1")
    text("START", sid="SM2")
    text("STOP", sid="SM1")
    assert not are_off()


def test_what_twilio_makes_of_a_text_counts() -> None:
    """Its own lists of words may be set otherwise, and in other languages."""
    text("ARRET", OptOutType="STOP")
    assert are_off()


@pytest.mark.parametrize("wrong", ["", "AAAA", "ü"])
def test_nobody_else_can_turn_a_number_off(wrong: str) -> None:
    answer = send({"From": JO, "Body": "STOP", "MessageSid": "SM1"}, wrong)
    assert (answer.status_code, answer.json()["code"]) == (400, "MALFORMED_REQUEST")
    assert not OptOut.objects.exists()


def test_a_signature_is_of_all_the_fields_and_of_the_address() -> None:
    fields = {"From": JO, "Body": "STOP", "MessageSid": "SM1"}
    assert send({**fields, "From": NEVER}, signature(fields)).status_code == 400
    assert send({**fields, "More": ""}, signature(fields)).status_code == 400
    assert send(fields, signature(fields, url="/webhooks/sms?x=1")).status_code == 400
    assert send(fields, signature(fields)).status_code == 200


def test_without_a_token_of_ours_nothing_is_believed(settings: Any) -> None:
    settings.TWILIO_AUTH_TOKEN = ""
    fields = {"From": JO, "Body": "STOP", "MessageSid": "SM1"}
    forged = base64.b64encode(hmac.new(b"", b"", hashlib.sha1).digest()).decode()
    assert send(fields, forged).status_code == 400


@pytest.mark.parametrize(
    "raw", [b"x" * 70_000, b"\xff\xfe", b"From", b"&".join(b"a%d=1" % number for number in range(200))]
)
def test_what_is_no_form_is_refused(raw: bytes) -> None:
    answer = Client().post(URL, raw, content_type=FORM, headers={"X-Twilio-Signature": "x"})
    assert answer.status_code == 400


def test_after_stop_no_text_of_any_kind_goes_and_mails_still_do(sent: Sent, drain: Service) -> None:
    now = timezone.now()
    booking = make_booking(drain)
    messages.tell_confirmed(booking, now=now)  # written before, sent after
    text("STOP")
    deliver_all(now=now)
    assert (len(sent.sms), len(sent.mails)) == (0, 2)
    row = Message.objects.get(channel="sms")
    assert (row.state, row.skipped_because) == (
        "skipped",
        "Texts are off for this number: they replied STOP.",
    )
    text("START", sid="SM2")
    messages.tell_moved(booking, now=now)
    deliver_all(now=now)
    assert len(sent.sms) == 1


def test_it_is_kept_for_good_and_what_was_seen_is_not(db: None) -> None:
    text("STOP")
    TextSeen.objects.update(seen_at=timezone.now() - timedelta(days=31))
    OptOut.objects.update(stopped_at=timezone.now() - timedelta(days=3_000))
    forget_old_rows(now=timezone.now())
    assert (TextSeen.objects.count(), are_off()) == (0, True)
