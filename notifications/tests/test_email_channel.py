"""Mail over SMTP: what goes out, and which refusals are worth another try."""

from __future__ import annotations

import email
import email.policy
import logging
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.mail import send_mail

from local.ports import free_port
from local.testing.fake_smtp import FakeSmtp
from notifications.channels.email import CalendarPart, Mail, message_id, send
from notifications.channels.errors import ChannelError

MAIL = Mail(
    to="jo@example.com",
    subject="Booked",
    text="Zoë's text\n",
    html="<p>Zoë's page</p>",
    dedupe_key="booking:1",
    from_name='Joe "the pipe" Çelik via PeepoPay',
    reply_to="joe@example.com",
    calendar=CalendarPart(b"BEGIN:VCALENDAR\r\nMETHOD:CANCEL\r\nEND:VCALENDAR\r\n", "CANCEL"),
)


@pytest.fixture
def smtp(settings: Any) -> Iterator[FakeSmtp]:
    with FakeSmtp() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        settings.DEFAULT_FROM_EMAIL = "PeepoPay <bookings@peepopay.example>"
        yield server


def test_a_mail_has_text_html_and_calendar(smtp: FakeSmtp) -> None:
    send(MAIL)
    mail = email.message_from_bytes(smtp.received[0], policy=email.policy.default)
    assert mail["From"].addresses[0].display_name == 'Joe "the pipe" Çelik via PeepoPay'
    assert mail["From"].addresses[0].addr_spec == "bookings@peepopay.example"
    assert mail["Reply-To"] == "joe@example.com"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert [part.get_content_type() for part in mail.walk() if not part.is_multipart()] == [
        "text/plain",
        "text/html",
        "text/calendar",
    ]
    assert next(mail.iter_attachments())["Content-Type"].params["method"] == "CANCEL"  # type: ignore[attr-defined]
    assert "Zoë's text" in mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "Zoë's page" in mail.get_body(("html",)).get_content()  # type: ignore[union-attr]


def test_every_try_of_a_mail_has_the_same_message_id(smtp: FakeSmtp) -> None:
    send(MAIL)
    send(MAIL)
    ids = {email.message_from_bytes(mail)["Message-ID"] for mail in smtp.received}
    assert ids == {message_id("booking:1")}
    assert message_id("booking:1") != message_id("booking:2")
    assert message_id("booking:1").endswith("@peepopay.example>")


@pytest.mark.parametrize(
    ("answers", "retry_helps"),
    [
        ({"RCPT": "550 No such user"}, False),
        ({"RCPT": "450 Try again"}, True),
        ({"END": "554 Refused"}, False),
        ({"END": "452 Disk full"}, True),
        ({"MAIL": "530 Sign in first"}, True),  # and a person has to see it: below
        ({"EHLO": "500 What?", "HELO": "421 Going away"}, True),
        ({"DATA": ""}, True),
    ],
)
def test_which_refusals_are_worth_another_try(
    smtp: FakeSmtp, answers: dict[str, str], retry_helps: bool
) -> None:
    smtp.answers = answers
    with pytest.raises(ChannelError) as refusal:
        send(MAIL)
    assert refusal.value.retry_helps is retry_helps
    assert "jo@" not in str(refusal.value)
    assert smtp.received == []


@pytest.mark.parametrize(
    ("answers", "is_denied"),
    [
        ({"MAIL": "530 Sign in first"}, True),
        ({"MAIL": "451 Later"}, False),
        ({"RCPT": "550 No such user"}, False),
    ],
)
def test_that_the_server_takes_nothing_from_us_is_told_apart(
    smtp: FakeSmtp, answers: dict[str, str], is_denied: bool
) -> None:
    smtp.answers = answers
    with pytest.raises(ChannelError) as refusal:
        send(MAIL)
    assert refusal.value.is_denied is is_denied


def test_a_server_that_is_down_is_worth_another_try(settings: Any, smtp: FakeSmtp) -> None:
    settings.EMAIL_PORT = free_port()
    with pytest.raises(ChannelError) as problem:
        send(MAIL)
    assert problem.value.retry_helps is True


def test_a_server_that_hangs_is_given_up_in_time(settings: Any, smtp: FakeSmtp) -> None:
    settings.EMAIL_TIMEOUT = 0.2
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.EMAIL_PORT = silent.getsockname()[1]
        with pytest.raises(ChannelError) as problem:
            send(MAIL)
    assert problem.value.retry_helps is True


def test_the_file_backend_keeps_every_mail_of_the_site(settings: Any, tmp_path: Path) -> None:
    settings.SENT_MESSAGES_DIR = str(tmp_path)
    settings.EMAIL_BACKEND = "notifications.channels.files.EmailBackend"
    send(MAIL)
    send_mail("Your code", "123456", None, ["jo@example.com"])
    assert [
        email.message_from_bytes(p.read_bytes())["Subject"] for p in sorted(tmp_path.glob("mail/*.eml"))
    ] == [
        "Booked",
        "Your code",
    ]
    assert list(tmp_path.glob("mail/*.part")) == []


def test_nothing_personal_is_logged(smtp: FakeSmtp, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    send(MAIL)
    assert "jo@example.com" not in caplog.text
