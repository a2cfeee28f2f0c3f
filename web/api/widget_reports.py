"""POST /api/tradies/:slug/widget-report: the booking page tells how it fares."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.sites import LONGEST_SITE
from accounts.widget_models import Seen
from accounts.widget_reports import count, words_of
from bookings.call_backs import who_calls
from peepopay.api import validated
from peepopay.api_schema import errors
from peepopay.errors import MalformedRequest, NotFound, ValidationFailed
from peepopay.throttling import WidgetReports

from .bases import PublicAPI
from .fields import PatternField

AN_HOUR_MS = 3_600_000


class WidgetReportInput(serializers.Serializer[Any]):
    site = PatternField(
        r"[!-~]*",
        "An origin, as a browser says it.",
        max_length=LONGEST_SITE,
        allow_empty=True,
        required=False,
        default="",
        help_text="The origin of the page around it; none where there is none.",
    )
    saw = serializers.ListField(
        child=PatternField(r"[a-z0-9_]+", "A word.", max_length=20),
        max_length=10,
        help_text=f"Each once per visit: {', '.join(f'`{word}`' for word in Seen.values)}. Other words are dropped.",
    )
    load_ms = serializers.IntegerField(
        min_value=0,
        max_value=AN_HOUR_MS,
        required=False,
        default=None,
        help_text="Until a service or a time could be chosen.",
    )


class WidgetReport(PublicAPI):
    throttle_classes = [WidgetReports]

    @extend_schema(
        operation_id="report_widget",
        summary="How the booking page fares at a visitor",
        request=WidgetReportInput,
        responses={204: None, **errors(ValidationFailed, MalformedRequest, NotFound)},
    )
    def post(self, request: Request, slug: str) -> Response:
        """Counted by day and website for the business, and kept 90 days; nothing is kept of the visitor, and no cookie
        is read. What comes too often is answered the same and not counted."""
        told = validated(WidgetReportInput, request.data)
        tradie = who_calls(slug)
        count(tradie, told["site"], words_of(told["saw"], told["load_ms"]), now=timezone.now())
        return Response(status=204)
