"""By which rules a business asks for a higher deposit: the column of its row, read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from django.db import models

if TYPE_CHECKING:
    from .models import Tradie


class RuleKind(models.TextChoices):
    FIRST = "first", "They haven’t had a job done by you"  # noqa: RUF001
    MISSED = "missed", "They weren’t there for an earlier job"  # noqa: RUF001
    FAR = "far", "The address is far away"
    SOON = "soon", "It is at short notice"
    BIG = "big", "It is a big job"


@dataclass(frozen=True, slots=True)
class DepositRule:
    """From `least` on (missed jobs, kilometres, cents of the price; of SOON below so many hours) the deposit is higher
    by `percent` points of the price and `cents`."""

    kind: RuleKind
    least: int = 0
    percent: int = 0
    cents: int = 0
    measured_from: str = ""  # a postcode


def rules_of(tradie: Tradie) -> list[DepositRule]:
    return [DepositRule(**{**row, "kind": RuleKind(row["kind"])}) for row in tradie.deposit_rules]


def as_column(rules: Sequence[DepositRule]) -> list[dict[str, Any]]:
    """Those that raise anything."""
    return [{**asdict(rule), "kind": rule.kind.value} for rule in rules if rule.percent or rule.cents]
