"""Who is told what about a booking. Each `tell_...` writes its rows in the caller's transaction.

Words, dates and links are put in when a message is sent (`context_for`), so that nothing stale, and no token, lies in
a table meanwhile.
"""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

from notifications import kinds, opt_outs
from notifications.kinds import NoLongerApplies
from notifications.models import Message, News
from peepopay import task_memory
from peepopay.written_once import Given, WrittenOnce

from . import call_backs as call_backs  # registers its kind
from . import message_tests as message_tests  # registers its kind
from . import news
from . import own_numbers as own_numbers  # the same
from . import waitlist as waitlist  # registers its kind
from .expected import over_by
from .message_context import Story, context_of, more_of, story_of
from .message_kinds import (
    CUSTOMER,
    EMAIL,
    EVERY_WAY,
    KINDS,
    LINK,
    ONE_MAIL_WITHIN,
    PUSH,
    REVIEW,
    SMS,
    UNASKED,
)
from .models import Actor, Booking, Status, with_is_of_several
from .policy import Outcome
from .reminder_rules import REMINDERS, Reminder
from .reminders_said import require_still_due, said_besides
from .reviews import review_context
from .statements import with_what_is_left
from .still_true import untrue
from .telling import call_off, recipient_of, tell


def tell_confirmed(booking: Booking, *, now: datetime, asked_for: bool = False) -> None:
    """The customer: deposit receipt, calendar entry, manage link, money statement, SMS. The tradie: a mail,
    but for what they took themselves, alone.

    `asked_for`: by the customer, so it can be refused: raises CallInstead when their messages of the day are used up.
    """
    known = booking.taken_by_business and not booking.deposit_cents and not booking.is_of_several
    kinds = ("booking_confirmed",) if known else ("booking_confirmed", "booking_confirmed_tradie")
    tell(booking, *kinds, now=now, asked_for=asked_for)


def tell_requested(booking: Booking, *, now: datetime, asked_for: bool = False) -> None:
    """The customer: it was asked. The tradie: please answer."""
    tell(booking, "booking_requested", "booking_requested_tradie", now=now, asked_for=asked_for)


def tell_declined(booking: Booking, *, now: datetime) -> None:
    tell(booking, "booking_declined", now=now)


def tell_request_lapsed(booking: Booking, *, now: datetime) -> None:
    """Nobody answered in time; nothing was charged."""
    tell(booking, "request_lapsed", "request_lapsed_tradie", now=now)


def tell_card_refused(booking: Booking, *, now: datetime) -> None:
    """What a card held for a request could not be taken: there is no booking, and nothing was charged."""
    tell(booking, "card_refused", "card_refused_tradie", now=now)


def tell_moved(booking: Booking, *, now: datetime, asked_for: bool = False, customer: bool = True) -> None:
    """The new time, to both or to the business alone; the calendar entry moves too. Call it once `sequence` was raised.

    Of two moves in a row only the second is told, if the first has not gone out.
    """
    kinds = ("booking_moved", "booking_moved_tradie") if customer else ("booking_moved_tradie",)
    tell(booking, *kinds, now=now, asked_for=asked_for, replacing=kinds)


def tell_series(booking: Booking, *, how_often: str, now: datetime) -> None:
    """The customer, once for all: from this booking on there are regular visits. Of two in a row only the second is
    told, if the first has not gone out."""
    kind, facts = "series_told", {"how_often": how_often}
    tell(booking, kind, now=now, facts=facts, occasion=f"{now:%Y%m%dT%H%M%S.%f}", replacing=(kind,))


def tell_handed_over(booking: Booking, *, now: datetime) -> None:
    """Somebody else comes at the same time. By mail only: nobody has to do anything about it. Of two in a row only the
    second is told, if the first has not gone out."""
    kind = "booking_handed_over"
    tell(booking, kind, now=now, occasion=f"{now:%Y%m%dT%H%M%S.%f}", replacing=(kind,))


