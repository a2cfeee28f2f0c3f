"""What a no-show costs: arithmetic on what was frozen into the booking. No clock, no database."""

from __future__ import annotations

from dataclasses import dataclass

from peepopay.money import MINIMUM_CHARGE_CENTS, dollars

from .policy import CancellationPolicy


@dataclass(frozen=True, slots=True)
class NoShow:
    """Of the fee that was agreed on: cents that were paid and stay, cents that the saved card is charged besides, and
    cents of the fee that stay unpaid."""

    fee_cents: int
    kept_cents: int
    charge_cents: int
    unpaid_cents: int

    @property
    def sentences(self) -> list[str]:
        """For either side, with dollars: what is kept, charged and not charged."""
        kept = (
            f"{dollars(self.kept_cents)} that was paid is kept."
            if self.kept_cents
            else "Nothing was paid by card, so nothing is kept."
        )
        if not self.fee_cents:
            return [kept, "No no-show fee was agreed on, so nothing more is charged."]
        told = [kept]
        if self.charge_cents:
            told.append(
                f"{dollars(self.charge_cents)} is charged to the saved card, which makes the no-show fee of"
                f" {dollars(self.fee_cents - self.unpaid_cents)}."
            )
        if self.unpaid_cents:
            told.append(f"{dollars(self.unpaid_cents)} of the agreed no-show fee isn't charged.")
        elif not self.charge_cents:
            told.append(f"That covers the no-show fee of {dollars(self.fee_cents)}: nothing more is charged.")
        return told


def cap_of(policy: CancellationPolicy, deposit_cents: int) -> int:
    """What of the no-show fee the deposit doesn't cover; 0 where that is less than a card can be charged."""
    cap = policy.no_show_fee_cents - deposit_cents
    return cap if cap >= MINIMUM_CHARGE_CENTS else 0


def if_no_show(
    policy: CancellationPolicy, *, paid_cents: int, returned_cents: int, card_cents: int
) -> NoShow:
    """`paid_cents` for the booking, of which `returned_cents` went back or are on their way; `card_cents`: the most
    that the saved card may be charged, 0 without one. Never more than that, and with what is kept never more than the
    fee that was agreed on."""
    kept = paid_cents - returned_cents
    due = max(policy.no_show_fee_cents - kept, 0)
    charge = min(due, card_cents)
    charge = charge if charge >= MINIMUM_CHARGE_CENTS else 0
    return NoShow(policy.no_show_fee_cents, kept, charge, due - charge)
