"""`Authorization: Bearer ppk_...`: a business's programs come in by a key, as far as its scopes and its maker go."""

from __future__ import annotations

import itertools
import json
import re
import shlex
import shutil
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core import serializers
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from accounts.api_keys import MOST_KEYS, make_key, revoke_key, secret_of
from accounts.key_models import ApiKey, Scope
from accounts.models import Membership, Service, Tradie, User
from accounts.people import change_role, remove_member
from accounts.roles import Role
from bookings.models import BookingEvent, EventKind
from bookings.tokens import token_of
from local.fixtures import need
from local.testing.cast import booking_request, make_booking, make_member, owner_of, soon
from peepopay.errors import ValidationFailed
from web.api.key_access import NO_KEY, WrongKeys
from web.tests.openapi import problems

pytestmark = pytest.mark.django_db(transaction=True)

DOCUMENT = (Path(django_settings.BASE_DIR) / "docs" / "api-keys.md").read_text()


@pytest.fixture
def pat(sam: Tradie) -> Membership:
    """Another owner, who makes the keys."""
    return make_member(sam, Role.OWNER, "Pat").memberships.get()


_numbers = itertools.count(1)
EVENING = {"weekday": "monday", "opens": "18:00", "closes": "20:00"}
SUMMER = {"start": "2027-01-04T00:00:00+11:00", "end": "2027-01-11T00:00:00+11:00"}


def by_hand(service: Service) -> dict[str, Any]:
    asked = booking_request(service, soon(service.tradie, days=5))
    return {name: asked[name] for name in ("service", "start", "customer", "address")} | {"deposit": "waive"}


def key_for(member: Membership, *scopes: Scope, **more: Any) -> ApiKey:
    name = f"Program {next(_numbers)}"
    return make_key(member, name=name, scopes=scopes or list(Scope), now=timezone.now(), **more)


def ask(
    key: ApiKey | str, path: str, method: str = "GET", body: Any = None, client: Client | None = None
) -> Any:
    shown = key if isinstance(key, str) else secret_of(key)
    answer = (client or Client(enforce_csrf_checks=True)).generic(
        method,
        path,
        json.dumps(body) if body else "",
        content_type="application/json",
        headers={"Authorization": f"Bearer {shown}"},
    )
    assert problems(method, path.partition("?")[0], answer) == []
    return answer


def test_a_key_reads_and_changes_bookings_without_cookies_or_csrf(pat: Membership, quote: Service) -> None:
    booking, key = make_booking(quote, soon(quote.tradie)), key_for(pat)
    assert [job["id"] for job in ask(key, "/api/bookings").json()["bookings"]] == [str(booking.pk)]
    path = f"/api/bookings/{booking.pk}"
    assert ask(key, path).json()["reference"] == booking.reference
    assert ask(key, path, "PATCH", {"notes": "Ring"}).json()["tradie_notes"] == "Ring"
    assert BookingEvent.objects.get(kind=EventKind.NOTED).user == pat.user
    me = ask(key, "/api/me")
    assert (me.json()["user"]["name"], me.json()["business"]["slug"]) == ("Pat", "sam-plumber")
    assert not me.cookies
    assert me["Cache-Control"] == "no-store"