def tell_late(booking: Booking, *, now: datetime) -> None:
    """When to expect them, be it later or on time again. Of two in a row only the last is told, if the first has not
    gone out."""
    kind = "running_late" if booking.late_minutes else "on_time"
    facts = {"late_minutes": booking.late_minutes}
    occasion, both = f"{now:%Y%m%dT%H%M%S.%f}", ("running_late", "on_time")
    tell(booking, kind, now=now, facts=facts, occasion=occasion, replacing=both)


def tell_on_my_way(booking: Booking, *, now: datetime) -> None:
    """Somebody has set out: to the customer, and to whoever is home instead."""
    tell(booking, "on_my_way", "on_my_way_site", now=now)


def tell_asked_to_move(booking: Booking, *, reason: str, answer_by: datetime, now: datetime) -> None:
    """The customer: the business can't make that time; these are kept for you, or choose another, or have all back."""
    facts = {"reason": reason, "answer_by": answer_by.isoformat()}
    occasion = f"{now:%Y%m%dT%H%M%S.%f}"
    tell(booking, "asked_to_move", now=now, facts=facts, occasion=occasion, replacing=("time_kept",))


def tell_time_kept(booking: Booking, *, now: datetime) -> None:
    """The customer: the business can make it after all."""
    occasion = f"{now:%Y%m%dT%H%M%S.%f}"
    tell(booking, "time_kept", now=now, occasion=occasion, replacing=("asked_to_move",))


def tell_silent(booking: Booking, *, move_id: object, silent: int, now: datetime) -> None:
    """The tradie, once for a day that moves: so many customers, of whom this is the first, didn't answer."""
    facts = {"move": str(move_id), "silent": silent}
    tell(booking, "day_move_silent_tradie", now=now, facts=facts, occasion=move_id)


def tell_cancelled(
    booking: Booking, outcome: Outcome, *, actor: Actor, now: datetime, let_go_cents: int = 0
) -> None:
    """The customer, with exactly what comes back and why; the tradie, unless it was they who cancelled.

    `let_go_cents`: what their card was holding and holds no more."""
    facts = {
        "refund_cents": outcome.refund_cents,
        "let_go_cents": let_go_cents,
        "kept_cents": outcome.kept_cents,
        "outcome": outcome.sentence,
    }
    if actor == Actor.TRADIE:
        tell(booking, "booking_cancelled_by_tradie", now=now, facts=facts)
    else:
        tell(booking, "booking_cancelled", "booking_cancelled_tradie", now=now, facts=facts)


def tell_lost(booking: Booking, *, refund_cents: int, now: datetime) -> None:
    """Paid too late and the time is gone: everything goes back, and there is a link to choose again."""
    tell(booking, "booking_lost", now=now, facts={"refund_cents": refund_cents})


def tell_refund_requested(
    booking: Booking, *, amount_cents: int, note: str, now: datetime, refund_id: object
) -> None:
    """Money is about to go back, and why, in the tradie's words. Most is sent within seconds: then that mail says it
    all, and this one, which waits for a minute, is not needed."""
    facts, later = {"refund_cents": amount_cents, "note": note}, now + ONE_MAIL_WITHIN
    tell(booking, "refund_requested", now=now, facts=facts, occasion=refund_id, due_at=later)


def tell_refund_sent(booking: Booking, *, amount_cents: int, now: datetime, refund_id: object = "") -> None:
    """`refund_id` tells two refunds of one booking apart."""
    asked = call_off(booking, "refund_requested", refund_id, now=now)
    facts = {"refund_cents": amount_cents, "note": asked.facts["note"] if asked else ""}
    tell(booking, "refund_sent", now=now, facts=facts, occasion=refund_id)


def tell_refund_failed(booking: Booking, *, amount_cents: int, now: datetime, refund_id: object = "") -> None:
    call_off(booking, "refund_requested", refund_id, now=now)
    facts = {"refund_cents": amount_cents}
    tell(booking, "refund_failed", "refund_failed_tradie", now=now, facts=facts, occasion=refund_id)


def tell_balance_too_low(booking: Booking, *, amount_cents: int, now: datetime, refund_id: object) -> None:
    """The tradie must add funds at Stripe, or the customer gets nothing."""
    facts = {"refund_cents": amount_cents}
    tell(booking, "balance_too_low_tradie", now=now, facts=facts, occasion=refund_id)


