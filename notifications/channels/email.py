"""Mail over whatever Django backend is configured: SMTP, anymail's providers, or files."""

from __future__ import annotations

import hashlib
import smtplib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from email.mime.text import MIMEText
from email.utils import formataddr, parseaddr
from typing import Any, NamedTuple

from anymail.exceptions import AnymailError, AnymailInvalidAddress, AnymailRecipientsRefused
from django.conf import settings
from django.core.mail import EmailMultiAlternatives

from peepopay import request_ids

from .errors import ChannelError
from .figures import counted

DENIED = {401, 403}


class CalendarPart(NamedTuple):
    """An .ics file, and the method it names: REQUEST enters or updates an entry, CANCEL calls it off."""

    content: bytes
    method: str


class Attachment(NamedTuple):
    """A file, such as an invoice."""

    name: str
    content: bytes
    type: str


@dataclass(frozen=True)
class Mail:
    to: str
    subject: str
    text: str
    dedupe_key: str
    html: str = ""
    from_name: str = (
        ""  # beside our own address, which is the one that may send: "Joe's Plumbing via PeepoPay"
    )
    reply_to: str = ""
    calendar: CalendarPart | None = None
    unsubscribe_url: str = ""  # takes a POST, and shows a page; programs have a button for it
    attachments: Sequence[Attachment] = ()


@counted("mail")
def send(mail: Mail) -> None:
    """Hand it over. Raises ChannelError."""
    try:
        _as_django_mail(mail).send()
    except smtplib.SMTPRecipientsRefused as refusal:
        codes = [code for code, _ in refusal.recipients.values()]
        raise ChannelError(f"The address was refused ({codes}).", retry_helps=min(codes) < 500) from refusal
    except smtplib.SMTPDataError as refusal:
        raise ChannelError(
            f"The mail was refused ({refusal.smtp_code}).", retry_helps=refusal.smtp_code < 500
        ) from refusal
    except (AnymailRecipientsRefused, AnymailInvalidAddress) as refusal:
        raise ChannelError("The address was refused.", retry_helps=False) from refusal
    except (AnymailError, smtplib.SMTPException, OSError) as problem:
        # Also wrong credentials and a refused sender: a person puts those right while the message waits.
        raise ChannelError(
            f"The mail server did not take it ({type(problem).__name__}).", is_denied=_denied(problem)
        ) from problem


def _denied(problem: Exception) -> bool:
    if isinstance(problem, smtplib.SMTPAuthenticationError | smtplib.SMTPSenderRefused):
        return problem.smtp_code >= 500
    return getattr(problem, "status_code", None) in DENIED  # a provider's API


class _Parted(EmailMultiAlternatives):
    """Between its parts stands what nobody could have written into them. Python else looks through all of them for what
    it took by chance, once for each level, and compiles an expression for it: a third of what a mail costs."""

    def message(self, **options: Any) -> Any:
        made = super().message(**options)
        for part in made.walk():
            if part.is_multipart():
                part.set_boundary(f"={uuid.uuid4().hex}=")
        return made


def _as_django_mail(mail: Mail) -> EmailMultiAlternatives:
    message = _Parted(
        subject=mail.subject,
        body=mail.text,
        from_email=_sender(mail.from_name),
        to=[mail.to],
        reply_to=[mail.reply_to] if mail.reply_to else None,
        headers={
            "Message-ID": message_id(mail.dedupe_key),
            "Auto-Submitted": "auto-generated",
            **_unsubscribing(mail.unsubscribe_url),
            **({"X-Request-ID": request_ids.current()} if request_ids.current() else {}),
        },
    )
    if mail.html:
        message.attach_alternative(mail.html, "text/html")
    if mail.calendar:
        message.attach(_attached(mail.calendar))
    for file in mail.attachments:
        message.attach(*file)
    return message


def _unsubscribing(url: str) -> dict[str, str]:
    """RFC 8058: one press in the reader's program, without a page."""
    if not url:
        return {}
    return {"List-Unsubscribe": f"<{url}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}


def _sender(name: str) -> str:
    own_name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    return formataddr((name or own_name, address))


def message_id(dedupe_key: str) -> str:
    """The same for every try, so that mail servers and programs can drop a second copy."""
    _, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    digest = hashlib.sha256(dedupe_key.encode()).hexdigest()[:40]
    return f"<{digest}@{address.rpartition('@')[2] or 'localhost'}>"


def _attached(calendar: CalendarPart) -> MIMEText:
    """The method stands in both places, or programs take it for a mere file (RFC 6047)."""
    part = MIMEText(calendar.content.decode(), "calendar", "utf-8")
    part.set_param("method", calendar.method)
    part.add_header("Content-Disposition", "attachment", filename="booking.ics")
    return part
