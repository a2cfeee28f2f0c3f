"""A message's way out: its templates, then its channel.

Each message is sent once. Two workers never send the same one (`outbox.run` holds it alone), and a row that is done is
never sent again. One window can't be closed: the provider took a message, and its answer got lost or the worker died
before it could write that down. Then it is sent again, because twice is better than never; mails keep their
Message-ID, so most programs show one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.template import Context
from django.template.loader import get_template

from .channels import email, sms
from .kinds import NoLongerApplies
from .models import Channel, Message
from .sms_text import gsm


def deliver(message: Message, context: Mapping[str, Any], *, now: datetime) -> dict[str, Any]:
    """Render and send. Returns what to write into the row. Raises ChannelError.

    `context` may hold `from_name`, `reply_to` and `calendar` (an `email.CalendarPart`) for mails.
    """
    if message.channel == Channel.SMS:
        body = gsm(render(message.kind, "sms.txt", context).strip())
        sms.send(sms.Sms(to=message.recipient, body=body, dedupe_key=message.dedupe_key))
        return {"sent_at": now}
    mail = email.Mail(
        to=message.recipient,
        subject=" ".join(render(message.kind, "subject.txt", context).split()),
        text=without_gaps(render(message.kind, "body.txt", context)),
        html=render(message.kind, "body.html", context),
        dedupe_key=message.dedupe_key,
        from_name=context.get("from_name", ""),
        reply_to=context.get("reply_to", ""),
        calendar=context.get("calendar"),
    )
    email.send(mail)
    return {"sent_at": now, "subject": mail.subject[:200]}


def without_gaps(text: str) -> str:
    """A template's unused parts leave empty lines behind: one in a row is enough."""
    return re.sub(r"\n\s*\n", "\n\n", text).strip() + "\n"


def skip(problem: NoLongerApplies) -> dict[str, Any]:
    """What to write into the row of a message that is not sent after all."""
    return {"skipped_because": str(problem)[:200]}


def render(kind: str, part: str, context: Mapping[str, Any]) -> str:
    """One part of a kind's templates. Only HTML is escaped: `O'Brien & Sons` must stay itself in a text."""
    template = get_template(f"notifications/{kind}/{part}").template  # type: ignore[attr-defined]
    return str(template.render(Context(dict(context), autoescape=part.endswith(".html"))))
