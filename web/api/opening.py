"""GET /api/tradies/:slug/opening: all that the first screen of the widget needs, in one answer."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import orjson
from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request

from accounts.accent import accents
from accounts.profiles import profile_of
from availability.slot_cache import Answer
from peepopay.api_schema import errors
from peepopay.errors import NotFound
from peepopay.freshness import etag_of, fresh_answer
from peepopay.local_time import in_zone
from peepopay.throttling import PublicReads

from .availability import MonthInMinutesSerializer, answer_to
from .availability_query import MINUTES, read_query
from .bases import PublicAPI
from .tradie_profile import TradieSerializer, profile_answer


class OpeningSerializer(serializers.Serializer[Any]):
    tradie = TradieSerializer(
        help_text="As under `/api/tradies/:slug`, with those services that can be booked now."
    )
    month = MonthInMinutesSerializer(
        allow_null=True,
        help_text="The first month with a free time, of the service asked for or else of the first; this month where"
        " there is none; null where no services are on offer.",
    )


class Opening(PublicAPI):
    throttle_classes = [PublicReads]

    @extend_schema(
        operation_id="opening",
        summary="A tradie, and the first month with a free time",
        parameters=[
            OpenApiParameter("service", str, description="What is none of theirs counts as none."),
            OpenApiParameter(
                "accent",
                str,
                description="`#rrggbb`, for a page that has a colour of its own: `accents` are made of it instead.",
            ),
        ],
        responses={200: OpeningSerializer, 304: None, **errors(NotFound)},
    )
    def get(self, request: Request, slug: str) -> HttpResponse:
        """What `/api/tradies/:slug` and `/api/availability/:slug?month=...&times=minutes` answer, at once."""
        tradie = orjson.loads(profile_of(slug, profile_answer).body)
        tradie["services"] = [service for service in tradie["services"] if service["bookable"]]
        if colour := accent_in(request.query_params.get("accent", "")):
            tradie["accents"] = accents(colour)._asdict()
        service = service_in(tradie, request.query_params.get("service", ""))
        month = (
            first_month(slug, tradie["timezone"], service, now=timezone.now()).body if service else b"null"
        )
        body = b'{"tradie":%b,"month":%b}' % (orjson.dumps(tradie), month)
        return fresh_answer(request, body, etag_of(body), "no-cache")


def accent_in(wanted: str) -> str | None:
    """`#rrggbb` as it is asked for; None where it is anything else."""
    return wanted.lower() if re.fullmatch(r"#[0-9a-fA-F]{6}", wanted) else None


def service_in(tradie: dict[str, Any], wanted: str) -> str | None:
    """The id of the service that is asked for, else of the first."""
    ids = [service["id"] for service in tradie["services"]]
    return wanted if wanted in ids else next(iter(ids), None)


def first_month(slug: str, zone: str, service: str, *, now: datetime) -> Answer:
    """The free times of this month or, where it has none, of the next that has some."""
    this_month = f"{in_zone(now, zone):%Y-%m}"
    answer = _month(slug, this_month, service)
    first_free: str | None = orjson.loads(answer.body)["first_free"]
    return answer if not first_free or first_free[:7] == this_month else _month(slug, first_free[:7], service)


def _month(slug: str, month: str, service: str) -> Answer:
    return answer_to(slug, read_query({"month": month, "service": service, "times": MINUTES}))
