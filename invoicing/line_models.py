"""A line of something with a price, as a row: the columns that quotes and invoices share."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from .line_items import MOST_LINES, Line


class LineRow(models.Model):
    """One line. Inherit it with a ForeignKey to what it is a line of (`related_name="lines"`), and `Meta(LineRow.Meta)`
    with a constraint that keeps (that, position) apart."""

    position = models.PositiveSmallIntegerField()
    description = models.CharField(max_length=200)
    quantity = models.DecimalField(max_digits=7, decimal_places=2)
    unit_price_cents = models.IntegerField(help_text="Includes GST, unless GST-free. Below 0: a discount.")
    is_gst_free = models.BooleanField(default=False, db_default=False)

    class Meta:
        abstract = True
        ordering = ["position"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(name="%(class)s_quantity_positive", condition=Q(quantity__gt=0)),
            models.CheckConstraint(
                name="%(class)s_position_within_limit", condition=Q(position__lt=MOST_LINES)
            ),
        ]

    def __str__(self) -> str:
        return self.description

    @property
    def line(self) -> Line:
        """What it says, to count with."""
        return Line(self.description, self.quantity, self.unit_price_cents, self.is_gst_free)

    @property
    def total_cents(self) -> int:
        return self.line.total_cents


def columns_of(lines: Iterable[Line]) -> list[dict[str, Any]]:
    """The columns of a row for each, in order: `InvoiceLine(invoice=invoice, **columns)`."""
    return [{"position": position, **vars(line)} for position, line in enumerate(lines)]
