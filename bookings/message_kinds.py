"""The kinds of message there are about a booking: to whom, how, and as long as what is so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from notifications.models import Audience, Channel, News

from .models import Status
from .reminder_rules import REMINDERS

CUSTOMER, TRADIE = Audience.CUSTOMER, Audience.TRADIE
EMAIL, SMS, PUSH = Channel.EMAIL, Channel.SMS, Channel.PUSH
EVERY_WAY = (EMAIL, SMS, PUSH)
ANY_STATUS = tuple(Status)
LINK = "booking_link"
REVIEW = "review_invited"
# Like reminders they need nobody to know anything: whoever wants no reminders of a business gets none of these either.
UNASKED = (*REMINDERS, REVIEW)
# The customer wanted that job, and got no time: the mail has the nearest free ones.
OFFERS_OTHER_TIMES = ("booking_lost", "booking_declined", "request_lapsed", "card_refused")
ONE_MAIL_WITHIN = timedelta(minutes=1)
UNDONE_WITHIN = timedelta(minutes=2)


@dataclass(frozen=True)
class Kind:
    """`while_status`: it is not sent once the booking has become something else."""

    audience: Audience
    channels: tuple[Channel, ...]
    while_status: tuple[Status, ...]
    before_the_job_ends: bool = False
    with_calendar_file: bool = False  # customers only: it carries their manage link
    on_site: bool = False  # to whoever is home instead of the customer: nothing in it opens the booking
    news: News | None = None  # whoever of the business wants to hear of it; else its own address does


KINDS: dict[str, Kind] = {
    "booking_confirmed": Kind(CUSTOMER, (EMAIL, SMS), (Status.CONFIRMED,), True, True),
    "booking_confirmed_tradie": Kind(TRADIE, EVERY_WAY, (Status.CONFIRMED,), True, news=News.BOOKED),
    "deposit_asked": Kind(CUSTOMER, (EMAIL, SMS), (Status.PENDING,), True),
    "waitlist_offer": Kind(CUSTOMER, (EMAIL, SMS), (Status.PENDING,), True),
    "deposit_lapsed_tradie": Kind(TRADIE, (EMAIL,), (Status.EXPIRED,)),
    "booking_requested": Kind(CUSTOMER, (EMAIL,), (Status.REQUESTED,), True),
    "booking_requested_tradie": Kind(TRADIE, EVERY_WAY, (Status.REQUESTED,), True, news=News.ASKED),
    "booking_declined": Kind(CUSTOMER, (EMAIL, SMS), (Status.DECLINED,)),
    "request_lapsed": Kind(CUSTOMER, (EMAIL, SMS), (Status.DECLINED,)),
    "request_lapsed_tradie": Kind(TRADIE, (EMAIL,), (Status.DECLINED,), news=News.ASKED),
    "card_refused": Kind(CUSTOMER, (EMAIL, SMS), (Status.DECLINED,)),
    "card_refused_tradie": Kind(TRADIE, (EMAIL,), (Status.DECLINED,)),
    "booking_moved": Kind(CUSTOMER, (EMAIL, SMS), (Status.CONFIRMED,), True, True),
    "booking_moved_tradie": Kind(TRADIE, EVERY_WAY, (Status.CONFIRMED,), True, news=News.MOVED),
    "booking_handed_over": Kind(CUSTOMER, (EMAIL,), (Status.CONFIRMED, Status.REQUESTED), True),
    "booking_cancelled": Kind(CUSTOMER, (EMAIL,), (Status.CANCELLED,), False, True),
    "booking_cancelled_by_tradie": Kind(CUSTOMER, (EMAIL, SMS), (Status.CANCELLED,), False, True),
    "booking_cancelled_tradie": Kind(TRADIE, EVERY_WAY, (Status.CANCELLED,), news=News.CANCELLED),
    "booking_lost": Kind(CUSTOMER, (EMAIL, SMS), (Status.LOST,)),
    "refund_requested": Kind(CUSTOMER, (EMAIL,), ANY_STATUS),
    "balance_paid": Kind(CUSTOMER, (EMAIL,), ANY_STATUS),
    "balance_paid_tradie": Kind(TRADIE, (EMAIL,), ANY_STATUS),
    "call_wanted_tradie": Kind(TRADIE, EVERY_WAY, ANY_STATUS, news=News.CALL),
    "text_came_tradie": Kind(TRADIE, EVERY_WAY, ANY_STATUS, news=News.CALL),
    "text_taken": Kind(CUSTOMER, (SMS,), (Status.CONFIRMED,), True),
    "asked_to_move": Kind(CUSTOMER, (EMAIL, SMS), (Status.CONFIRMED,)),
    "time_kept": Kind(CUSTOMER, (EMAIL, SMS), (Status.CONFIRMED,), True),
    "day_move_silent_tradie": Kind(TRADIE, (EMAIL,), ANY_STATUS),
    "series_told": Kind(CUSTOMER, (EMAIL, SMS), (Status.PENDING, Status.CONFIRMED), True),
    "running_late": Kind(CUSTOMER, (EMAIL, SMS), (Status.CONFIRMED,), True),
    "on_my_way": Kind(CUSTOMER, (EMAIL, SMS), (Status.CONFIRMED,), True),
    "on_my_way_site": Kind(CUSTOMER, (SMS,), (Status.CONFIRMED,), True, on_site=True),
    "on_time": Kind(CUSTOMER, (EMAIL, SMS), (Status.CONFIRMED,), True),
    LINK: Kind(CUSTOMER, (EMAIL,), ANY_STATUS),
    REVIEW: Kind(CUSTOMER, (EMAIL, SMS), (Status.COMPLETED,)),
    "refund_sent": Kind(CUSTOMER, (EMAIL,), ANY_STATUS),
    "refund_failed": Kind(CUSTOMER, (EMAIL,), ANY_STATUS),
    "refund_failed_tradie": Kind(TRADIE, (EMAIL,), ANY_STATUS),
    "balance_too_low_tradie": Kind(TRADIE, (EMAIL,), ANY_STATUS),
    "refund_out_of_reach_tradie": Kind(TRADIE, (EMAIL,), ANY_STATUS),
    **dict.fromkeys(REMINDERS, Kind(CUSTOMER, (EMAIL, SMS), (Status.CONFIRMED,))),
}
