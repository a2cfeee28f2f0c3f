"""What templates need to say times, money and addresses the way people read them."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django import template
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from peepopay import local_time, money
from peepopay.phone import as_written

register = template.Library()

register.filter("dollars", money.dollars)
register.filter("dollars_and_cents", money.dollars_and_cents)
register.filter("clock", local_time.clock)
register.filter("day", local_time.day)
register.filter("short_day", local_time.short_day)
register.filter("moment", local_time.moment)
register.filter("zone_label", local_time.zone_label)
register.filter("phone", as_written)


@register.filter
def arrival(booking: Any, zone_name: str) -> str:
    """`8:00 am`, or the window that was promised."""
    return local_time.arrival(booking.starts_at, booking.arrival_window_minutes, zone_name)


@register.filter
def arrival_moment(booking: Any, zone_name: str) -> str:
    return local_time.arrival_moment(booking.starts_at, booking.arrival_window_minutes, zone_name)


@register.filter
def window_end(booking: Any, zone_name: str) -> str:
    """`10:00 am`: until when they may arrive, as booked."""
    ends: datetime = booking.starts_at + timedelta(minutes=booking.arrival_window_minutes)
    return local_time.clock(ends, zone_name)


@register.filter
def arrival_hours(booking: Any, zone_name: str) -> str:
    window = booking.arrival_window_minutes
    return local_time.arrival_hours(booking.starts_at, booking.ends_at, window, zone_name)


@register.filter
def arrival_by(booking: Any, zone_name: str) -> str:
    """When they are expected, as it was told last, for who comes: `8:00 am`, `between 8:20 and 10:20 am`."""
    return local_time.arrival(booking.expected_at, booking.arrival_window_minutes, zone_name)


@register.filter
def arrival_expected(booking: Any, zone_name: str) -> str:
    """As it was told last."""
    return local_time.arrival_expected(booking.expected_at, booking.arrival_window_minutes, zone_name)


@register.simple_tag
def arrival_at(starts: datetime, booking: Any, zone_name: str) -> str:
    """With the day: of another start of the same booking, or of any that keeps a window."""
    return local_time.arrival_moment(starts, booking.arrival_window_minutes, zone_name)


@register.simple_tag
def hours_at(starts: datetime, ends: datetime, booking: Any, zone_name: str) -> str:
    """`8:00 am to 9:00 am`, or the window: of another start of the same booking."""
    return local_time.arrival_hours(starts, ends, booking.arrival_window_minutes, zone_name)


@register.filter
def negated(cents: int) -> int:
    """What goes off, as a sum has it."""
    return -cents


@register.filter
def cell(value: str | int | Decimal) -> str | int:
    """Of a table that is a file too, in which amounts are decimals."""
    return money.dollars_and_cents(int(value * 100)) if isinstance(value, Decimal) else value


@register.filter
def machine_time(instant: datetime, zone_name: str) -> str:
    """For `<time datetime>`."""
    return local_time.iso(instant, zone_name)


@register.filter
def soon(instant: datetime, zone_name: str) -> str:
    """Of a time that is minutes away its clock alone; a time that waits for a day is said with that."""
    return local_time.soon(instant, zone_name, now=timezone.now())


@register.filter
def hours_and_minutes(minutes: int) -> str:
    """`45 min`, `1 h`, `1 h 30 min`."""
    hours, rest = divmod(minutes, 60)
    words = ([f"{hours} h"] if hours else []) + ([f"{rest} min"] if rest or not hours else [])
    return " ".join(words)


@register.filter
def plain_number(number: Decimal) -> str:
    """Without zeros that say nothing: 1.50 is `1.5`, 2.00 is `2`."""
    return f"{number.normalize():f}"


@register.filter
def last_day(until: datetime, zone_name: str) -> str:
    """Of a time that ends with a day: that day."""
    return local_time.short_day(until - timedelta(seconds=1), zone_name)


@register.filter
def minus(cents: int, others: int) -> int:
    return cents - others


@register.filter
def minute_clock(minute: int) -> str:
    """A minute of the day as a clock time: 450 is `7:30 am`, 1440 is `midnight`."""
    if minute in (0, 1440):
        return "midnight"
    hour, rest = divmod(minute, 60)
    return f"{hour % 12 or 12}:{rest:02} {'am' if hour < 12 else 'pm'}"


@register.simple_tag
def from_to(starts: datetime, ends: datetime, zone_name: str) -> str:
    """`Thu 14 Jan` or `Thu 14 Jan to Wed 20 Jan` for whole days, `Thu 14 Jan, 2:00 pm to 3:00 pm` within one."""
    first, last = local_time.in_zone(starts, zone_name), local_time.in_zone(ends, zone_name)
    if first.time() == last.time() == time.min:
        until = local_time.short_day(ends - timedelta(hours=1), zone_name)
        since = local_time.short_day(starts, zone_name)
        return since if since == until else f"{since} to {until}"
    same_day = first.date() == last.date()
    until = local_time.clock(ends, zone_name) if same_day else local_time.moment(ends, zone_name)
    return f"{local_time.moment(starts, zone_name)} to {until}"


@register.filter
def map_link(booking: Any) -> str:
    """Opens the phone's own map at the address of a job."""
    address = f"{booking.address_line1}, {booking.address_suburb} {booking.address_state} {booking.address_postcode}"
    return "https://www.google.com/maps/search/?" + urlencode({"api": 1, "query": address})


@register.simple_tag
def icon(name: str) -> SafeString:
    """A picture beside a word that says the same, and so hidden from screen readers."""
    return format_html(
        '<svg class="icon" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        static("img/icons.svg"),
        name,
    )


@register.inclusion_tag("_nav_link.html", takes_context=True)
def nav_link(
    context: dict[str, Any], url_name: str, label: str, picture: str, wide: bool = False
) -> dict[str, Any]:
    """A link of the main navigation; marked as current on its page and on the pages below it. `wide`: on phones it is
    under "More"."""
    url = reverse(url_name)
    path = context["request"].path
    below = url != reverse("dashboard_today") and path.startswith(f"{url}/")
    current = "page" if path == url else "true" if below else ""
    return {"url": url, "label": label, "picture": picture, "current": current, "wide": wide}
