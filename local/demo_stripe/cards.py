"""The test cards: what each number does, as in Stripe's own list of test cards."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, replace
from typing import Any

from .errors import StripeError


@dataclass(frozen=True)
class Card:
    """`decline`: (code, decline_code, message). `challenge`: 3-D Secure must be passed first. `always`: each time, also
    where the card was saved for later with its holder's consent."""

    number: str
    says: str
    decline: tuple[str, str | None, str] | None = None
    challenge: bool = False
    disputed: bool = False
    refunds_fail: bool = False
    always: bool = False

    def off_session(self, *, set_up: bool) -> Card:
        """As it behaves while its holder isn't there; `set_up`: it was saved for that."""
        if not self.challenge or (set_up and not self.always):
            return self
        code = "authentication_required"
        return replace(
            self, decline=(code, code, "Your card was declined. This transaction requires authentication.")
        )


CARDS = {
    card.number: card
    for card in (
        Card("4242424242424242", "pays"),
        Card("5555555555554444", "pays"),
        Card(
            "4000000000000002",
            "is declined",
            decline=("card_declined", "generic_decline", "Your card was declined."),
        ),
        Card(
            "4000000000009995",
            "is declined: insufficient funds",
            decline=("card_declined", "insufficient_funds", "Your card has insufficient funds."),
        ),
        Card(
            "4000000000000069",
            "is declined: expired",
            decline=("expired_card", None, "Your card has expired."),
        ),
        Card("4000002500003155", "asks for 3-D Secure", challenge=True),
        Card("4000002760003184", "asks for 3-D Secure, always", challenge=True, always=True),
        Card(
            "4000003800000446", "asks for 3-D Secure now, and pays later where it was saved", challenge=True
        ),
        Card("4000000000000259", "pays, then is disputed", disputed=True),
        Card("4000000000005126", "pays; a refund of it fails later", refunds_fail=True),
    )
}

# The payment methods that Stripe offers for calls with the secret key.
TEST_METHODS = {
    "pm_card_visa": "4242424242424242",
    "pm_card_mastercard": "5555555555554444",
    "pm_card_chargeDeclined": "4000000000000002",
    "pm_card_visa_chargeDeclined": "4000000000000002",
    "pm_card_chargeDeclinedInsufficientFunds": "4000000000009995",
    "pm_card_visa_chargeDeclinedInsufficientFunds": "4000000000009995",
    "pm_card_authenticationRequired": "4000002760003184",
    "pm_card_createDispute": "4000000000000259",
    "pm_card_refundFail": "4000000000005126",
}


def card_of(details: dict[str, Any]) -> Card:
    """The card for `payment_method_data[card]`: {number, exp_month, exp_year, cvc}, or Stripe's refusal of it."""
    number = str(details.get("number", "")).replace(" ", "")
    if not number.isdigit() or not 12 <= len(number) <= 19 or not _luhn(number):
        raise _card_error("invalid_number", "Your card number is incorrect.", "number")
    month, year = _expiry(details)
    today = datetime.datetime.now(datetime.UTC)
    if not 1 <= month <= 12:
        raise _card_error("invalid_expiry_month", "Your card's expiration month is invalid.", "exp_month")
    if (year, month) < (today.year, today.month) or year > today.year + 50:
        raise _card_error("invalid_expiry_year", "Your card's expiration year is invalid.", "exp_year")
    if not str(details.get("cvc", "")).isdigit():
        raise _card_error("invalid_cvc", "Your card's security code is invalid.", "cvc")
    if number not in CARDS:
        message = "Your card was declined. Your request was in test mode, but used a non test card."
        raise _card_error("card_declined", message, None, decline_code="test_mode_live_card")
    return CARDS[number]


def brand_of(number: str) -> str:
    return "mastercard" if number.startswith("5") else "visa"


def _expiry(details: dict[str, Any]) -> tuple[int, int]:
    try:
        month, year = int(details.get("exp_month", "")), int(details.get("exp_year", ""))
    except (TypeError, ValueError):
        raise _card_error(
            "invalid_expiry_month", "Your card's expiration month is invalid.", "exp_month"
        ) from None
    return month, year + 2000 if year < 100 else year


def _card_error(code: str, message: str, param: str | None, decline_code: str | None = None) -> StripeError:
    return StripeError(
        message, status=402, kind="card_error", code=code, param=param, decline_code=decline_code
    )


def _luhn(number: str) -> bool:
    digits = [int(digit) for digit in reversed(number)]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[1::2]]
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0
