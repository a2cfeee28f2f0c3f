"""What templates say of a booking in a list."""

from __future__ import annotations

from datetime import date, datetime

from django import template

from bookings.models import Booking
from peepopay.local_time import heading_of
from web.dashboard import badges

register = template.Library()

register.filter("paid_cents", badges.paid_cents)


@register.simple_tag
def badges_of(booking: Booking, now: datetime, zone_name: str) -> list[badges.Badge]:
    return badges.badges_of(booking, now, zone_name)


@register.filter
def heading(day: date, today: date) -> str:
    return heading_of(day, today)
