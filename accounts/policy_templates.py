"""Policies to start from, by trade: what suits a job that is short and near, or long and with parts ordered for it.
They fill in a form; nothing follows them afterwards."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from django.db.models import TextChoices

from .policy_columns import LateFeeKind


class Trade(TextChoices):
    PLUMBER = "plumber", "Plumber"
    ELECTRICIAN = "electrician", "Electrician"
    CLEANER = "cleaner", "Cleaner"
    HANDYMAN = "handyman", "Handyman"
    GARDENER = "gardener", "Gardener"
    PAINTER = "painter", "Painter"
    CARPENTER = "carpenter", "Carpenter or cabinet maker"
    REMOVALIST = "removalist", "Removalist"
    LOCKSMITH = "locksmith", "Locksmith"
    HVAC = "hvac", "Air conditioning and heating"


@dataclass(frozen=True)
class PolicyTemplate:
    """Hours before the start. `why` completes "Suits ..."."""

    free_cancellation_hours: int
    late_fee_percent: int
    no_refund_hours: int
    why: str

    @property
    def columns(self) -> dict[str, Any]:
        """For a form or a row with `PolicyColumns`; what the template says nothing about is left alone."""
        told = asdict(self)
        del told["why"]
        return {**told, "late_fee_kind": LateFeeKind.PERCENT.value}


TEMPLATES: dict[str, PolicyTemplate] = {
    Trade.PLUMBER: PolicyTemplate(24, 50, 2, "call-outs that another customer can take until the day before"),
    Trade.ELECTRICIAN: PolicyTemplate(
        24, 50, 2, "visits that another customer can take until the day before"
    ),
    Trade.CLEANER: PolicyTemplate(48, 50, 12, "regular rounds, where a gap is hard to fill on the day"),
    Trade.HANDYMAN: PolicyTemplate(24, 30, 2, "small jobs that move easily"),
    Trade.GARDENER: PolicyTemplate(24, 30, 4, "work that the weather moves anyway"),
    Trade.PAINTER: PolicyTemplate(72, 50, 24, "jobs of days, with colours mixed for them"),
    Trade.CARPENTER: PolicyTemplate(120, 50, 48, "work made to measure before the day"),
    Trade.REMOVALIST: PolicyTemplate(72, 50, 24, "a truck and a crew kept free for the whole day"),
    Trade.LOCKSMITH: PolicyTemplate(4, 50, 1, "urgent visits that are over the same day"),
    Trade.HVAC: PolicyTemplate(24, 50, 2, "visits that another customer can take until the day before"),
}
