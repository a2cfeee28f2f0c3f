"""What a customer can do next about a booking, whatever became of it: never a dead end."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.urls import reverse

from bookings.booking_again import other_times, widget_link
from bookings.calendar_links import google_link, outlook_link
from bookings.models import HELD, Booking, Status
from bookings.new_links import may_have_new_link
from bookings.priority import may_rebook_until, rebooked
from bookings.tokens import token_of
from invoicing.quote_models import Quote
from invoicing.quote_tokens import link_of
from payments.models import UNSETTLED

CAME_TO_NOTHING = (Status.EXPIRED, Status.LOST, Status.DECLINED)


def what_next(booking: Booking, *, now: datetime) -> dict[str, Any]:
    """`pay_url`: where a held time can still be paid; `other_times`: [(when, link)], nearest to one that was lost;
    `payment_is_open`: whether Stripe may yet tell of a payment for it; links to calendars of what is certain."""
    quote = Quote.objects.filter(pk=booking.quote_id, erased_at=None).first() if booking.quote_id else None
    book_url = link_of(quote) if quote else widget_link(booking)
    times_up = booking.status in HELD and not _may_pay(booking, now)
    steps: dict[str, Any] = {
        "pay_url": widget_link(booking) if _may_pay(booking, now) else "",
        "book_url": book_url if booking.status in CAME_TO_NOTHING else "",
        "payment_is_open": booking.payments.filter(status__in=UNSETTLED).exists(),
        "may_have_new_link": may_have_new_link(booking),
        "other_times": [],
    }
    if booking.status == Status.CANCELLED:
        again = rebooked(booking)
        steps["rebooked_url"] = reverse("manage", args=[token_of(again)]) if again else ""
        steps["rebook_until"] = None if again else may_rebook_until(booking, now)
    if booking.status in CAME_TO_NOTHING or times_up:
        times = other_times(booking, now)
        steps["other_times"] = [(time.starts, widget_link(booking, time.starts)) for time in times]
    if booking.status == Status.CONFIRMED:
        steps |= {"google_url": google_link(booking), "outlook_url": outlook_link(booking)}
    return steps


def _may_pay(booking: Booking, now: datetime) -> bool:
    return booking.status == Status.PENDING and booking.held_until is not None and now < booking.held_until
