"""What Stripe wants to know of a business, in words. Its own names are paths into the account, and the list is open."""

from __future__ import annotations

from collections.abc import Iterable

# The first that is part of Stripe's name counts.
IN_WORDS = (
    ("terms_of_service", "that you agree to Stripe's terms"),
    ("identity.individual.documents", "a photo of your licence or passport"),
    ("identity.business_details.documents", "a document about your business"),
    ("proof_of_liveness", "a photo of you"),
    ("date_of_birth", "your date of birth"),
    ("identity.individual.address", "your home address"),
    ("identity.individual", "your name and how to reach you"),
    ("id_numbers", "your ABN or ACN"),
    ("entity_type", "what kind of business you are"),
    ("identity.business_details", "the details of your business"),
    ("bank", "the bank account your money goes to"),
    ("external_account", "the bank account your money goes to"),
    ("outbound_destination", "the bank account your money goes to"),
    ("statement_descriptor", "the name customers see on their bank statement"),
    ("mcc", "what trade you are in"),
    ("defaults.profile", "what your business does"),
    ("support", "how customers reach you"),
    ("person", "who owns and runs the business"),
)
SOMETHING_ELSE = "something else about your business"


def in_words(wants: Iterable[str]) -> list[str]:
    """Each thing once, in Stripe's order; what it has new names for comes last, as one."""
    words = [next((said for part, said in IN_WORDS if part in name), SOMETHING_ELSE) for name in wants]
    return sorted(dict.fromkeys(words), key=lambda said: said == SOMETHING_ELSE)
