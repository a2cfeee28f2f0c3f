"""What customers see of a month, on the pages that decide it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.http import HttpRequest
from django.utils.http import urlencode

from accounts.models import Service, Tradie
from bookings.open_slots import Wish
from bookings.terms import terms_of
from web.customer.month import Month
from web.customer.times import choice_of_times


@dataclass(frozen=True)
class Preview:
    """A month of a service, of everybody who can do it. `before`, `after`: the addresses of the months beside it."""

    services: Sequence[Service]
    service: Service
    month: Month
    before: str
    after: str


def preview_of(request: HttpRequest, tradie: Tradie, now: datetime) -> Preview | None:
    """`?service=ID&month=2027-01`; anything odd is the first service, and the first month with a free time. None:
    nothing is on offer."""
    services = list(tradie.services.filter(is_active=True))
    if not services:
        return None
    service = next((one for one in services if str(one.pk) == request.GET.get("service")), services[0])
    wish = Wish(tradie, service.pk, terms_of(service).job, now)
    month = choice_of_times(request.GET, wish, now, near=now)["month"]
    beside = [_address(request, service, other) for other in (month.before, month.after)]
    return Preview(services, service, month, *beside)


def _address(request: HttpRequest, service: Service, first: date | None) -> str:
    if first is None:
        return ""
    whose = {"calendar": request.GET["calendar"]} if "calendar" in request.GET else {}
    return "?" + urlencode({**whose, "service": str(service.pk), "month": f"{first:%Y-%m}"})
