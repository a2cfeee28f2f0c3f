"""A mail server that hangs or refuses holds up nobody who signs up, signs in by code or has lost their password."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as configured
from django.db import connection
from django.utils import timezone

from accounts.models import Tradie
from local.testing.account_mails import send_waiting
from local.testing.cast import owner_of
from local.testing.fake_smtp import FakeSmtp
from notifications.account_mails import forget_old
from notifications.models import AccountMail

from .visits import ASK, RESET, Visitor, confirm

SIGN_UP = "/accounts/signup/"
ASKED = [
    (SIGN_UP, {"email": "new@example.com", "password1": "a long enough one 7"}),
    (ASK, {"email": "sam@example.com"}),
    (RESET, {"email": "sam@example.com"}),
    (RESET, {"email": "nobody@example.com"}),
]
SECRETS = re.compile(r"[A-Z0-9]{3,5}-[A-Z0-9]{3,5}|http\S+")


@pytest.fixture
def server(settings: Any) -> Iterator[FakeSmtp]:
    with FakeSmtp() as fake:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", fake.port
        settings.EMAIL_TIMEOUT = 2
        yield fake


@pytest.fixture
def sam_confirmed(sam: Tradie) -> Tradie:
    owner = owner_of(sam)
    owner.email = "sam@example.com"
    owner.save()
    confirm(owner)
    return sam


def everything_stored() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(string_agg(m::text, ' '), '') FROM notifications_accountmail m")
        return str(cursor.fetchone()[0])


@pytest.mark.parametrize(("page", "form"), ASKED)
def test_while_it_hangs_the_page_answers_at_once_and_the_mail_follows_sealed_until_then(
    server: FakeSmtp, sam_confirmed: Tradie, page: str, form: dict[str, str]
) -> None:
    server.go_on.clear()
    started = time.monotonic()
    assert Visitor().post(page, form).status_code == 302
    assert time.monotonic() - started < 1.5
    waiting = everything_stored()
    server.go_on.set()
    send_waiting(now=timezone.now())
    (mail,) = server.received
    assert f"To: {form['email']}".encode() in mail
    hidden = {form["email"], *SECRETS.findall(mail.partition(b"\n\n")[2].decode() or mail.decode())}
    assert not [secret for secret in hidden if secret in waiting]
    assert [row.sealed for row in AccountMail.objects.all()] == [""]


def test_what_was_refused_is_sent_once_when_the_server_takes_mail_again(
    server: FakeSmtp, sam_confirmed: Tradie
) -> None:
    server.answers = {"END": "451 later"}
    assert Visitor().post(ASK, {"email": "sam@example.com"}).status_code == 302
    send_waiting(now=timezone.now())
    row = AccountMail.objects.get()
    assert (row.state, row.attempts, server.received) == ("retrying", 1, [])
    server.answers = {}
    for _ in range(2):
        send_waiting(now=row.created_at + timedelta(minutes=1))
    assert len(server.received) == 1
    assert f"X-Request-ID: {row.request_id}".encode() in server.received[0]
    assert AccountMail.objects.get().state == "sent"


def test_a_code_that_ran_out_meanwhile_is_not_sent_and_not_kept(
    server: FakeSmtp, sam_confirmed: Tradie
) -> None:
    Visitor().post(ASK, {"email": "sam@example.com"})
    send_waiting(now=timezone.now() + timedelta(seconds=configured.ACCOUNT_LOGIN_BY_CODE_TIMEOUT))
    row = AccountMail.objects.get()
    assert (row.state, row.sealed, server.received) == ("skipped", "", [])


def test_an_address_that_does_not_exist_leaves_nothing_for_an_operator(
    server: FakeSmtp, sam_confirmed: Tradie
) -> None:
    server.answers = {"RCPT": "550 No such user"}
    Visitor().post(RESET, {"email": "nobody@example.com"})
    send_waiting(now=timezone.now())
    row = AccountMail.objects.get()
    assert (row.state, row.skipped_because, row.sealed) == ("skipped", "The address was refused ([550]).", "")


def test_what_nobody_took_in_time_is_wiped_at_night_and_goes_a_week_later(
    server: FakeSmtp, sam_confirmed: Tradie
) -> None:
    server.answers = {"END": "451 later"}
    Visitor().post(RESET, {"email": "sam@example.com"})
    ran_out = AccountMail.objects.get().expires_at
    forget_old(now=ran_out - timedelta(minutes=1))
    assert AccountMail.objects.exclude(sealed="").count() == 1
    forget_old(now=ran_out + timedelta(minutes=1))
    row = AccountMail.objects.get()
    assert (row.state, row.sealed) == ("skipped", "")
    assert forget_old(now=ran_out + timedelta(days=8)) == 1
