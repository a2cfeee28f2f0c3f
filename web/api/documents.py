"""GET /api/invoices, /api/invoices/:id, /api/quotes, /api/quotes/:id: what a business asked for, and offered."""

from __future__ import annotations

import uuid
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.key_models import Scope
from accounts.roles import May
from bookings.job_lists import day_bounds
from invoicing import quote_states
from invoicing.invoice_models import DocumentKind, Invoice
from invoicing.quote_states import QuoteState
from peepopay.api import validated
from peepopay.api_schema import errors
from peepopay.errors import Forbidden, Unauthorized, ValidationFailed
from peepopay.pages import page_of

from .bases import TradieAPI, own
from .document_outputs import (
    InvoiceSerializer,
    InvoicesSerializer,
    QuoteSerializer,
    QuotesSerializer,
    invoice_answer,
    page_answer,
    quote_answer,
)
from .fields import AnyTextField
from .job_inputs import DayField, PageQuery


class InvoicesQuery(PageQuery):
    kind = serializers.ChoiceField(DocumentKind.choices, required=False)

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """`from` is a word of Python's own."""
        days = {
            "from": DayField(required=False, help_text="The first day of those that they were issued on."),
            "to": DayField(required=False, help_text="The last of them."),
        }
        return {**super().get_fields(), **days}


class QuotesQuery(PageQuery):
    state = serializers.ChoiceField(QuoteState.choices, required=False)
    q = AnyTextField(
        max_length=80, required=False, help_text="Words that are in name, phone, email or reference."
    )


def _asked(query: type[PageQuery], request: Request) -> dict[str, Any]:
    return validated(query, {name: value for name, value in request.query_params.items() if value})


class Invoices(TradieAPI):
    may = May.BOOKINGS
    scopes = {"get": Scope.INVOICES_READ}

    @extend_schema(
        operation_id="invoices",
        summary="The invoices and credit notes of a business",
        parameters=[InvoicesQuery],
        responses={200: InvoicesSerializer, **errors(ValidationFailed, Unauthorized, Forbidden)},
    )
    def get(self, request: Request) -> Response:
        """In the order in which they were issued, 25 to a page. None ever changes; how its job stands does. Give a
        `from`, or it begins with the very first."""
        asked, tradie = _asked(InvoicesQuery, request), self.member.tradie
        rows = with_all(tradie.invoices.all())
        if kind := asked.get("kind"):
            rows = rows.filter(kind=kind)
        if first := asked.get("from"):
            rows = rows.filter(issued_at__gte=day_bounds(first, tradie.timezone)[0])
        if last := asked.get("to"):
            rows = rows.filter(issued_at__lt=day_bounds(last, tradie.timezone)[1])
        page = page_of(rows.order_by("issued_at", "kind", "number"), str(asked.get("page", 1)))
        return Response(page_answer("invoices", page, [invoice_answer(row, tradie) for row in page.items]))


class OneInvoice(TradieAPI):
    may = May.BOOKINGS
    scopes = {"get": Scope.INVOICES_READ}

    @extend_schema(
        operation_id="invoice",
        summary="An invoice or credit note",
        responses={200: InvoiceSerializer, **errors(Unauthorized, Forbidden)},
    )
    def get(self, request: Request, invoice_id: uuid.UUID) -> Response:
        """As it was issued, and how its job stands."""
        tradie = self.member.tradie
        return Response(invoice_answer(own(with_all(tradie.invoices.all()), invoice_id), tradie))


def with_all(rows: QuerySet[Invoice]) -> QuerySet[Invoice]:
    return rows.select_related("booking__bill").prefetch_related("lines", "booking__payments")


class Quotes(TradieAPI):
    may = May.QUOTES
    scopes = {"get": Scope.QUOTES_READ}

    @extend_schema(
        operation_id="quotes",
        summary="The quotes of a business",
        parameters=[QuotesQuery],
        responses={200: QuotesSerializer, **errors(ValidationFailed, Unauthorized, Forbidden)},
    )
    def get(self, request: Request) -> Response:
        """What was touched last comes first, 25 to a page."""
        asked, tradie, now = _asked(QuotesQuery, request), self.member.tradie, timezone.now()
        rows = quote_states.listed(tradie, asked.get("state", ""), asked.get("q", ""), now)
        page = page_of(rows.prefetch_related("versions__lines"), str(asked.get("page", 1)))
        items = [quote_answer(row, tradie, now=now) for row in page.items]
        return Response(page_answer("quotes", page, items))


class OneQuote(TradieAPI):
    may = May.QUOTES
    scopes = {"get": Scope.QUOTES_READ}

    @extend_schema(
        operation_id="quote",
        summary="A quote",
        responses={200: QuoteSerializer, **errors(Unauthorized, Forbidden)},
    )
    def get(self, request: Request, quote_id: uuid.UUID) -> Response:
        """As it was written last, and what became of it."""
        tradie = self.member.tradie
        rows = quote_states.with_jobs(tradie.quotes.prefetch_related("versions__lines"))
        return Response(quote_answer(own(rows, quote_id), tradie, now=timezone.now()))
