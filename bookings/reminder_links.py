"""The link under a reminder that ends them. It opens nothing else: programs press it without a look at the page, and
hand it to servers of theirs (RFC 8058)."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac

from notifications import opt_outs
from peepopay.derived_tokens import as_token, secret_keys
from peepopay.lookups import only

from .models import Booking

PURPOSE = "bookings.reminders"


def reminders_url(booking: Booking) -> str:
    """Where reminders of the business that has this booking are stopped, and asked for again."""
    return settings.SITE_URL + reverse("reminders", args=[booking.pk, _keys(booking.pk)[0]])


def find_by_key(booking_id: uuid.UUID, key: str) -> Booking | None:
    """The booking whose link this is, with its tradie, or None."""
    if not any(constant_time_compare(key, right) for right in _keys(booking_id)):
        return None
    return only(Booking.objects.select_related("tradie").filter(pk=booking_id))


def are_wanted(booking: Booking) -> bool:
    return opt_outs.wants_reminders(
        booking.tradie_id, email=booking.customer_email, phone=booking.customer_phone
    )


def stop(booking: Booking, *, now: datetime) -> None:
    """For whoever the booking is for, of this business: no mail and no SMS that only reminds."""
    opt_outs.stop_reminders(
        booking.tradie_id, email=booking.customer_email, phone=booking.customer_phone, now=now
    )


def start(booking: Booking, *, now: datetime) -> None:
    opt_outs.start_reminders(
        booking.tradie_id, email=booking.customer_email, phone=booking.customer_phone, now=now
    )


def _keys(booking_id: uuid.UUID) -> list[str]:
    """As made with the key of today, then with older ones."""
    return [
        as_token(salted_hmac(PURPOSE, str(booking_id), secret=secret, algorithm="sha256").digest())
        for secret in secret_keys()
    ]
