"""Times, lengths and amounts as other programs and people write them in tables. What can't be read raises ValueError
with a sentence."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from .forms import DollarsField
from .local_time import is_on_the_clock, zone
from .phone import PhoneField

# Day before month, as Australians write it.
DAYS: tuple[str, ...] = (
    "%d/%m/%Y",
    "%d/%m/%y",
    "%d-%m-%Y",
    "%d.%m.%Y",
    "%d %b %Y",
    "%d %B %Y",
    "%d-%b-%Y",
    "%d-%b-%y",
    "%b %d %Y",
)
DAYS += ("%B %d %Y", "%Y/%m/%d", "%Y%m%d")
TIMES = ("%I:%M %p", "%I %p", "%H:%M", "%H:%M:%S", "%I:%M:%S %p", "%H%M")
WEEKDAY = re.compile(r"^(mon|tue|wed|thu|fri|sat|sun)[a-z]*[,.]?\s+", re.IGNORECASE)
BESIDE = re.compile(r"(?<=[0-9])(st|nd|rd|th)\b", re.IGNORECASE)
HALF = re.compile(r"\s*([ap])\.?m\.?$", re.IGNORECASE)
DAY_AND_TIME = re.compile(
    r"(?P<day>.*?[0-9]{4}|[^ ]+)[ ,T]+(?:at )?(?P<time>[0-9]{1,2}([:.][0-9]{2}){0,2} ?([ap]\.?m\.?)?)$",
    re.IGNORECASE,
)
HOURS = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*h(?:ou)?rs?|([0-9]+(?:\.[0-9]+)?)\s*h", re.IGNORECASE)
MINUTES = re.compile(r"([0-9]+)\s*m(?:in(?:ute)?s?)?\b", re.IGNORECASE)
SHORT_MOBILE = re.compile(r"4[0-9]{8}")  # a spreadsheet took it for a number and dropped its 0

NO_DAY = "“{text}” isn't a date that we can read. Write it like 14/01/2027."
NO_TIME = "“{text}” isn't a time that we can read. Write it like 8:00 am."
NOT_ON_THE_CLOCK = "The clocks skip that time on that day."
NO_LENGTH = "“{text}” isn't a length that we can read. Write minutes, or 1:30."
NO_AMOUNT = "“{text}” isn't an amount that we can read. Write it like 120 or 82.50."
NO_PHONE = "{text} isn't a phone number."
NO_EMAIL = "{text} isn't an email address."


def phone_in(text: str) -> str:
    """E.164."""
    digits = re.sub(r"[^0-9]", "", text)
    try:
        return PhoneField().clean(f"0{digits}" if SHORT_MOBILE.fullmatch(digits) else text[:30])
    except ValidationError:
        raise ValueError(NO_PHONE.format(text=text[:40])) from None


def email_in(text: str) -> str:
    address = text.removeprefix("mailto:").lower()
    try:
        validate_email(address)
    except ValidationError:
        raise ValueError(NO_EMAIL.format(text=text[:80])) from None
    return address


def cents_in(text: str) -> int:
    amount = re.sub(r"^(from|aud|a\$)\s*|\s*(aud|inc\.? gst)$", "", text, flags=re.IGNORECASE)
    try:
        return DollarsField().clean(amount)
    except ValidationError:
        raise ValueError(NO_AMOUNT.format(text=text[:40])) from None


def minutes_in(text: str) -> int:
    """`90`, `1:30`, `1h 30m`, `1.5 hours`, `01:30:00`."""
    if text.isascii() and text.isdigit() and len(text) < 5:
        return int(text)
    if clock := re.fullmatch(r"([0-9]{1,2}):([0-5][0-9])(:[0-5][0-9])?", text):
        return int(clock[1]) * 60 + int(clock[2])
    hours, minutes = HOURS.search(text), MINUTES.search(text)
    rest = MINUTES.sub("", HOURS.sub("", text)).strip(" ,and")
    if len(text) > 40 or rest or not (hours or minutes):
        raise ValueError(NO_LENGTH.format(text=text[:40]))
    of_hours = round(float(hours[1] or hours[2]) * 60) if hours else 0
    return of_hours + (int(minutes[1]) if minutes else 0)


def is_so(text: str) -> bool:
    return text.casefold() in ("true", "yes", "y", "1", "ja", "x")


def instant_in(text: str, zone_name: str) -> datetime:
    """In UTC. Without an offset of its own it is of the clock in that zone."""
    try:
        found = datetime.fromisoformat(text)
        if len(text) > 10:
            return (
                found.astimezone(UTC)
                if found.tzinfo
                else _of_the_clock(found.date(), found.time(), zone_name)
            )
    except (ValueError, OverflowError):
        pass
    parts = DAY_AND_TIME.fullmatch(text[:60])
    if not parts:
        raise ValueError(NO_TIME.format(text=text[:40]))
    return _of_the_clock(day_in(parts["day"]), time_in(parts["time"]), zone_name)


def instant_of(day: str, at: str, zone_name: str) -> datetime:
    return _of_the_clock(day_in(day), time_in(at), zone_name)


def day_in(text: str) -> date:
    plain = BESIDE.sub("", WEEKDAY.sub("", text[:40].strip(" ,"))).replace(",", " ")
    plain = " ".join(plain.split())
    try:
        return date.fromisoformat(plain[:10] if len(plain) > 10 and plain[10] in "T " else plain)
    except ValueError:
        pass
    for written in DAYS:
        try:
            return datetime.strptime(plain, written).date()  # noqa: DTZ007 (of no zone yet)
        except ValueError:
            continue
    raise ValueError(NO_DAY.format(text=text[:40]))


def time_in(text: str) -> time:
    plain = HALF.sub(
        r" \1m", text[:20].strip().replace(".", ":") if HALF.sub("", text).count(".") else text[:20]
    )
    for written in TIMES:
        try:
            return datetime.strptime(plain.strip(), written).time()  # noqa: DTZ007
        except ValueError:
            continue
    raise ValueError(NO_TIME.format(text=text[:40]))


def _of_the_clock(day: date, at: time, zone_name: str) -> datetime:
    """Of two equal clock times the earlier."""
    if not 1990 < day.year < 2200 or not is_on_the_clock(day, at, zone_name):
        raise ValueError(NOT_ON_THE_CLOCK)
    return datetime.combine(day, at, zone(zone_name)).astimezone(UTC)
