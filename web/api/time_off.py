"""GET and POST /api/time-off, GET, PATCH and DELETE /api/time-off/:id: when nobody can be booked."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.key_models import Scope
from accounts.roles import May
from availability import time_off as rules
from availability.models import Repeats, TimeOff
from peepopay.api import validated
from peepopay.api_outputs import LocalTimeField
from peepopay.api_schema import errors
from peepopay.errors import (
    Forbidden,
    IdempotencyConflict,
    MalformedRequest,
    Unauthorized,
    ValidationFailed,
)
from peepopay.local_time import in_zone
from peepopay.pages import Page, page_of

from .bases import IDEMPOTENCY_KEY, TradieAPI, body_of, calendar_asked_for, key_of, own, renamed
from .fields import AnyTextField, IdField, InstantField
from .job_inputs import DayField, PageQuery

NAMES = {"starts_at": "start", "ends_at": "end"}


class BlockSerializer(serializers.Serializer[TimeOff]):
    id = serializers.UUIDField()
    calendar = serializers.UUIDField(source="calendar_id")
    start = LocalTimeField()
    end = LocalTimeField()
    repeats = serializers.ChoiceField(Repeats.choices)
    repeat_until = serializers.DateField(allow_null=True)
    reason = serializers.CharField(help_text="Only people of the business see it.")


class BlocksSerializer(serializers.Serializer[Any]):
    time_off = BlockSerializer(many=True)
    page = serializers.IntegerField()
    next_page = serializers.IntegerField(allow_null=True, help_text="null: there are no more.")


class BlockChangeInput(serializers.Serializer[Any]):
    start = InstantField(required=False)
    end = InstantField(required=False, help_text="After `start`, by a year at most.")
    repeats = serializers.ChoiceField(Repeats.choices, required=False)
    repeat_until = DayField(
        required=False, allow_null=True, help_text="The last day on which it starts; null: it goes on."
    )
    reason = AnyTextField(max_length=120, required=False)


class BlockInput(BlockChangeInput):
    start = InstantField()
    end = InstantField(help_text="After `start`, by a year at most.")
    calendar = IdField(required=False, help_text="Whose; without it, of the first that takes bookings.")


class BlocksQuery(PageQuery):
    calendar = IdField(required=False, help_text="Whose; without it, everybody's.")


_block = BlockSerializer()  # once: see peepopay/api_outputs.py


def _answer(block: TimeOff, zone_name: str) -> dict[str, Any]:
    def local(instant: datetime) -> datetime:
        return in_zone(instant, zone_name)

    told = {name: getattr(block, name) for name in ("id", "calendar_id", "repeats", "repeat_until", "reason")}
    return _block.to_representation(
        {**told, "start": local(block.starts_at), "end": local(block.ends_at)}  # type: ignore[arg-type]
    )


def _fill(block: TimeOff, sent: dict[str, Any]) -> TimeOff:
    columns = {"start": "starts_at", "end": "ends_at"}
    for name in sent.keys() - {"calendar"}:
        setattr(block, columns.get(name, name), sent[name])
    return block


class TimesOff(TradieAPI):
    may = May.HOURS
    scopes = {"get": Scope.HOURS_READ, "post": Scope.HOURS_CHANGE}

    @extend_schema(
        operation_id="time_off",
        summary="The time off that is still ahead",
        parameters=[BlocksQuery],
        responses={200: BlocksSerializer, **errors(ValidationFailed, Unauthorized, Forbidden)},
    )
    def get(self, request: Request) -> Response:
        """By its start, 25 to a page: what is over is left out, unless it repeats."""
        asked = validated(BlocksQuery, {name: value for name, value in request.query_params.items() if value})
        rows = rules.still_ahead(TimeOff.objects.filter(calendar__tradie=self.member.tradie), timezone.now())
        if asked.get("calendar"):
            rows = rows.filter(calendar=calendar_asked_for(self.member, asked["calendar"]))
        page: Page = page_of(rows, str(asked.get("page", 1)))
        zone_name = self.member.tradie.timezone
        blocks = [_answer(block, zone_name) for block in page.items]
        return Response({"time_off": blocks, "page": page.number, "next_page": page.next_number})

    @extend_schema(
        operation_id="add_time_off",
        summary="Add time off",
        parameters=[IDEMPOTENCY_KEY],
        request=BlockInput,
        responses={
            201: BlockSerializer,
            **errors(ValidationFailed, MalformedRequest, Unauthorized, Forbidden, IdempotencyConflict),
        },
    )
    def post(self, request: Request) -> Response:
        """Bookings in it stay booked. The same Idempotency-Key gives the same block again."""
        key = key_of(request)
        sent = validated(BlockInput, request.data)
        calendar = calendar_asked_for(self.member, sent.get("calendar"))
        with renamed(NAMES):
            block = rules.save_time_off(calendar, _fill(TimeOff(calendar=calendar), sent), key=key)
        return Response(_answer(block, self.member.tradie.timezone), status=201)


class OneTimeOff(TradieAPI):
    may = May.HOURS
    scopes = {"get": Scope.HOURS_READ, "patch": Scope.HOURS_CHANGE, "delete": Scope.HOURS_CHANGE}

    @extend_schema(
        operation_id="one_time_off",
        summary="A block of time off",
        responses={200: BlockSerializer, **errors(Unauthorized, Forbidden)},
    )
    def get(self, request: Request, block_id: uuid.UUID) -> Response:
        """With its repeats."""
        return Response(_answer(self._own(block_id), self.member.tradie.timezone))

    @extend_schema(
        operation_id="change_time_off",
        summary="Change a block of time off",
        request=BlockChangeInput,
        responses={
            200: BlockSerializer,
            **errors(ValidationFailed, MalformedRequest, Unauthorized, Forbidden),
        },
    )
    def patch(self, request: Request, block_id: uuid.UUID) -> Response:
        """What is sent, and nothing else."""
        block = self._own(block_id)
        sent = validated(BlockChangeInput, body_of(request))
        with renamed(NAMES):
            rules.save_time_off(block.calendar, _fill(block, sent))
        return Response(_answer(block, self.member.tradie.timezone))

    @extend_schema(
        operation_id="remove_time_off",
        summary="Remove a block of time off",
        responses={204: None, **errors(Unauthorized, Forbidden)},
    )
    def delete(self, request: Request, block_id: uuid.UUID) -> Response:
        """That time can be booked again."""
        rules.remove_time_off(self._own(block_id))
        return Response(status=204)

    def _own(self, block_id: uuid.UUID) -> TimeOff:
        rows = TimeOff.objects.filter(calendar__tradie=self.member.tradie, source=None)
        return own(rows.select_related("calendar__tradie"), block_id)
