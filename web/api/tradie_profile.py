"""GET /api/tradies/:slug"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request

from accounts.accent import Accents, accents
from accounts.logos import address_of
from accounts.models import Service, Tradie
from accounts.page_language import PageLanguage
from accounts.profiles import profile_of
from accounts.service_rules import DepositKind
from availability.crew import who_does_what
from availability.models import Calendar
from bookings.terms import Question, Terms, questions_of, terms_of
from payments.connected_accounts import browser_keys
from payments.kept_promises import KeptPromises, shown_to_public
from peepopay.api_outputs import BriefSerializer, WrittenPhoneField
from peepopay.api_schema import errors
from peepopay.errors import NotFound
from peepopay.freshness import fresh_answer
from peepopay.throttling import PublicReads

from .bases import PublicAPI
from .service_words import in_short, price_text


@dataclass(frozen=True)
class Offered:
    """A service on the terms that a booking made now would freeze. `bookable`: whatever it needs a card for can be
    paid."""

    service: Service
    terms: Terms
    bookable: bool

    @property
    def price_text(self) -> str:
        return price_text(self.terms)

    @property
    def in_short(self) -> str:
        return in_short(self.terms)


@dataclass(frozen=True)
class Bookable:
    """A person or van, and the ids of the services that it can do."""

    calendar: Calendar
    services: list[UUID]


@dataclass
class Offering:
    """A tradie with what they sell, in their order. `stripe`: the keys that paying needs, or None. `calendars`: who
    can be asked for, or None."""

    tradie: Tradie
    services: list[Offered]
    stripe: dict[str, str] | None
    calendars: list[Bookable] | None

    @cached_property
    def kept_promises(self) -> KeptPromises | None:
        return shown_to_public(self.tradie, now=timezone.now())

    @property
    def allowed_sites(self) -> list[str] | None:
        return self.tradie.allowed_sites or None

    @property
    def language(self) -> str | None:
        return self.tradie.page_language or None

    @property
    def logo_url(self) -> str:
        return address_of(self.tradie)

    @property
    def waitlist_url(self) -> str | None:
        address = reverse("wait", args=[self.tradie.slug])
        return settings.SITE_URL + address if self.tradie.has_waitlist else None

    @property
    def accents(self) -> Accents:
        return accents(self.tradie.accent_colour)

    @property
    def bookable(self) -> bool:
        return any(offered.bookable for offered in self.services)


class PolicySerializer(serializers.Serializer[Terms]):
    free_cancellation_hours = serializers.IntegerField(
        source="policy.free_cancellation_hours", help_text="Before the start; until then all comes back."
    )
    late_fee_cents = serializers.IntegerField(help_text="Kept of the deposit after that.")
    late_fee_percent = serializers.IntegerField(
        source="policy.late_fee_percent",
        allow_null=True,
        help_text="How much of the deposit that is; null: the amount is fixed.",
    )
    no_refund_hours = serializers.IntegerField(
        source="policy.no_refund_hours", help_text="Before the start; from then on nothing comes back."
    )
    no_show_fee_cents = serializers.IntegerField(source="policy.no_show_fee_cents")


class QuestionSerializer(serializers.Serializer[Question]):
    id = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    required = serializers.BooleanField()  # type: ignore[assignment]
    choices = serializers.ListField(
        child=serializers.CharField(), help_text="The answers there are; none: any text is one."
    )
    photo = serializers.BooleanField(
        help_text="Answered with photos: `answers` names them, and each is sent with the question's id to the photos of"
        " the booking."
    )

    def to_representation(self, instance: Question | dict[str, Any]) -> dict[str, Any]:
        """A row of the column may be older than what can be asked today."""
        [question] = questions_of([instance]) if isinstance(instance, dict) else [instance]
        return super().to_representation(question)


class ServiceSerializer(serializers.Serializer[Offered]):
    id = serializers.UUIDField(source="service.pk")
    name = serializers.CharField(source="terms.service_name")
    description = serializers.CharField(source="service.description")
    duration_minutes = serializers.IntegerField(source="terms.duration_minutes")
    arrival_window_minutes = serializers.IntegerField(
        source="terms.arrival_window_minutes",
        help_text="How long after the start of a time they may arrive; 0: at the start.",
    )
    price_cents = serializers.IntegerField(source="terms.price_cents", help_text="AUD cents, GST included.")
    price_from = serializers.BooleanField(source="terms.price_from")
    deposit_cents = serializers.IntegerField(source="terms.deposit_cents")
    deposit_kind = serializers.ChoiceField(DepositKind.choices, source="service.deposit_kind")
    requires_approval = serializers.BooleanField(source="terms.requires_approval")
    price_text = serializers.CharField(help_text="For people: `From $180`.")
    in_short = serializers.CharField(help_text="For people: how long it takes, and what is due when booking.")
    bookable = serializers.BooleanField(help_text="False while it needs a card and none can be taken.")
    questions = QuestionSerializer(source="terms.questions", many=True)
    policy = PolicySerializer(source="terms")


class BookableSerializer(serializers.Serializer[Bookable]):
    id = serializers.UUIDField(source="calendar.pk")
    name = serializers.CharField(source="calendar.name")
    services = serializers.ListField(
        child=serializers.UUIDField(), help_text="The ids of those of the services that it can do."
    )


class StripeKeysSerializer(serializers.Serializer[Any]):
    publishable_key = serializers.CharField()
    account = serializers.CharField(help_text="The tradie's own Stripe account.")
    js_url = serializers.URLField(help_text="Where Stripe.js is; load it only at the payment step.")


class AccentsSerializer(serializers.Serializer[Accents]):
    on_light = serializers.CharField()
    on_dark = serializers.CharField()


class KeptPromisesSerializer(serializers.Serializer[KeptPromises]):
    jobs = serializers.IntegerField(help_text="Of the last year; 20 at least.")
    kept = serializers.IntegerField(
        help_text="On time, not cancelled by the business, refunded when promised."
    )


class TradieSerializer(BriefSerializer[Offering]):
    slug = serializers.CharField(source="tradie.slug")
    business_name = serializers.CharField(source="tradie.business_name")
    timezone = serializers.CharField(
        source="tradie.timezone", help_text="IANA name; every time of this tradie is in it."
    )
    phone = WrittenPhoneField(source="tradie.phone")
    suburb = serializers.CharField(source="tradie.suburb")
    state = serializers.CharField(source="tradie.state")
    licence_number = serializers.CharField(source="tradie.licence_number")
    abn = serializers.CharField(source="tradie.abn")
    logo_url = serializers.CharField()
    accent_colour = serializers.CharField(source="tradie.accent_colour")
    accents = AccentsSerializer(help_text="That colour, changed just enough to be read and written on.")
    bookable = serializers.BooleanField()
    allowed_sites = serializers.ListField(
        child=serializers.URLField(),
        required=False,
        help_text="Origins of the websites that the booking page may stand on; absent: any.",
    )
    language = serializers.ChoiceField(
        PageLanguage.choices,
        required=False,
        help_text="What the booking page speaks, if the page around it doesn't say; absent: the visitor's language.",
    )
    waitlist_url = serializers.URLField(
        required=False, help_text="The page on which who finds no time may wait for one; absent: not here."
    )
    kept_promises = KeptPromisesSerializer(
        required=False, help_text="How many jobs went as promised; absent unless its owner shows it."
    )
    stripe = StripeKeysSerializer(allow_null=True)
    services = ServiceSerializer(many=True)
    calendars = BookableSerializer(
        many=True,
        required=False,
        help_text="The people and vans that can be asked for; only of a business with several that lets customers"
        " choose.",
    )


_offering = TradieSerializer()  # once: see peepopay/api_outputs.py


def profile_answer(tradie: Tradie, services: list[Service]) -> dict[str, Any]:
    stripe = browser_keys(tradie.pk)
    terms = [(service, terms_of(service)) for service in services]
    offered = [
        Offered(service, agreed, bool(stripe) or not agreed.is_held_first) for service, agreed in terms
    ]
    crew = [
        Bookable(calendar, [service.pk for service in does])
        for calendar, does in (who_does_what(tradie, services) if tradie.customers_choose_who else ())
    ]
    offering = Offering(tradie, offered, stripe, crew or None)
    return _offering.to_representation(offering)


class TradieProfile(PublicAPI):
    throttle_classes = [PublicReads]

    @extend_schema(
        operation_id="tradie",
        summary="A tradie and what they sell",
        responses={200: TradieSerializer, 304: None, **errors(NotFound)},
    )
    def get(self, request: Request, slug: str) -> HttpResponse:
        """The public profile with the active services, in the tradie's order; of a business that takes no bookings
        online, who it is and how to call it. Cached 10 min; ETag."""
        profile = profile_of(slug, profile_answer)
        return fresh_answer(request, profile.body, profile.etag, "public, no-cache")
