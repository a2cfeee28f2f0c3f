"""Deposits that rise with what may go wrong, by rules that a business has switched on: docs/deposit-rules.md.

Whether a customer has been here before is looked up only where a rule asks for it, and only by address and number
together: who knows one of the two learns nothing of anybody.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q

from accounts import law
from accounts.deposit_rules import DepositRule, RuleKind, rules_of
from accounts.localities import kilometres
from accounts.models import Service, Tradie
from accounts.service_rules import DepositIs
from peepopay.errors import DepositChanged
from peepopay.local_time import in_zone, spoken_hours
from peepopay.money import dollars, percent_of

from .details import Attempt, Details
from .models import Status
from .scheduling import find_attempt
from .terms import Terms, terms_of

AN_HOUR = timedelta(hours=1)
BY_WHOM = {RuleKind.FIRST, RuleKind.MISSED}


@dataclass(frozen=True, slots=True)
class Risk:
    """What is known of a job before it is booked. `km`: how far away, by postcode it is measured from; a pair that
    nobody has placed is near."""

    notice: timedelta
    price_cents: int
    km: Mapping[str, float | None]
    is_first: bool = False
    missed: int = 0

    def meets(self, rule: DepositRule) -> bool:
        match rule.kind:
            case RuleKind.FIRST:
                return self.is_first
            case RuleKind.MISSED:
                return self.missed >= rule.least
            case RuleKind.FAR:
                return (self.km.get(rule.measured_from) or 0) >= rule.least
            case RuleKind.SOON:
                return self.notice < rule.least * AN_HOUR
            case RuleKind.BIG:
                return self.price_cents >= rule.least


def raised(
    rules: Iterable[DepositRule], risk: Risk, *, deposit_cents: int, most_cents: int
) -> tuple[int, tuple[DepositRule, ...]]:
    """The deposit in cents, and the rules that raised it. Never below what the service asks; above it never more than
    `most_cents` or the price; and where nothing is asked, nothing."""
    met = tuple(rule for rule in rules if risk.meets(rule))
    more = sum(percent_of(risk.price_cents, rule.percent) + rule.cents for rule in met)
    if not deposit_cents or not more:
        return deposit_cents, ()
    cents = max(deposit_cents, min(deposit_cents + more, most_cents, risk.price_cents))
    return cents, met if cents > deposit_cents else ()


@dataclass(frozen=True)
class Raised:
    """What a customer is asked to agree to: the service's terms with a higher deposit."""

    terms: Terms
    before_cents: int
    rules: tuple[DepositRule, ...]

    @property
    def sentence(self) -> str:
        why = list(dict.fromkeys(reason(rule) for rule in self.rules))
        return (
            f"The deposit for this booking is {dollars(self.terms.deposit_cents)} instead of"
            f" {dollars(self.before_cents)}: {', and '.join(why)}."
        )


def reason(rule: DepositRule) -> str:
    """For the customer. The same for who is new and for who missed a job: that is nobody else's business."""
    match rule.kind:
        case RuleKind.FAR:
            return f"the address is {rule.least} km away or more"
        case RuleKind.SOON:
            return f"it is within {spoken_hours(rule.least)}"
        case RuleKind.BIG:
            return f"the price is {dollars(rule.least)} or more"
    return "we don't know each other well yet"


def raised_before_details(service: Service, starts_at: datetime, *, now: datetime) -> Raised | None:
    """By what follows from the job itself: the rest is known once there is an address. No query."""
    rules = [rule for rule in rules_of(service.tradie) if rule.kind in (RuleKind.SOON, RuleKind.BIG)]
    return _raised(service, rules, Risk(starts_at - now, service.price_cents, {}), now) if rules else None


def agreed_deposit(
    service: Service,
    starts_at: datetime,
    details: Details,
    attempt: Attempt,
    *,
    accepted_cents: int | None,
    now: datetime,
) -> Raised | None:
    """The terms to book on, where a rule raises the deposit. Raises DepositChanged, before anything is held, for who
    hasn't seen the amount. No query where no rule is on, and one where a rule asks who it is."""
    rules = rules_of(service.tradie)
    if not rules or not service.deposit_cents:
        return None
    is_first, missed = (
        _history(service.tradie, details) if BY_WHOM & {rule.kind for rule in rules} else (False, 0)
    )
    km = {
        rule.measured_from: kilometres(rule.measured_from, details.postcode)
        for rule in rules
        if rule.kind == RuleKind.FAR
    }
    found = _raised(service, rules, Risk(starts_at - now, service.price_cents, km, is_first, missed), now)
    if found is None or (accepted_cents or 0) >= found.terms.deposit_cents:
        return found
    if find_attempt(service.tradie, attempt):
        return None  # it was agreed to, and made, when less was asked
    raise DepositChanged(
        f"{found.sentence} Nothing is held yet: press the button again if that is fine.",
        deposit_cents=found.terms.deposit_cents,
    )


def _raised(service: Service, rules: Iterable[DepositRule], risk: Risk, now: datetime) -> Raised | None:
    terms = terms_of(service)
    cents, met = raised(rules, risk, deposit_cents=terms.deposit_cents, most_cents=_most_cents(service, now))
    if not met:
        return None
    # A price paid in full is no security for anything.
    kind = DepositIs.PART_PAYMENT.value if cents == terms.price_cents else terms.deposit_is
    agreed = replace(
        terms, deposit_cents=cents, deposit_is=kind, deposit_reasons=tuple(rule.kind.value for rule in met)
    )
    return Raised(agreed, terms.deposit_cents, met)


def _most_cents(service: Service, now: datetime) -> int:
    """By the law of the business's state, whether it refuses or warns."""
    if not service.is_residential_building:
        return service.price_cents
    cap = law.cap_in(service.tradie.state, in_zone(now, service.tradie.timezone).date())
    return cap.most_cents(service.price_cents) if cap else service.price_cents


def _history(tradie: Tradie, details: Details) -> tuple[bool, int]:
    """Whether they had no job done here, and how many they missed. One query."""
    both: Any = tradie.customers.filter(contacts__value=details.phone).filter(
        contacts__value=details.email.lower()
    )
    counts = both.aggregate(
        done=Count("bookings", filter=Q(bookings__status=Status.COMPLETED), distinct=True),
        missed=Count("bookings", filter=Q(bookings__status=Status.NO_SHOW), distinct=True),
    )
    return not counts["done"], counts["missed"]
