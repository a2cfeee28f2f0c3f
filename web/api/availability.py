"""GET /api/availability/:slug: the free times of a day or a month."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, cast
from uuid import UUID

from django.http import HttpResponse
from django.utils.cache import get_conditional_response
from drf_spectacular.utils import OpenApiParameter, PolymorphicProxySerializer, extend_schema
from prometheus_client import Counter
from rest_framework import serializers
from rest_framework.request import Request

from availability import asked_places, slot_cache
from availability.slot_cache import Answer
from bookings.open_slots import list_times
from peepopay.api_outputs import SlotSerializer
from peepopay.api_schema import errors
from peepopay.client_address import address_hash
from peepopay.derived_tokens import hash_of
from peepopay.errors import NotFound, OutsideServiceArea, ValidationFailed
from peepopay.throttling import PublicReads

from .availability_query import FORMS, MINUTES, Query, query_in
from .bases import PublicAPI

# To be asked again each time: the next answer shows what changed.
FRESHNESS = {"Cache-Control": "no-cache"}

# "own": as one customer alone sees it, and so never stored.
ANSWERS = Counter("peepopay_slot_cache_answers", "Lists of free times, by where they came from.", ["result"])
for _result in ("hit", "miss", "own"):
    ANSWERS.labels(_result)

EITHER = "Send exactly one of `date` and `month`."


def _text(pattern: str, form: str = "") -> dict[str, str]:
    return {"type": "string", "pattern": pattern} | ({"format": form} if form else {})


class DaySerializer(serializers.Serializer[Any]):
    date = serializers.DateField()
    timezone = serializers.CharField(help_text="IANA name of the tradie's zone.")
    service = serializers.UUIDField(allow_null=True)
    slots = SlotSerializer(many=True)
    near = serializers.BooleanField(required=False, help_text="As of a month.")


class DayOfMonthSerializer(serializers.Serializer[Any]):
    date = serializers.DateField()
    slots = serializers.IntegerField(help_text="How many times are free.")
    starts = serializers.ListField(child=serializers.DateTimeField())


class MonthSerializer(serializers.Serializer[Any]):
    month = serializers.RegexField(r"^\d{4}-\d{2}$")
    timezone = serializers.CharField()
    service = serializers.UUIDField(allow_null=True)
    days = DayOfMonthSerializer(many=True)
    near = serializers.ListField(
        child=serializers.DateField(),
        required=False,
        help_text="The dates with free times on which the business is near that postcode anyway; absent where it"
        " doesn't say, or without a postcode.",
    )
    first_free = serializers.DateField(
        allow_null=True, help_text="The first date with a free time from this month on, up to the horizon."
    )


class StretchSerializer(serializers.Serializer[Any]):
    offset = serializers.RegexField(r"^[+-]\d{2}:\d{2}$", help_text="From UTC, of all its times.")
    zone = serializers.CharField(help_text="Its short name: `AEDT`; `GMT+10:30` where it has none.")
    days = serializers.DictField(
        child=serializers.ListField(child=serializers.IntegerField(min_value=0, max_value=1439)),
        help_text="Date -> the minutes of that local day at which a time is free; dates without any are left out.",
    )


class MonthInMinutesSerializer(serializers.Serializer[Any]):
    month = serializers.RegexField(r"^\d{4}-\d{2}$")
    timezone = serializers.CharField()
    service = serializers.UUIDField(allow_null=True)
    stretches = StretchSerializer(
        many=True, help_text="In order; more than one only where the clocks change in that month."
    )
    near = serializers.ListField(
        child=serializers.DateField(), required=False, help_text="As of a month in times."
    )
    first_free = serializers.DateField(allow_null=True, help_text="As of a month in times.")


class Availability(PublicAPI):
    """The free times of a service, on a date or in a month. Times carry the tradie's UTC offset."""

    throttle_classes = [PublicReads]

    @extend_schema(
        operation_id="availability",
        summary="The free times of a day, or of a month",
        parameters=[
            OpenApiParameter("date", _text(FORMS["date"].pattern, "date"), description=f"A day. {EITHER}"),
            OpenApiParameter("month", _text(FORMS["month"].pattern), description=f"A whole month. {EITHER}"),
            OpenApiParameter(
                "times",
                enum=[MINUTES],
                description="Of a month: in a quarter of the bytes, as minutes of each day.",
            ),
            OpenApiParameter("service", UUID, description="Its id; the tradie's first service without."),
            OpenApiParameter(
                "calendar",
                UUID,
                description="Who is to come, where customers may choose; without it, any who can do it.",
            ),
            OpenApiParameter(
                "postcode",
                str,
                description="Where the job is: the times are those at which it is gone to. What is no postcode counts"
                " as none.",
            ),
            OpenApiParameter(
                "hold",
                str,
                description="A booking's token: its own time counts as free. An unknown one counts as none.",
            ),
        ],
        responses={
            200: PolymorphicProxySerializer(
                component_name="Availability",
                serializers=[DaySerializer, MonthSerializer, MonthInMinutesSerializer],
                resource_type_field_name=None,
            ),
            304: None,
            **errors(ValidationFailed, NotFound, OutsideServiceArea),
        },
    )
    def get(self, request: Request, slug: str) -> HttpResponse:
        # Stored answers are given by `fast_path.CachedAvailability`: what comes here has to be computed.
        query = query_in(request.META.get("QUERY_STRING", ""))
        answer = _computed(slug, query, address_hash(request._request))
        response = HttpResponse(answer.body, content_type="application/json", headers=FRESHNESS)
        response["ETag"] = answer.etag
        return cast(HttpResponse, get_conditional_response(request, etag=answer.etag, response=response))


def answer_to(slug: str, query: Query, asked_from: str = "") -> Answer:
    """The stored answer, or one computed now, of a question that is nobody's own. Raises NotFound, ValidationFailed,
    OutsideServiceArea."""
    stored = slot_cache.read(slug, query.key)
    if stored:
        ANSWERS.labels("hit").inc()
    return stored or _computed(slug, query, asked_from)


def _computed(slug: str, query: Query, asked_from: str) -> Answer:
    now = datetime.now(UTC)
    hold_hash = hash_of(query.hold) if query.hold else ""
    listing, version = list_times(
        slug,
        query.service_id,
        query.first,
        now,
        whole_month=query.is_month,
        in_minutes=query.in_minutes,
        calendar_id=query.calendar_id,
        hold_hash=hold_hash,
        postcode=query.postcode,
        may_ask=lambda: asked_places.may_ask(slug, query.postcode, asked_from),
    )
    ANSWERS.labels("own" if query.is_personal else "miss").inc()
    answer = Answer.of(listing.body)
    if listing.is_worth_keeping and not query.is_personal:
        slot_cache.store(slug, query.key, version, answer, listing.good_until)
    return answer