@pytest.mark.parametrize("scope", Scope)
def test_it_may_what_its_scopes_say_and_is_told_which_it_lacks(
    scope: Scope, pat: Membership, quote: Service
) -> None:
    path, key = f"/api/bookings/{make_booking(quote, soon(quote.tradie)).pk}", key_for(pat, scope)
    for needs, method, address, body in (
        (Scope.BOOKINGS_READ, "GET", "/api/bookings", None),
        (Scope.BOOKINGS_READ, "GET", path, None),
        (Scope.BOOKINGS_CHANGE, "PATCH", path, {"notes": "x"}),
        (Scope.PROFILE_READ, "GET", "/api/me", None),
        (Scope.BOOKINGS_MAKE, "POST", "/api/bookings/manual", by_hand(quote)),
        (Scope.SERVICES_READ, "GET", "/api/services", None),
        (Scope.SERVICES_READ, "GET", f"/api/services/{quote.pk}", None),
        (Scope.INVOICES_READ, "GET", "/api/invoices", None),
        (Scope.QUOTES_READ, "GET", "/api/quotes", None),
        (Scope.SERVICES_CHANGE, "PATCH", f"/api/services/{quote.pk}", {"name": "Quote"}),
        (Scope.SERVICES_CHANGE, "POST", "/api/services", {"name": "Tap"}),
        (Scope.SERVICES_CHANGE, "DELETE", f"/api/services/{quote.pk}", None),
        (Scope.HOURS_READ, "GET", "/api/working-hours", None),
        (Scope.HOURS_READ, "GET", "/api/special-dates", None),
        (Scope.HOURS_READ, "GET", "/api/time-off", None),
        (Scope.HOURS_CHANGE, "POST", "/api/working-hours", EVENING),
        (Scope.HOURS_CHANGE, "POST", "/api/time-off", SUMMER),
        (Scope.HOURS_CHANGE, "PUT", "/api/special-dates/2027-01-26", {"hours": []}),
    ):
        answer = ask(key, address, method, body)
        assert answer.status_code in ((200, 201) if needs == scope else (403,)), address
        if needs != scope:
            assert answer.json()["message"] == f"This API key may not do that: it needs the scope {needs}."


def test_it_sees_no_other_business(pat: Membership, alex: Tradie, quote: Service) -> None:
    booking, theirs = make_booking(quote, soon(quote.tradie)), key_for(alex.memberships.get())
    assert ask(theirs, f"/api/bookings/{booking.pk}").status_code == 403
    assert ask(theirs, "/api/bookings").json()["bookings"] == []


def works(key: ApiKey) -> bool:
    answer = ask(key, "/api/me")
    if answer.status_code == 200:
        return True
    assert (answer.status_code, answer.json()["message"]) == (401, NO_KEY)
    assert answer["WWW-Authenticate"] == "Bearer"
    return False


def test_it_ends_when_revoked_or_expired(pat: Membership) -> None:
    key, short = key_for(pat), key_for(pat, expires_at=timezone.now() + timedelta(days=1))
    assert works(key)
    assert works(short)
    ApiKey.objects.filter(pk=short.pk).update(expires_at=timezone.now())
    assert revoke_key(key, now=timezone.now())
    assert not revoke_key(key, now=timezone.now())
    assert not works(key)
    assert not works(short)


def test_it_ends_with_its_makers_place_as_an_owner(pat: Membership) -> None:
    key = key_for(pat)
    change_role(pat, Role.OFFICE)
    assert not works(key)
    change_role(pat, Role.OWNER)
    assert works(key)
    User.objects.filter(pk=pat.user_id).update(is_active=False)
    assert not works(key)
    User.objects.filter(pk=pat.user_id).update(is_active=True)
    remove_member(pat)
    assert not works(key)
    assert not ApiKey.objects.exists()


@pytest.mark.parametrize("shown", ["ppk_", "ppk_nonsense", "ppk_" + "x" * 24, "ppk_" + "x" * 5000, "abc"])
def test_a_wrong_key_opens_nothing_even_with_a_session(shown: str, sam: Tradie, quote: Service) -> None:
    booking, client = make_booking(quote, soon(sam)), Client()
    client.force_login(owner_of(sam))
    for path in ("/api/bookings", "/api/me", f"/api/bookings/{booking.pk}"):
        answer = ask(shown, path, client=client)
        assert (answer.status_code, answer.json()["code"]) == (401, "UNAUTHORIZED")
        assert answer["WWW-Authenticate"] == "Bearer"


def test_a_bookings_token_is_no_key_and_a_key_no_token(pat: Membership, quote: Service) -> None:
    booking = make_booking(quote, soon(quote.tradie))
    assert ask(token_of(booking), "/api/bookings").status_code == 401
    assert "manage_url" in ask(token_of(booking), f"/api/bookings/{booking.pk}").json()
    assert "manage_url" not in ask(key_for(pat), f"/api/bookings/{booking.pk}").json()


