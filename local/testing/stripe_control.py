"""A running demo Stripe at the other end of the line: its control endpoint, and its customers, as methods.

Works with any demo, such as the one that `make run` started: `StripeControl("http://127.0.0.1:8001")`.
"""

from __future__ import annotations

from typing import Any

import requests

Json = dict[str, Any]


class StripeControl:
    """`direct` is the demo's own address."""

    publishable_key = "pk_test_demo"
    account = "acct_demo_joe"

    def __init__(self, direct: str) -> None:
        self.direct = direct
        self._http = requests.Session()

    def reset(self) -> None:
        """Forgets everything but the accounts it started with."""
        self._post("reset")

    # ---- what happened

    def requests(self, pattern: str = "") -> list[Json]:
        """What the demo was asked, by "METHOD /path" as a regular expression; also what was replayed or failed."""
        found: list[Json] = self._get("requests", {"for": pattern})["requests"]
        return found

    def intents(self, account: str | None = None) -> list[Json]:
        return self._objects("intents", account)

    def setups(self, account: str | None = None) -> list[Json]:
        """SetupIntents: of cards that are saved while nothing is paid."""
        return self._objects("setups", account)

    def fees(self) -> list[Json]:
        """The platform's application fees, with what of each went back."""
        return self._objects("fees", None)

    def refunds(self, account: str | None = None) -> list[Json]:
        return self._objects("refunds", account)

    def disputes(self, account: str | None = None) -> list[Json]:
        return self._objects("disputes", account)

    def customers(self, account: str | None = None) -> list[Json]:
        """Those that were deleted say so."""
        return self._objects("customers", account)

    def saved_cards(self, account: str | None = None) -> list[Json]:
        """The payment methods that belong to a customer."""
        return [method for method in self._objects("payment_methods", account) if method["customer"]]

    def transactions(self, account: str | None = None) -> list[Json]:
        """What moved the balance, of the platform's own account too where none is named."""
        return self._objects("transactions", account)

    def balance_cents(self, account: str = account) -> int:
        """What Stripe itself says an account has, paid out or not."""
        answer = self._http.get(
            f"{self.direct}/v1/balance",
            headers={"Authorization": "Bearer sk_test_demo", "Stripe-Account": account},
            timeout=30,
        ).json()
        return sum(amount["amount"] for of in ("available", "pending") for amount in answer[of])

    def events(self, account: str | None = None) -> list[Json]:
        return self._objects("events", account)

    def deliveries(self) -> dict[str, int]:
        """-> {"due", "held", "done", "lost", "dead"}: how many webhook deliveries are in each state."""
        counts: dict[str, int] = self._get("webhooks")["deliveries"]
        return counts

    # ---- making things happen

    def webhooks(self, mode: str = "deliver", **how: Any) -> None:
        """mode: deliver, drop, hold, duplicate:N, shuffle, or several joined by ","; see demo_stripe/control.py."""
        self._post("webhooks", {"mode": mode, **how})

    def release_webhooks(self) -> int:
        return int(self._post("webhooks/release")["released"])

    def hasten_webhooks(self) -> int:
        """Makes waiting retries due now."""
        return int(self._post("webhooks/hasten")["hastened"])

    def resend(self, event_id: str) -> None:
        self._post("webhooks/resend", {"event": event_id})

    def fault(self, pattern: str, **what: Any) -> None:
        """what: hang=SECONDS, status=500, reset=True, page=True (in HTML), after=True (carried out first), times=N (0:
        always)."""
        self._post("faults", {"for": pattern, **what})

    def clear_faults(self) -> None:
        self._post("faults/clear")

    def set_account(self, account: str, card_payments: str) -> None:
        """card_payments: "active", "pending" or "restricted"; creates an `account.updated` event."""
        self._post("accounts", {"account": account, "card_payments": card_payments})

    def set_balance(self, balance: str, account: str = account) -> None:
        """ "enough" for refunds; or they are kept waiting ("waits"), or refused ("refuses")."""
        self._post("balance", {"account": account, "balance": balance})

    def fail_refund(self, refund_id: str, account: str = account) -> None:
        """The bank sends the money back; creates a `refund.failed` event."""
        self._post("refunds/fail", {"account": account, "refund": refund_id})

    def dispute(self, intent_id: str, account: str = account, *, question: bool = False) -> str:
        """Its cardholder complains to their bank, which takes the money, or only asks. -> the dispute's id"""
        of = {"account": account, "intent": intent_id, "question": question}
        return str(self._post("disputes", of)["dispute"])

    def decide(self, dispute_id: str, status: str, account: str = account) -> None:
        """The bank's word: "won", "lost" or "prevented"; of a question "warning_closed"."""
        self._post("disputes/decide", {"account": account, "dispute": dispute_id, "status": status})

    def pay_out(self, cents: int, *, in_days: int = 2, account: str = account) -> str:
        """From its balance to its bank, where it arrives so many days from now. -> the payout's id"""
        of = {"account": account, "amount": cents, "in_days": in_days}
        return str(self._post("payouts", of)["payout"])

    def move_payout(self, payout_id: str, status: str, account: str = account, **more: str) -> None:
        """ "in_transit", "paid", "failed" (with `failure="account_closed"`, say) or "canceled"."""
        self._post("payouts/move", {"account": account, "payout": payout_id, "status": status, **more})

    def change_saved_card(self, method_id: str, number: str, account: str = account) -> None:
        """It behaves like the test card of that number from now on."""
        self._post(
            "payment_methods/card", {"account": account, "payment_method": method_id, "number": number}
        )

    def disconnect(self, account: str, *, connected: bool = False) -> None:
        """Its tradie throws us out (an `account.application.deauthorized` event), or lets us in again."""
        self._post("accounts/disconnect", {"account": account, "connected": connected})

    def refund_in_dashboard(self, intent_id: str, cents: int, account: str = account) -> Json:
        """As the tradie does in their own Stripe dashboard. -> the refund, or {"error": {...}}"""
        answer: Json = self._http.post(
            f"{self.direct}/v1/refunds",
            data={"payment_intent": intent_id, "amount": cents},
            headers={"Authorization": "Bearer sk_test_demo", "Stripe-Account": account},
            timeout=30,
        ).json()
        return answer

    def pay(
        self, client_secret: str, account: str = account, card: str = "4242424242424242", **changes: str
    ) -> Json:
        """Confirms as Stripe.js would. -> the PaymentIntent, or {"error": {...}}, as for a declined card."""
        intent = client_secret.split("_secret_")[0]
        form = {
            "key": self.publishable_key,
            "_stripe_account": account,
            "client_secret": client_secret,
            "use_stripe_sdk": "true",
            "payment_method_data[type]": "card",
            "payment_method_data[card][number]": card,
            "payment_method_data[card][exp_month]": "12",
            "payment_method_data[card][exp_year]": "2040",
            "payment_method_data[card][cvc]": "123",
            **changes,
        }
        return self._browser(f"/v1/{_address_of(intent)}/{intent}/confirm", form)

    def authenticate(self, client_secret: str, passed: bool, account: str = account) -> Json:
        """Answers the 3-D Secure challenge. -> the PaymentIntent"""
        intent = client_secret.split("_secret_")[0]
        form = {
            "key": self.publishable_key,
            "_stripe_account": account,
            "client_secret": client_secret,
            "passed": str(passed).lower(),
        }
        return self._browser(f"/_demo/{_address_of(intent)}/{intent}/authenticate", form)

    def _browser(self, path: str, form: dict[str, str]) -> Json:
        answer: Json = self._http.post(self.direct + path, data=form, timeout=30).json()
        return answer

    def _objects(self, kind: str, account: str | None) -> list[Json]:
        data: list[Json] = self._get(kind, {"account": account} if account else {})["data"]
        return data

    def _get(self, name: str, query: dict[str, str] | None = None) -> Json:
        answer = self._http.get(f"{self.direct}/_control/{name}", params=query, timeout=10)
        answer.raise_for_status()
        result: Json = answer.json()
        return result

    def _post(self, name: str, body: Json | None = None) -> Json:
        answer = self._http.post(f"{self.direct}/_control/{name}", json=body or {}, timeout=10)
        assert answer.ok, answer.text
        result: Json = answer.json()
        return result


def _address_of(intent: str) -> str:
    return "setup_intents" if intent.startswith("seti_") else "payment_intents"
