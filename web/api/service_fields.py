"""A service as the people of its business send it and get it: all that is set of it."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.models import Service
from accounts.policy_columns import POLICY_FIELDS, LateFeeKind
from accounts.service_rules import LONGEST_JOB_MINUTES, LONGEST_WINDOW_MINUTES, DepositIs, DepositKind
from availability.crew import MOST_CALENDARS
from peepopay.money import MOST_CENTS
from peepopay.pages import Page

from .fields import AnyTextField, CentsField, IdField, LineField, WholeNumberField, YesOrNoField
from .tradie_profile import QuestionSerializer


class ServiceInput(serializers.Serializer[Any]):
    """What else can't be goes by the constraints of the table: an answer to it names the field."""

    description = AnyTextField(max_length=2000, required=False)
    duration_minutes = WholeNumberField(min_value=5, max_value=LONGEST_JOB_MINUTES, required=False)
    buffer_before_minutes = WholeNumberField(min_value=0, max_value=240, required=False)
    buffer_after_minutes = WholeNumberField(min_value=0, max_value=240, required=False)
    arrival_window_minutes = WholeNumberField(
        min_value=0,
        max_value=LONGEST_WINDOW_MINUTES,
        required=False,
        help_text="0: at the exact time; else customers are promised to arrive within so long after it, 30 at least.",
    )
    price_cents = CentsField(max_value=MOST_CENTS, required=False, help_text="AUD cents, GST included.")
    price_from = YesOrNoField(required=False, help_text="Shown as “from $120”.")
    deposit_kind = serializers.ChoiceField(DepositKind.choices, required=False)
    deposit_fixed_cents = CentsField(max_value=MOST_CENTS, required=False, help_text="Of `fixed`.")
    deposit_percent = WholeNumberField(min_value=0, max_value=99, required=False, help_text="Of `percent`.")
    deposit_is = serializers.ChoiceField(
        DepositIs.choices, required=False, help_text="To the tax office, if you are registered for GST."
    )
    is_residential_building = YesOrNoField(required=False, help_text="States cap the deposit of such work.")
    cap_override_reason = AnyTextField(
        max_length=300, required=False, help_text="Why a deposit above the cap is allowed; kept on record."
    )
    requires_approval = YesOrNoField(required=False)
    follows_business_policy = YesOrNoField(
        required=False,
        help_text="Whether your usual cancellation terms apply. Not sent: they do, unless terms are sent here.",
    )
    free_cancellation_hours = WholeNumberField(min_value=0, max_value=720, required=False)
    late_fee_kind = serializers.ChoiceField(LateFeeKind.choices, required=False)
    late_fee_cents = CentsField(max_value=MOST_CENTS, required=False)
    late_fee_percent = WholeNumberField(min_value=0, max_value=100, required=False)
    no_refund_hours = WholeNumberField(min_value=0, max_value=168, required=False)
    no_show_fee_cents = CentsField(max_value=MOST_CENTS, required=False)
    no_show_card_required = YesOrNoField(required=False)
    is_active = YesOrNoField(required=False, help_text="Whether customers see it.")
    calendars = serializers.ListField(
        child=IdField(),
        max_length=MOST_CALENDARS,
        required=False,
        help_text="Who can do it; none, or all, is anybody.",
    )


class NewServiceInput(ServiceInput):
    name = LineField(max_length=120)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Without terms of its own it goes by the usual ones, as on the page."""
        attrs.setdefault("follows_business_policy", not set(attrs) & set(POLICY_FIELDS))
        return attrs


class ServiceChangeInput(ServiceInput):
    name = LineField(max_length=120, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Whoever sends terms of its own means them."""
        if set(attrs) & set(POLICY_FIELDS):
            attrs.setdefault("follows_business_policy", False)
        return attrs


class OwnServiceSerializer(serializers.Serializer[Service]):
    id = serializers.UUIDField()
    name = serializers.CharField()
    description = serializers.CharField()
    duration_minutes = serializers.IntegerField()
    buffer_before_minutes = serializers.IntegerField()
    buffer_after_minutes = serializers.IntegerField()
    arrival_window_minutes = serializers.IntegerField()
    price_cents = serializers.IntegerField(help_text="AUD cents, GST included.")
    price_from = serializers.BooleanField()
    deposit_kind = serializers.ChoiceField(DepositKind.choices)
    deposit_fixed_cents = serializers.IntegerField()
    deposit_percent = serializers.IntegerField()
    deposit_cents = serializers.IntegerField(help_text="What is paid when booking, by its kind.")
    deposit_is = serializers.ChoiceField(DepositIs.choices)
    is_residential_building = serializers.BooleanField()
    cap_override_reason = serializers.CharField()
    requires_approval = serializers.BooleanField()
    questions = QuestionSerializer(many=True)
    follows_business_policy = serializers.BooleanField()
    free_cancellation_hours = serializers.IntegerField(help_text="This and what follows: of its own terms.")
    late_fee_kind = serializers.ChoiceField(LateFeeKind.choices)
    late_fee_cents = serializers.IntegerField()
    late_fee_percent = serializers.IntegerField()
    no_refund_hours = serializers.IntegerField()
    no_show_fee_cents = serializers.IntegerField()
    no_show_card_required = serializers.BooleanField()
    is_active = serializers.BooleanField()
    calendars = serializers.PrimaryKeyRelatedField[Any](
        many=True,
        read_only=True,
        pk_field=serializers.UUIDField(),
        help_text="Who can do it; none is anybody.",
    )


class OwnServicesSerializer(serializers.Serializer[Any]):
    services = OwnServiceSerializer(many=True)
    page = serializers.IntegerField()
    next_page = serializers.IntegerField(allow_null=True, help_text="null: there are no more.")


_service = OwnServiceSerializer()  # once: see peepopay/api_outputs.py


def service_answer(service: Service) -> dict[str, Any]:
    """One query for who can do it, unless that was fetched along."""
    return _service.to_representation(service)


def services_answer(page: Page) -> dict[str, Any]:
    return {
        "services": [service_answer(service) for service in page.items],
        "page": page.number,
        "next_page": page.next_number,
    }
