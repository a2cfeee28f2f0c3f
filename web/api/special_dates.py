"""GET /api/special-dates, PUT and DELETE /api/special-dates/:day: dates with other hours than their weekday's."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import Any

from django.db.models import Q
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.key_models import Scope
from accounts.roles import May
from availability import hours
from availability.models import Calendar, DateException
from availability.wall_clock import Span
from peepopay.api import validated
from peepopay.api_schema import errors
from peepopay.errors import Forbidden, MalformedRequest, NotFound, Unauthorized, ValidationFailed
from peepopay.local_time import in_zone
from peepopay.pages import page_of

from .bases import TradieAPI, body_of, calendar_asked_for
from .fields import AnyTextField, IdField
from .job_inputs import DAY, DayField, PageQuery
from .working_hours import ClockField, clock, minute

ITS_DAY = OpenApiParameter(
    "day",
    {"type": "string", "format": "date", "pattern": DAY},
    OpenApiParameter.PATH,
    description="Such as `2027-01-26`.",
)
NOT_LATER = "End later than you start."


class OpenInput(serializers.Serializer[Any]):
    opens = ClockField(help_text="On the clock of the business.")
    closes = ClockField(help_text="Later than `opens`.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if minute(attrs["opens"]) >= minute(attrs["closes"]):
            raise serializers.ValidationError({"closes": [NOT_LATER]})
        return attrs


class DateInput(serializers.Serializer[Any]):
    hours = serializers.ListField(
        child=OpenInput(),
        max_length=hours.MOST_RANGES,
        error_messages={"max_length": hours.TOO_MANY},
        help_text="Instead of those of its weekday; none: closed. Those that touch or overlap become one.",
    )
    reason = AnyTextField(max_length=120, required=False, default="")
    calendar = IdField(required=False, help_text="Whose; without it, of the first that takes bookings.")


class OpenSerializer(serializers.Serializer[Any]):
    opens = serializers.CharField()
    closes = serializers.CharField()


class DateSerializer(serializers.Serializer[Any]):
    calendar = serializers.UUIDField()
    date = serializers.DateField()
    hours = OpenSerializer(many=True, help_text="None: closed.")
    reason = serializers.CharField(help_text="Only people of the business see it.")


class DatesSerializer(serializers.Serializer[Any]):
    special_dates = DateSerializer(many=True)
    page = serializers.IntegerField()
    next_page = serializers.IntegerField(allow_null=True, help_text="null: there are no more.")


class WhoseQuery(serializers.Serializer[Any]):
    calendar = IdField(required=False, help_text="Whose; without it, of the first that takes bookings.")


class DatesQuery(PageQuery):
    calendar = IdField(required=False, help_text="Whose; without it, everybody's.")


def _answer(calendar_id: Any, day: date, rows: list[DateException]) -> dict[str, Any]:
    spans = [
        (row.opens_minute, row.closes_minute)
        for row in rows
        if row.opens_minute is not None and row.closes_minute is not None
    ]
    return {
        "calendar": str(calendar_id),
        "date": day.isoformat(),
        "hours": [{"opens": clock(opens), "closes": clock(closes)} for opens, closes in spans],
        "reason": rows[0].reason,
    }


def _asked(query: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    given = {name: value for name, value in request.query_params.items() if value}
    return validated(query, given)


class SpecialDates(TradieAPI):
    may = May.HOURS
    scopes = {"get": Scope.HOURS_READ}

    @extend_schema(
        operation_id="special_dates",
        summary="The dates ahead with other hours than usual",
        parameters=[DatesQuery],
        responses={200: DatesSerializer, **errors(ValidationFailed, Unauthorized, Forbidden)},
    )
    def get(self, request: Request) -> Response:
        """From today on, 25 to a page. Public holidays are none, unless they have hours of their own."""
        asked, tradie = _asked(DatesQuery, request), self.member.tradie
        today = in_zone(timezone.now(), tradie.timezone).date()
        rows = DateException.objects.filter(calendar__tradie=tradie, date__gte=today)
        if asked.get("calendar"):
            rows = rows.filter(calendar=calendar_asked_for(self.member, asked["calendar"]))
        days = rows.order_by("date", "calendar__position", "calendar").values_list("date", "calendar")
        page = page_of(days.distinct(), str(asked.get("page", 1)))
        found: dict[tuple[date, Any], list[DateException]] = defaultdict(list)
        on_page = Q(pk=None)
        for day, calendar_id in page.items:
            on_page |= Q(date=day, calendar=calendar_id)
        for row in rows.filter(on_page).order_by("opens_minute"):
            found[row.date, row.calendar_id].append(row)
        told = [_answer(calendar_id, day, found[day, calendar_id]) for day, calendar_id, *_ in page.items]
        return Response({"special_dates": told, "page": page.number, "next_page": page.next_number})


class OneSpecialDate(TradieAPI):
    may = May.HOURS
    scopes = {"put": Scope.HOURS_CHANGE, "delete": Scope.HOURS_CHANGE}

    @extend_schema(
        operation_id="set_special_date",
        summary="Close a date, or give it other hours",
        parameters=[ITS_DAY],
        request=DateInput,
        responses={
            200: DateSerializer,
            **errors(ValidationFailed, MalformedRequest, Unauthorized, Forbidden, NotFound),
        },
    )
    def put(self, request: Request, day: str) -> Response:
        """These hours and no others; sent twice it is the same. What is booked stays booked."""
        on, sent = _day(day), validated(DateInput, body_of(request))
        calendar = calendar_asked_for(self.member, sent.get("calendar"))
        spans: list[Span] = [(minute(one["opens"]), minute(one["closes"])) for one in sent["hours"]]
        hours.replace_date(calendar, on, spans, reason=sent["reason"])
        return Response(_answer(calendar.pk, on, list(calendar.date_exceptions.filter(date=on))))

    @extend_schema(
        operation_id="clear_special_date",
        summary="Give a date its usual hours again",
        parameters=[ITS_DAY, WhoseQuery],
        responses={204: None, **errors(ValidationFailed, Unauthorized, Forbidden, NotFound)},
    )
    def delete(self, request: Request, day: str) -> Response:
        """404 where it has no others."""
        calendar: Calendar = calendar_asked_for(self.member, _asked(WhoseQuery, request).get("calendar"))
        if not hours.clear_date(calendar, _day(day)):
            raise NotFound
        return Response(status=204)


def _day(written: str) -> date:
    """Raises NotFound for what is no date."""
    try:
        day: date = DayField().run_validation(written)
    except serializers.ValidationError:
        raise NotFound from None
    return day
