"""The stack's demo Stripe: its control endpoint, as far as these tests need it."""

from __future__ import annotations

from typing import Any

import requests

Json = dict[str, Any]


class DemoStripe:
    def __init__(self, url: str) -> None:
        self.url = f"{url}/_control"

    def webhooks(self, mode: str) -> None:
        """`deliver`, `drop`, `hold`, `duplicate:N` or `shuffle`."""
        requests.post(f"{self.url}/webhooks", json={"mode": mode}, timeout=10).raise_for_status()

    def intents_of(self, booking_id: str) -> list[Json]:
        """Every PaymentIntent that was made for the booking."""
        return [intent for intent in self._all("intents") if intent["metadata"]["booking_id"] == booking_id]

    def refunds_of(self, intent_id: str) -> list[Json]:
        return [refund for refund in self._all("refunds") if refund["payment_intent"] == intent_id]

    def _all(self, kind: str) -> list[Json]:
        found: list[Json] = requests.get(f"{self.url}/{kind}", timeout=10).json()["data"]
        return found
