"""The development page of mails and SMS that would have gone out: the files under SENT_MESSAGES_DIR.

mail/*.eml    one RFC 5322 message each            sms/*.json    {"to", "body", "sent_at", "dedupe_key"}
"""

import email.policy
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from pathlib import Path

MOST_SHOWN = 100


@dataclass(frozen=True)
class Attachment:
    name: str
    kind: str
    content: bytes


@dataclass(frozen=True)
class Sent:
    """One mail or SMS. `html` and `subject` are empty for an SMS; `at` is UTC."""

    name: str
    at: datetime
    to: str
    text: str
    subject: str = ""
    sender: str = ""
    html: str = ""
    attachments: list[Attachment] = field(default_factory=list)

    @property
    def is_mail(self) -> bool:
        return self.name.endswith(".eml")


def newest(folder: Path, *, most: int = MOST_SHOWN) -> list[Sent]:
    """Mails and SMS together, newest first, at most `most`."""
    paths = [*folder.glob("mail/*.eml"), *folder.glob("sms/*.json")]
    times = {path: path.stat().st_mtime for path in paths}
    latest = sorted(paths, key=lambda path: (times[path], path.name), reverse=True)
    return [read(path) for path in latest[:most]]


def find_mail(folder: Path, name: str) -> Sent | None:
    """By file name; only names that the folder lists, so that no name leads out of it."""
    known = {path.name: path for path in folder.glob("mail/*.eml")}
    return read(known[name]) if name in known else None


def read(path: Path) -> Sent:
    return read_mail(path) if path.suffix == ".eml" else read_sms(path)


def read_mail(path: Path) -> Sent:
    mail = message_from_bytes(path.read_bytes(), _class=EmailMessage, policy=email.policy.default)
    return Sent(
        name=path.name,
        at=written(path),
        to=mail.get("To", ""),
        subject=mail.get("Subject", ""),
        sender=mail.get("From", ""),
        text=body(mail, "plain"),
        html=body(mail, "html"),
        attachments=[attachment(part) for part in mail.iter_attachments() if isinstance(part, EmailMessage)],
    )


def body(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    return str(part.get_content()) if part else ""


def attachment(part: EmailMessage) -> Attachment:
    content = part.get_payload(decode=True)
    return Attachment(
        name=part.get_filename() or "attachment",
        kind=part.get_content_type(),
        content=content if isinstance(content, bytes) else b"",
    )


def read_sms(path: Path) -> Sent:
    sms = json.loads(path.read_text())
    return Sent(name=path.name, at=written(path), to=sms["to"], text=sms["body"])


def written(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, tz=UTC)
