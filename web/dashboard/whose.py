"""Whose hours, special dates, rules and time off a page is about: of a business with one calendar that needs no
saying."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from accounts.models import Tradie
from availability.models import Calendar


@dataclass(frozen=True)
class Whose:
    """`crew`: those to switch between, this one among them; nobody where there is only one."""

    calendar: Calendar
    crew: Sequence[Calendar]

    @property
    def query(self) -> str:
        """What an address of such a page ends with, so that it stays about the same one."""
        return f"?calendar={self.calendar.pk}" if self.crew else ""

    def back_to(self, url_name: str, *args: Any) -> HttpResponse:
        return redirect(reverse(url_name, args=args) + self.query)

    def says(self, alone: str, of_several: str) -> str:
        """A sentence; the second has a place for the `{name}`."""
        return of_several.format(name=self.calendar.name) if self.crew else alone


def whose_in(request: HttpRequest, tradie: Tradie) -> Whose:
    """The calendar that the address names (`?calendar=ID`), else the first; 404 for one that is not the tradie's. One
    query."""
    everybody = list(tradie.calendars.all())
    named = request.GET.get("calendar", "")
    if not named:
        return _among(everybody, next(calendar for calendar in everybody if calendar.is_active))
    try:
        return _among(everybody, next(calendar for calendar in everybody if calendar.pk == UUID(named)))
    except (ValueError, StopIteration):
        raise Http404 from None


def whose_is(calendar: Calendar) -> Whose:
    """The same, for a page about something that belongs to one. One query."""
    return _among(list(calendar.tradie.calendars.all()), calendar)


def _among(everybody: Sequence[Calendar], chosen: Calendar) -> Whose:
    """One that has stopped is there to switch to only while it is looked at."""
    crew = [calendar for calendar in everybody if calendar.is_active or calendar == chosen]
    return Whose(chosen, crew if len(crew) > 1 else [])