def test_wrong_keys_of_one_address_have_an_end_and_right_ones_dont_count(
    pat: Membership, settings: Any
) -> None:
    settings.RATE_LIMITS = True
    key = key_for(pat)
    for _ in range(WrongKeys.limit):
        assert ask("ppk_wrong", "/api/me").status_code == 401
        assert ask(key, "/api/me").status_code == 200
    refused = ask("ppk_wrong", "/api/me")
    assert (refused.status_code, refused.json()["code"]) == (429, "RATE_LIMITED")
    assert 0 < int(refused["Retry-After"]) <= 601
    assert ask(key, "/api/me").status_code == 200


def test_its_use_is_written_down_once_a_minute(
    pat: Membership, quote: Service, django_assert_num_queries: Any
) -> None:
    key = key_for(pat)
    make_booking(quote, soon(quote.tradie))
    with django_assert_num_queries(4):  # the key, its use, bookings, their payments
        ask(key, "/api/bookings")
    key.refresh_from_db()
    first = key.last_used_at
    assert first
    with django_assert_num_queries(3):
        ask(key, "/api/bookings")
    key.refresh_from_db()
    assert key.last_used_at == first
    ApiKey.objects.update(last_used_at=first - timedelta(minutes=1))
    ask(key, "/api/bookings")
    key.refresh_from_db()
    assert key.last_used_at
    assert key.last_used_at >= first


def test_no_other_site_may_read_what_is_answered_to_a_key(pat: Membership) -> None:
    answer = Client().get(
        "/api/bookings",
        headers={"Authorization": f"Bearer {secret_of(key_for(pat))}", "Origin": "https://elsewhere.example"},
    )
    assert answer.status_code == 200
    assert not answer.has_header("Access-Control-Allow-Origin")


def test_no_table_holds_it_and_it_survives_a_change_of_the_secret_key(pat: Membership, settings: Any) -> None:
    key = key_for(pat)
    secret = secret_of(key)
    assert re.fullmatch(r"ppk_[A-Za-z0-9_-]{24}", secret)
    assert secret.removeprefix("ppk_") not in serializers.serialize("json", ApiKey.objects.all())
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another key altogether", []
    assert ask(secret, "/api/me").status_code == 200


def test_a_business_has_so_many_and_revoking_makes_room(pat: Membership) -> None:
    keys = [key_for(pat) for _ in range(MOST_KEYS)]
    with pytest.raises(ValidationFailed, match="20 keys are the most"):
        key_for(pat)
    revoke_key(keys[0], now=timezone.now())
    assert key_for(pat)


@pytest.mark.parametrize("scopes", [[], ["everything"]])
def test_the_database_knows_the_scopes(scopes: list[str], pat: Membership) -> None:
    key = key_for(pat)
    with pytest.raises(IntegrityError, match="api_key_scopes_known"), transaction.atomic():
        ApiKey.objects.filter(pk=key.pk).update(scopes=scopes)


def test_the_document_lists_every_scope() -> None:
    assert re.findall(r"^\| `([a-z:]+)` \|", DOCUMENT, re.MULTILINE) == list(Scope.values)


def test_the_documents_commands_work(live_server: Any, pat: Membership, quote: Service) -> None:
    """As they stand there, but for the three things that are one's own."""
    need(None if shutil.which("curl") else "curl is not installed: apt-get install curl")
    booking = make_booking(quote, soon(quote.tradie))
    own = {
        "https://book.example.com.au": live_server.url,
        "ppk_YOUR_KEY": secret_of(key_for(pat)),
        "BOOKING_ID": str(booking.pk),
        "2027-01-14": "2026-01-14",
    }
    commands = re.findall(r"^    curl(?:.*\\\n)*.*$", DOCUMENT, re.MULTILINE)
    answers = []
    for command in commands:
        for ours, yours in own.items():
            command = command.replace(ours, yours)
        words = ["curl", "--silent", "--fail-with-body", *shlex.split(command.replace("\\\n", ""))[1:]]
        answers.append(json.loads(subprocess.run(words, check=True, capture_output=True, timeout=20).stdout))
    listed, changed = answers
    assert [job["id"] for job in listed["bookings"]] == [str(booking.pk)]
    assert changed["tradie_notes"] == "The van is booked"
