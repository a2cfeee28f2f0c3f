"""The mails and SMS that would have gone out, as the people they are for would find them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import icalendar

from local.ports import wait_until
from local.sent_messages import Sent, newest

ARRIVES_WITHIN = 20  # seconds; most take well under one
ALL = 10_000


class Post:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def wait_for_mail(self, to: str, *, about: str, text: str = "") -> Sent:
        """The mail to that address whose subject matches `about`, with `text` in it; waits for it to be sent."""
        return self._wait(lambda sent: sent.is_mail and bool(re.search(about, sent.subject)), to, text)

    def wait_for_sms(self, to: str, *, text: str) -> Sent:
        return self._wait(lambda sent: not sent.is_mail, to, text)

    def mails_to(self, address: str) -> list[Sent]:
        return [sent for sent in newest(self.folder, most=ALL) if sent.is_mail and sent.to == address]

    def _wait(self, fits: Callable[[Sent], bool], to: str, text: str) -> Sent:
        found: list[Sent] = []

        def look() -> bool:
            found[:] = [s for s in newest(self.folder, most=ALL) if s.to == to and fits(s) and text in s.text]
            return bool(found)

        assert wait_until(look, seconds=ARRIVES_WITHIN), f"nothing of that kind for {to} {text}"
        assert len(found) == 1, f"{to} was told {len(found)} times"
        return found[0]


def manage_link(mail: Sent) -> str:
    match = re.search(r"https?://\S+/manage/[^\s/]+(?=\s|$)", mail.text)  # not that of the receipt below it
    assert match, mail.text
    return match.group()


def calendar_entry(mail: Sent) -> datetime:
    """When the attached calendar file says the job starts, in UTC."""
    content = next(part.content for part in mail.attachments if part.kind == "text/calendar")
    event = icalendar.Calendar.from_ical(content.decode()).walk("VEVENT")[0]
    start: datetime = event["DTSTART"].dt
    return start
