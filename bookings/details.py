"""What a customer asks with."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Details:
    """What the customer told us, already validated."""

    name: str
    email: str
    phone: str  # E.164
    line1: str
    suburb: str
    state: str
    postcode: str
    notes: str
    answers: dict[str, str]
    site_name: str = ""
    site_phone: str = ""  # E.164, of somebody with a name
    access_notes: str = ""

    @classmethod
    def of(cls, booking: Any) -> Details:
        """What was said for a booking: the columns, back."""
        return cls(
            name=booking.customer_name,
            email=booking.customer_email,
            phone=booking.customer_phone,
            line1=booking.address_line1,
            suburb=booking.address_suburb,
            state=booking.address_state,
            postcode=booking.address_postcode,
            notes=booking.notes,
            answers=booking.answers,
            site_name=booking.site_name,
            site_phone=booking.site_phone,
            access_notes=booking.access_notes,
        )

    def columns(self) -> dict[str, Any]:
        return {
            "customer_name": self.name,
            "customer_email": self.email,
            "customer_phone": self.phone,
            "address_line1": self.line1,
            "address_suburb": self.suburb,
            "address_state": self.state,
            "address_postcode": self.postcode,
            "notes": self.notes,
            "answers": self.answers,
            "site_name": self.site_name,
            "site_phone": self.site_phone,
            "access_notes": self.access_notes,
        }


@dataclass(frozen=True)
class Attempt:
    """One press of the button: its Idempotency-Key, a hash of the body, a hash of the client's address."""

    client_key: uuid.UUID | None = None
    request_hash: str = ""
    client_address_hash: str = ""
