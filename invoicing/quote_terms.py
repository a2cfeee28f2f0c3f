"""The terms of a quote: what its lines come to, its deposit within the law, the cancellation policy of the kind of job.
Put together when it is written, and from then on read from the version alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import ValidationError

from accounts import audit
from accounts.audit_models import Change
from accounts.models import Service, Tradie
from accounts.policy_columns import POLICY_FIELDS
from accounts.service_rules import DepositIs, DepositKind
from accounts.soundness import is_over_cap, require_sound_service
from bookings.job_lists import day_bounds
from bookings.policy import CancellationPolicy
from peepopay.errors import ValidationFailed
from peepopay.local_time import in_zone
from peepopay.money import dollars

from .line_items import totals
from .quote_models import Quote, QuoteVersion

if TYPE_CHECKING:
    from .quotes import Writing

LONGEST_VALID = timedelta(days=366)


@dataclass(frozen=True)
class Pricing:
    """The deposit as it was typed: cents for a fixed one, percent of the total for the other."""

    kind: DepositKind
    fixed_cents: int = 0
    percent: int = 0
    override_reason: str = ""


def require_sound(tradie: Tradie, writing: Writing, now: datetime) -> None:
    """Raises ValidationFailed, with the field to change: what could not be sold as a service can't be quoted either."""
    today = in_zone(now, tradie.timezone).date()
    if not today <= writing.last_day <= today + LONGEST_VALID:
        raise ValidationFailed(
            fields={"last_day": ["Choose a day from today on, within a year."]},
        )
    if writing.service.tradie_id != tradie.pk:
        raise ValidationFailed(fields={"service": ["Choose one of your services."]})
    offer = as_offer(tradie, writing)
    try:
        offer.clean_fields(exclude=["tradie", *POLICY_FIELDS])
        offer.validate_constraints()
    except ValidationError as problem:
        raise ValidationFailed(fields=_fields(problem)) from problem
    require_sound_service(tradie, offer, today)


def as_offer(tradie: Tradie, writing: Writing) -> Service:
    """The quote as if it were a service on offer: then the same rules judge it. Never saved."""
    service, deposit = writing.service, writing.deposit
    sums = totals(writing.lines, gst_registered=tradie.gst_registered)
    offer = Service(
        tradie=tradie,
        name=writing.title,
        duration_minutes=writing.duration_minutes,
        buffer_before_minutes=service.buffer_before_minutes,
        buffer_after_minutes=service.buffer_after_minutes,
        arrival_window_minutes=service.arrival_window_minutes,
        price_cents=sums.total_cents,
        deposit_kind=deposit.kind,
        deposit_fixed_cents=deposit.fixed_cents if deposit.kind == DepositKind.FIXED else 0,
        deposit_percent=deposit.percent if deposit.kind == DepositKind.PERCENT else 0,
        deposit_is=service.deposit_is,
        is_residential_building=service.is_residential_building,
        cap_override_reason=deposit.override_reason,
        follows_business_policy=service.follows_business_policy,
    )
    for name in POLICY_FIELDS:
        setattr(offer, name, getattr(service, name))
    return offer


def _fields(problem: ValidationError) -> dict[str, list[str]]:
    """A constraint's sentence stands at the field that its code names."""
    found: dict[str, list[str]] = {}
    for place, errors in problem.error_dict.items():
        for error in errors:
            name = place if place != "__all__" else (error.code or place)
            found.setdefault(name, []).extend(error.messages)
    return found


def frozen(quote: Quote, writing: Writing, now: datetime) -> QuoteVersion:
    """Not saved, and without its number and lines."""
    tradie = quote.tradie
    offer = as_offer(tradie, writing)
    policy = CancellationPolicy(**offer.policy, fee_basis_points=settings.APPLICATION_FEE_BASIS_POINTS)
    return QuoteVersion(
        quote=quote,
        service=writing.service,
        title=writing.title,
        message=writing.message,
        valid_until=_end_of(writing.last_day, tradie),
        duration_minutes=offer.duration_minutes,
        buffer_before_minutes=offer.buffer_before_minutes,
        buffer_after_minutes=offer.buffer_after_minutes,
        arrival_window_minutes=offer.arrival_window_minutes,
        price_cents=offer.price_cents,
        gst_registered=tradie.gst_registered,
        deposit_kind=offer.deposit_kind,
        deposit_fixed_cents=offer.deposit_fixed_cents,
        deposit_percent=offer.deposit_percent,
        deposit_cents=offer.deposit_cents,
        deposit_is=DepositIs(offer.deposit_treatment),
        cap_override_reason=offer.cap_override_reason,
        policy={name: getattr(policy, name) for name in CancellationPolicy.__slots__},
    )


def _end_of(last_day: date, tradie: Tradie) -> datetime:
    return day_bounds(last_day, tradie.timezone)[1]


def last_day_of(version: QuoteVersion, zone_name: str) -> date:
    """The local date on which it can still be accepted."""
    return in_zone(version.valid_until - timedelta(seconds=1), zone_name).date()


def note_override(tradie: Tradie, reference: str, version: QuoteVersion, now: datetime) -> None:
    """Who asked for more than the law's cap, when, of what, and why."""
    offer = Service(
        tradie=tradie,
        price_cents=version.price_cents,
        deposit_kind=DepositKind.FIXED,
        deposit_fixed_cents=version.deposit_cents,
        is_residential_building=version.service.is_residential_building,
    )
    if not is_over_cap(tradie, offer, in_zone(now, tradie.timezone).date()):
        return
    told = (
        f"{dollars(version.deposit_cents)} of {dollars(version.price_cents)}: {version.cap_override_reason}"
    )
    audit.note(tradie.pk, Change.DEPOSIT_CAP_OVERRIDDEN, about=reference, detail=told)
