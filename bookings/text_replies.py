"""What customers text back, in the thread of the booking that it is about. None of it moves or cancels anything.

The number that they reply to is every business's, so which booking they mean is told by what we texted them last.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Max, Q

from notifications import budgets, opt_outs
from notifications.models import Channel, Message
from notifications.opt_outs import Word
from notifications.sending_rules import takes_replies

from .actors import CUSTOMER, SYSTEM
from .lifecycle import record
from .messages import tell_text_came, tell_text_taken
from .models import HELD, UNPAID, Booking, EventKind, Status

SINCE = timedelta(days=2)  # after a job people still say thanks
MOST_TOLD_A_DAY = 10  # of one booking; the rest only stands in its thread
MOST_KEPT_A_DAY = 50
A_DAY = timedelta(days=1)
ONE_LINE = 480  # letters of a line in the history; what is longer takes several
YES = re.compile(
    r"y|yes|yep|yeah|yup|ok|okay|sure|confirm|confirmed|(yes|ok)(please|thanks|thankyou|illbethere)|seeyouthen"
)
# Carriers take these for STOP, and people for the job.
MAYBE_THE_JOB = {"cancel", "end", "quit", "revoke"}
LATE = re.compile(r"(sorry)?(im|iam|illbe|willbe|running|abit|bit)*(late|behind)[a-z0-9]{0,16}")
THUMB_UP = "\N{THUMBS UP SIGN}"
SEVERAL = "One of {count} bookings ahead under this number: the one they were texted about last."


def take(number: str, words: str, *, seen_as: str, now: datetime, meant: str = "") -> None:
    """`seen_as`: its provider's id; a copy changes nothing. `meant`: STOP or START, where the provider says so.

    STOP and START hold for every business. The rest goes to the business of the booking, if it takes replies.
    """
    with transaction.atomic():
        word = opt_outs.take_reply(number, meant or words, seen_as=seen_as, now=now)
        if word is None:
            return
        booking, others = _meant(number, now)
        if booking is None or not takes_replies(booking.tradie_id):
            return
        _enter(booking, others, words, word, seen_as, now)


def _enter(booking: Booking, others: int, words: str, word: Word, seen_as: str, now: datetime) -> None:
    texts = booking.events.filter(kind__in=(EventKind.TEXTED, EventKind.CUSTOMER_LATE), at__gt=now - A_DAY)
    count = texts.count()
    if count >= MOST_KEPT_A_DAY:
        return
    plain = re.sub(r"[^a-z0-9]", "", words.casefold())
    is_yes = YES.fullmatch(plain) is not None or words.strip().startswith(THUMB_UP)
    if is_yes:
        budgets.confirm(Channel.SMS, booking.customer_phone, now=now)
    # Where a payment is waited for, nobody may think that a yes was enough.
    if is_yes and booking.status not in HELD:
        _attend(booking, words, others, now)
    elif (word == Word.STOP and plain not in MAYBE_THE_JOB) or (word == Word.START and not is_yes):
        _note(booking, EventKind.TEXTED, words, others, now)
    else:
        is_late = LATE.fullmatch(plain) is not None
        _note(booking, EventKind.CUSTOMER_LATE if is_late else EventKind.TEXTED, words, others, now)
        if count < MOST_TOLD_A_DAY:
            tell_text_came(booking, words=words[:ONE_LINE], is_late=is_late, seen_as=seen_as, now=now)
        if not is_late:
            tell_text_taken(booking, now=now)


def _attend(booking: Booking, words: str, others: int, now: datetime) -> None:
    """They say that they'll be there, at the time that it has now; said twice it is one."""
    rows = Booking.objects.filter(pk=booking.pk).exclude(said_yes_to=F("starts_at"))
    again = not rows.filter(status__in=(Status.CONFIRMED, Status.REQUESTED)).update(
        said_yes_to=F("starts_at")
    )
    _note(booking, EventKind.TEXTED if again else EventKind.ATTENDING, words, others, now)


def _note(booking: Booking, kind: EventKind, words: str, others: int, now: datetime) -> None:
    lines = [words[at : at + ONE_LINE] for at in range(0, len(words), ONE_LINE)] or [""]
    for number, line in enumerate(lines):
        record(booking, kind if number == 0 else EventKind.TEXTED, by=CUSTOMER, now=now, detail=line)
    if others:
        said = SEVERAL.format(count=others + 1)
        record(booking, EventKind.TEXT_MATCHED, by=SYSTEM, now=now, detail=said)


def _meant(number: str, now: datetime) -> tuple[Booking | None, int]:
    """Of those under this number that are ahead, or were just now, the one that was texted about last; of several the
    nearest. And how many others its business has ahead of this number. Two queries."""
    is_on = Q(status__in=(Status.CONFIRMED, Status.COMPLETED)) | UNPAID
    rows = Booking.objects.filter(is_on, customer_phone=number, ends_at__gt=now - SINCE, erased_at=None)
    found = list(rows.filter(holds_for=None).select_related("tradie", "calendar").order_by("starts_at")[:50])
    texts = Message.objects.filter(
        about__in=[booking.pk for booking in found],
        channel=Channel.SMS,
        recipient=number,
        sent_at__isnull=False,
    )
    texted = dict(texts.values_list("about").annotate(at=Max("sent_at"))) if found else {}
    never = now - timedelta(days=365)

    def rank(booking: Booking) -> tuple[bool, float, float]:
        is_ahead = booking.ends_at > now
        return not is_ahead, -texted.get(booking.pk, never).timestamp(), booking.starts_at.timestamp()

    if not found:
        return None, 0
    best = min(found, key=rank)
    others = sum(
        1 for one in found if one.pk != best.pk and one.tradie_id == best.tradie_id and one.ends_at > now
    )
    return best, others
