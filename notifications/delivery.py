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

from . import opt_outs, phones
from .channels import email, sms
from .channels.errors import Unsubscribed
from .kinds import NoLongerApplies
from .models import Audience, Channel, Message, StoppedBy
from .sending_rules import sender_name_of, words_of
from .sms_text import LONGEST, gsm, in_few_letters, short_name

SHORTEST_NAME = 10  # less tells nobody who it is


def deliver(message: Message, context: Mapping[str, Any], *, now: datetime) -> dict[str, Any]:
    """Render and send. Returns what to write into the row. Raises ChannelError.

    `context` may hold `from_name`, `reply_to`, `unsubscribe_url`, `calendar` (an `email.CalendarPart`) and
    `attachments` for mails, `dashboard_url` and `is_urgent` for phones.
    """
    context = {"own_words": _own_words(message), **context}
    if message.channel == Channel.SMS:
        return _text(message, context, now)
    if message.channel == Channel.PUSH:
        return _push(message, context, now)
    mail = email.Mail(
        to=message.recipient,
        **written(message.kind, context),
        dedupe_key=message.dedupe_key,
        from_name=context.get("from_name", ""),
        reply_to=context.get("reply_to", ""),
        calendar=context.get("calendar"),
        attachments=context.get("attachments", ()),
        unsubscribe_url=context.get("unsubscribe_url", ""),
    )
    email.send(mail)
    return {"sent_at": now, "subject": mail.subject[:200]}


def written(kind: str, context: Mapping[str, Any]) -> dict[str, str]:
    """The subject, text and html of a mail, what the business says besides (`own_words`) first."""
    own = context.get("own_words", "")
    return {
        "subject": " ".join(render(kind, "subject.txt", context).split()),
        "text": without_gaps("\n\n".join(filter(None, (own, render(kind, "body.txt", context))))),
        "html": render(kind, "body.html", context),
    }


def _own_words(message: Message) -> str:
    is_theirs = message.audience == Audience.CUSTOMER
    return words_of(message.tradie_id, message.kind, message.channel) if is_theirs else ""


def _text(message: Message, context: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """In the business's own name only to its customers, and only where that is registered."""
    is_theirs = message.audience == Audience.CUSTOMER
    text = sms.Sms(
        to=message.recipient,
        body=one_text(message.kind, context),
        dedupe_key=message.dedupe_key,
        sender=sender_name_of(message.tradie_id) if is_theirs else "",
    )
    try:
        sms.send(text)
    except Unsubscribed as problem:
        opt_outs.stop_texts(message.recipient, by=StoppedBy.PROVIDER, now=now)
        return skip(NoLongerApplies(str(problem)))
    return {"sent_at": now}


def _push(message: Message, context: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """Whoever looks over a shoulder reads it too: what and when, and nobody's name."""
    text = " ".join(render(message.kind, "push.txt", context).split())
    untold = phones.tell(
        message.recipient,
        text,
        url=context["dashboard_url"],
        about=message.about,
        is_urgent=context.get("is_urgent", False),
        written_at=message.created_at,
        now=now,
    )
    return skip(NoLongerApplies(untold)) if untold else {"sent_at": now, "subject": text[:200]}


def one_text(kind: str, context: Mapping[str, Any]) -> str:
    """What fits into one SMS, where arrival windows in few letters, and then shorter names, make it fit: what is to be
    done matters more. What the business says besides stands behind it, and makes it two."""
    text = gsm(render(kind, "sms.txt", context).strip())
    for name in ("customer_short", "business_short"):
        text = in_few_letters(text) if len(text) > LONGEST else text
        over, now = len(text) - LONGEST, context.get(name, "")
        if over > 0 and now:
            context = {**context, name: short_name(now, longest=max(len(now) - over, SHORTEST_NAME))}
            text = in_few_letters(gsm(render(kind, "sms.txt", context).strip()))
    return f"{text} {gsm(' '.join(context.get('own_words', '').split()))}".strip()


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
