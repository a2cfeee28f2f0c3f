"""Every customer is asked once for a review of a job that is done, whatever happened: nobody is asked first how it was.

Nothing is asked where the business has named no page for it.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from notifications.kinds import NoLongerApplies, NotYet
from notifications.models import Message
from notifications.sending_rules import settings_of
from peepopay import outbox

from .message_kinds import CUSTOMER, EMAIL, REVIEW, SMS
from .models import Booking
from .reminder_links import reminders_url
from .reminder_rules import morning_after
from .telling import recipient_of, tell

AFTER = timedelta(hours=24)


def invite_to_review(booking: Booking, *, now: datetime) -> None:
    """A day later, by day: by mail, else by SMS. Of a job that is undone and done again one, unless it went out."""
    chosen = settings_of(booking.tradie)
    channel = EMAIL if recipient_of(booking, CUSTOMER, EMAIL) else SMS
    # Nobody can reply STOP to a name.
    if not chosen.review_url or (channel == SMS and chosen.sender_name):
        return
    due = now + AFTER
    tell(
        booking,
        REVIEW,
        now=now,
        occasion="once",
        courtesy=True,
        due_at=morning_after(due, booking.tradie.timezone) or due,
        channels=(channel,),
    )


def take_back_invitation(booking: Booking) -> None:
    """The job is still to be done. One that somebody has begun to send stays, and is looked at then."""
    waiting = outbox.open_rows(Message).filter(about=booking.pk, kind=REVIEW, attempts=0)
    waiting.filter(running_since=None).delete()


def review_context(booking: Booking, message: Message, *, now: datetime) -> dict[str, str]:
    """What only an invitation says. Raises NoLongerApplies, or NotYet at night."""
    url = settings_of(booking.tradie).review_url or message.facts.get("example_url")
    if not url:
        raise NoLongerApplies("The business asks for no reviews any more.")
    if morning := morning_after(now, booking.tradie.timezone):
        raise NotYet(morning)
    return {"review_url": url} | (
        {"unsubscribe_url": reminders_url(booking)} if message.channel == EMAIL else {}
    )
