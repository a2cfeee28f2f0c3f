"""GET and POST /api/working-hours, PATCH and DELETE /api/working-hours/:id: the ranges of a usual week."""

from __future__ import annotations

import uuid
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.key_models import Scope
from accounts.roles import May
from availability import hours
from availability.crew import MOST_CALENDARS
from availability.models import Calendar, Weekday, WorkingHours
from peepopay.api import validated
from peepopay.api_schema import errors
from peepopay.errors import Forbidden, MalformedRequest, Unauthorized, ValidationFailed

from .bases import TradieAPI, body_of, calendar_asked_for, own, renamed
from .fields import IdField, PatternField

MOST_ROWS = MOST_CALENDARS * len(Weekday) * hours.MOST_RANGES
CLOCK = r"(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)"
NO_CLOCK = "Use a time such as 07:30; 24:00 is the end of the day."
NAMES = {"opens_minute": "opens", "closes_minute": "closes"}
DAYS = {day.label.lower(): day for day in Weekday}


class ClockField(PatternField):
    def __init__(self, **options: Any) -> None:
        super().__init__(CLOCK, NO_CLOCK, **options)


def minute(written: str) -> int:
    return int(written[:2]) * 60 + int(written[3:])


def clock(of_day: int) -> str:
    return f"{of_day // 60:02}:{of_day % 60:02}"


class RangeSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    calendar = serializers.UUIDField()
    weekday = serializers.ChoiceField(list(DAYS))
    opens = ClockField(help_text="On the clock of the business.")
    closes = ClockField()


class CrewSerializer(serializers.Serializer[Calendar]):
    id = serializers.UUIDField()
    name = serializers.CharField()
    is_active = serializers.BooleanField(help_text="Whether it takes bookings.")


class WeekSerializer(serializers.Serializer[Any]):
    calendars = CrewSerializer(many=True, help_text="The people and vans of the business, in order.")
    working_hours = RangeSerializer(many=True)


class RangeInput(serializers.Serializer[Any]):
    weekday = serializers.ChoiceField(list(DAYS))
    opens = ClockField()
    closes = ClockField(help_text="Later than `opens`.")
    calendar = IdField(required=False, help_text="Whose; without it, of the first that takes bookings.")


class RangeChangeInput(serializers.Serializer[Any]):
    weekday = serializers.ChoiceField(list(DAYS), required=False)
    opens = ClockField(required=False)
    closes = ClockField(required=False)


_crew = CrewSerializer()  # once: see peepopay/api_outputs.py


def _answer(row: WorkingHours) -> dict[str, Any]:
    return {
        "id": str(row.pk),
        "calendar": str(row.calendar_id),
        "weekday": Weekday(row.weekday).label.lower(),
        "opens": clock(row.opens_minute),
        "closes": clock(row.closes_minute),
    }


def _save(row: WorkingHours, sent: dict[str, Any]) -> WorkingHours:
    if "weekday" in sent:
        row.weekday = DAYS[sent["weekday"]]
    if "opens" in sent:
        row.opens_minute = minute(sent["opens"])
    if "closes" in sent:
        row.closes_minute = minute(sent["closes"])
    with renamed(NAMES):
        return hours.save_range(row)


class WorkingWeek(TradieAPI):
    may = May.HOURS
    scopes = {"get": Scope.HOURS_READ, "post": Scope.HOURS_CHANGE}

    @extend_schema(
        operation_id="working_hours",
        summary="The working hours of everybody",
        responses={200: WeekSerializer, **errors(Unauthorized, Forbidden)},
    )
    def get(self, request: Request) -> Response:
        """Of a usual week; /api/special-dates has the dates with other hours. A day that is not there is a day off."""
        crew = list(self.member.tradie.calendars.all())
        rows = WorkingHours.objects.filter(calendar__tradie=self.member.tradie)
        ordered = rows.order_by("calendar__position", "calendar", "weekday", "opens_minute")[:MOST_ROWS]
        everybody = [_crew.to_representation(calendar) for calendar in crew]
        return Response({"calendars": everybody, "working_hours": [_answer(row) for row in ordered]})

    @extend_schema(
        operation_id="add_working_hours",
        summary="Add a range to a weekday",
        request=RangeInput,
        responses={
            201: RangeSerializer,
            **errors(ValidationFailed, MalformedRequest, Unauthorized, Forbidden),
        },
    )
    def post(self, request: Request) -> Response:
        """Sent twice it is one. At most six a day, none over another."""
        sent = validated(RangeInput, request.data)
        row = WorkingHours(calendar=calendar_asked_for(self.member, sent.get("calendar")))
        return Response(_answer(_save(row, sent)), status=201)


class OneRange(TradieAPI):
    may = May.HOURS
    scopes = {"patch": Scope.HOURS_CHANGE, "delete": Scope.HOURS_CHANGE}

    @extend_schema(
        operation_id="change_working_hours",
        summary="Change a range",
        request=RangeChangeInput,
        responses={
            200: RangeSerializer,
            **errors(ValidationFailed, MalformedRequest, Unauthorized, Forbidden),
        },
    )
    def patch(self, request: Request, range_id: uuid.UUID) -> Response:
        """What is sent, and nothing else. What is booked stays booked."""
        row = self._own(range_id)
        return Response(_answer(_save(row, validated(RangeChangeInput, body_of(request)))))

    @extend_schema(
        operation_id="remove_working_hours",
        summary="Remove a range",
        responses={204: None, **errors(Unauthorized, Forbidden)},
    )
    def delete(self, request: Request, range_id: uuid.UUID) -> Response:
        """No more bookings in that time. What is booked stays booked."""
        hours.remove_range(self._own(range_id))
        return Response(status=204)

    def _own(self, range_id: uuid.UUID) -> WorkingHours:
        rows = WorkingHours.objects.filter(calendar__tradie=self.member.tradie)
        return own(rows.select_related("calendar"), range_id)
