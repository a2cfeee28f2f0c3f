"""GET and POST /api/services, GET, PATCH and DELETE /api/services/:id: what a business sells."""

from __future__ import annotations

import uuid
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.key_models import Scope
from accounts.models import Service
from accounts.roles import May
from availability import catalogue
from availability.models import Calendar
from peepopay.api import validated
from peepopay.api_schema import errors
from peepopay.errors import (
    Forbidden,
    IdempotencyConflict,
    MalformedRequest,
    Unauthorized,
    ValidationFailed,
)
from peepopay.pages import page_of
from peepopay.row_checks import require_sound_row

from .bases import IDEMPOTENCY_KEY, TradieAPI, body_of, key_of, own
from .job_inputs import PageQuery
from .service_fields import (
    NewServiceInput,
    OwnServiceSerializer,
    OwnServicesSerializer,
    ServiceChangeInput,
    service_answer,
    services_answer,
)

NOT_THEIRS = "These aren't all people or vans of your business."


class Services(TradieAPI):
    may = May.SERVICES
    scopes = {"get": Scope.SERVICES_READ, "post": Scope.SERVICES_CHANGE}

    @extend_schema(
        operation_id="services",
        summary="The services of a business",
        parameters=[PageQuery],
        responses={200: OwnServicesSerializer, **errors(ValidationFailed, Unauthorized, Forbidden)},
    )
    def get(self, request: Request) -> Response:
        """In the order in which customers see them, 25 to a page; those that are not on offer too."""
        sent = {name: value for name, value in request.query_params.items() if value}
        asked = validated(PageQuery, sent)
        rows = self.member.tradie.services.prefetch_related("calendars")
        return Response(services_answer(page_of(rows, str(asked.get("page", 1)))))

    @extend_schema(
        operation_id="add_service",
        summary="Add a service",
        parameters=[IDEMPOTENCY_KEY],
        request=NewServiceInput,
        responses={
            201: OwnServiceSerializer,
            **errors(ValidationFailed, MalformedRequest, Unauthorized, Forbidden, IdempotencyConflict),
        },
    )
    def post(self, request: Request) -> Response:
        """At the end of the list. The same Idempotency-Key gives the same service again."""
        key = key_of(request)
        sent = validated(NewServiceInput, request.data)
        who = _who(self.member.tradie.calendars.all(), sent.pop("calendars", []))
        service = Service(tradie=self.member.tradie, **sent)
        require_sound_row(service)
        made = catalogue.add_service(self.member.tradie, service, who, key=key)
        return Response(service_answer(made), status=201)


class OneService(TradieAPI):
    may = May.SERVICES
    scopes = {
        "get": Scope.SERVICES_READ,
        "patch": Scope.SERVICES_CHANGE,
        "delete": Scope.SERVICES_CHANGE,
    }

    @extend_schema(
        operation_id="service",
        summary="A service",
        responses={200: OwnServiceSerializer, **errors(Unauthorized, Forbidden)},
    )
    def get(self, request: Request, service_id: uuid.UUID) -> Response:
        """With all that is set of it."""
        return Response(service_answer(self._own(service_id)))

    @extend_schema(
        operation_id="change_service",
        summary="Change a service",
        request=ServiceChangeInput,
        responses={
            200: OwnServiceSerializer,
            **errors(ValidationFailed, MalformedRequest, Unauthorized, Forbidden),
        },
    )
    def patch(self, request: Request, service_id: uuid.UUID) -> Response:
        """What is sent, and nothing else. Bookings that were made keep the terms they were made on."""
        service = self._own(service_id)
        sent = validated(ServiceChangeInput, body_of(request))
        named, is_active = sent.pop("calendars", None), sent.pop("is_active", None)
        who = None if named is None else _who(self.member.tradie.calendars.all(), named)
        for name, value in sent.items():
            setattr(service, name, value)
        require_sound_row(service)
        catalogue.change_service(self.member.tradie, service, who, is_active=is_active)
        return Response(service_answer(self._own(service_id)))

    @extend_schema(
        operation_id="remove_service",
        summary="Remove a service, or take it off where it was booked",
        responses={200: OwnServiceSerializer, 204: None, **errors(Unauthorized, Forbidden)},
    )
    def delete(self, request: Request, service_id: uuid.UUID) -> Response:
        """204: it is gone. 200: it was booked or quoted, so it stays and is on offer no longer."""
        service = self._own(service_id)
        if catalogue.remove_service(self.member.tradie, service):
            return Response(status=204)
        return Response(service_answer(self._own(service_id)))

    def _own(self, service_id: uuid.UUID) -> Service:
        return own(self.member.tradie.services.select_related("tradie"), service_id)


def _who(everybody: Any, named: list[uuid.UUID]) -> list[Calendar]:
    """Those that are named; nobody where all are, which means the same. Raises ValidationFailed."""
    crew = list(everybody)
    who = [calendar for calendar in crew if calendar.pk in named]
    if len(who) != len(set(named)):
        raise ValidationFailed(fields={"calendars": [NOT_THEIRS]})
    return [] if who == crew else who