def tell_refund_out_of_reach(
    booking: Booking, *, amount_cents: int, now: datetime, refund_id: object
) -> None:
    """The tradie must send it themselves: the Stripe account is theirs, and we see nothing of it any more."""
    facts = {"refund_cents": amount_cents}
    tell(booking, "refund_out_of_reach_tradie", now=now, facts=facts, occasion=refund_id)


def tell_call_wanted(booking: Booking, *, best_time: str, words: str, now: datetime) -> None:
    """The tradie: please call, and when it suits. By SMS too where there is a job: strangers can't have many."""
    facts = {"best_time": best_time, "words": words}
    channels = EVERY_WAY if booking.status in (Status.CONFIRMED, Status.REQUESTED) else (EMAIL, PUSH)
    occasion = f"{now:%Y%m%dT%H%M%S.%f}"
    tell(booking, "call_wanted_tradie", now=now, facts=facts, occasion=occasion, channels=channels)


def tell_text_came(booking: Booking, *, words: str, is_late: bool, seen_as: str, now: datetime) -> None:
    """The tradie: what their customer texted back."""
    tell(booking, "text_came_tradie", now=now, facts={"words": words, "is_late": is_late}, occasion=seen_as)


def tell_text_taken(booking: Booking, *, now: datetime) -> None:
    """The customer, once for each time of a booking: it was passed on, and by which link they do what a text can't."""
    tell(booking, "text_taken", now=now, courtesy=True)


def tell_link(booking: Booking, *, now: datetime) -> None:
    """The customer: the link that opens their booking from now on. Raises CallInstead when their mails of the day are
    used up."""
    tell(booking, LINK, now=now, occasion=f"{now:%Y%m%dT%H%M%S.%f}", asked_for=True)


def tell_reminder(booking: Booking, reminder: Reminder, *, now: datetime) -> None:
    """The customer, once for each time that the booking has had. A mail where no SMS can go."""
    number = recipient_of(booking, CUSTOMER, SMS)
    channels = reminder.channels if number and not opt_outs.texts_stopped(number) else (EMAIL,)
    facts = {"starts_at": booking.starts_at.isoformat()}
    occasion = f"{booking.starts_at.astimezone(UTC):%Y%m%dT%H%M}"
    tell(booking, reminder.kind, now=now, facts=facts, occasion=occasion, channels=channels, courtesy=True)


def context_for(message: Message, *, now: datetime) -> dict[str, Any]:
    """What the message's templates need, as of now. Raises NoLongerApplies when it would tell something untrue."""
    story = task_memory.once(("booking", message.about), lambda: _story_of(message.about, now))
    booking, kind = story.booking, KINDS[message.kind]
    if booking.status not in kind.while_status:
        raise NoLongerApplies(f"The booking is {booking.get_status_display().lower()} now.")
    if kind.before_the_job_ends and over_by(booking) <= now:
        raise NoLongerApplies("The job's time is over.")
    if why := untrue(booking, message, now=now):
        raise NoLongerApplies(why)
    if kind.news:
        news.require_reader(booking, kind.news, message.channel, message.recipient)
    with_calendar_file = kind.with_calendar_file and message.channel == EMAIL
    reminder = REMINDERS.get(message.kind)
    if reminder:
        require_still_due(reminder, booking, message, now=now)
    context = context_of(story, message, with_calendar_file=with_calendar_file)
    context |= more_of(booking, message, context["manage_url"], now=now)
    context["is_urgent"] = kind.news in (News.ASKED, News.CALL)
    if reminder:
        context |= said_besides(booking, message, context)
    if message.kind == REVIEW:
        context |= review_context(booking, message, now=now)
    return context


def _story_of(booking_id: uuid.UUID, now: datetime) -> Story:
    (booking,) = _whole(id=booking_id)
    return story_of(booking, now=now)


_whole = WrittenOnce(
    lambda: (
        with_what_is_left(with_is_of_several(Booking.objects.select_related("tradie", "calendar")))
        .filter(pk=Given("id"))
        .order_by()
    )
)


for _name, _kind in KINDS.items():
    kinds.register(_name, channels=_kind.channels, context_for=context_for, is_reminder=_name in UNASKED)
