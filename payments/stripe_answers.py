"""What Stripe answers, read into small frozen records. Amounts in cents, instants in UTC."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

LONG_AGO = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True)
class Intent:
    """A PaymentIntent."""

    id: str
    status: str
    amount_cents: int
    received_cents: int
    currency: str
    metadata: dict[str, str]
    client_secret: str
    customer_id: str = ""
    payment_method_id: str = ""
    saves_card: bool = False  # for charges while its holder isn't there


@dataclass(frozen=True)
class Setup:
    """A SetupIntent: a card that is saved while nothing is paid."""

    id: str
    status: str
    client_secret: str
    payment_method_id: str = ""


@dataclass(frozen=True)
class RefundAnswer:
    id: str
    status: str  # pending, requires_action, succeeded, failed, canceled
    amount_cents: int
    metadata: dict[str, str]
    intent_id: str = ""
    created_at: datetime = LONG_AGO
    why: str = ""  # it waits, or failed: insufficient_funds, charge_pending, expired_or_canceled_card, ...
    charge_id: str = ""
    fee_back_cents: int | None = None  # what of our fee came back with it; None: it was not asked for that


@dataclass(frozen=True)
class EventHint:
    """What a webhook says happened; only a reason to go and look."""

    id: str
    type: str
    account_id: str
    object_id: str
    livemode: bool
    created_at: datetime
    metadata: dict[str, str]


def metadata_of(source: Any) -> dict[str, str]:
    return {str(name): str(value) for name, value in source.to_dict().items()} if source else {}


def read_intent(answer: dict[str, Any]) -> Intent:
    return Intent(
        id=answer["id"],
        status=answer["status"],
        amount_cents=answer["amount"],
        received_cents=answer["amount_received"] or 0,
        currency=answer["currency"],
        metadata={str(name): str(value) for name, value in (answer["metadata"] or {}).items()},
        client_secret=answer["client_secret"] or "",
        customer_id=str(answer["customer"] or ""),
        payment_method_id=str(answer["payment_method"] or ""),
        saves_card=answer["setup_future_usage"] == "off_session",
    )


def read_setup(answer: Any) -> Setup:
    return Setup(answer.id, answer.status, answer.client_secret or "", str(answer.payment_method or ""))


def read_refund(answer: Any) -> RefundAnswer:
    return RefundAnswer(
        id=answer.id,
        status=answer.status,
        amount_cents=answer.amount,
        metadata=metadata_of(answer.metadata),
        intent_id=str(answer.payment_intent or ""),
        created_at=datetime.fromtimestamp(answer.created, UTC),
        why=getattr(answer, "pending_reason", None) or getattr(answer, "failure_reason", None) or "",
        charge_id=str(answer.charge or ""),
        fee_back_cents=_fee_back(answer.balance_transaction),
    )


def _fee_back(transaction: Any) -> int | None:
    """Of a balance transaction that was asked for whole."""
    if transaction is None or isinstance(transaction, str):
        return None
    return -application_fees_of(transaction)


def application_fees_of(transaction: Any) -> int:
    """What of its fees is ours; below nothing where it came back."""
    return sum(fee.amount for fee in transaction.fee_details if fee.type == "application_fee")


def read_intents(page: dict[str, Any]) -> tuple[list[Intent], bool]:
    """One page of a list, newest first, and whether there are more."""
    return [read_intent(answer) for answer in page["data"]], page["has_more"]


def read_hint(event: dict[str, Any]) -> EventHint:
    """Both shapes: the classic event carries its object, the v2 event only names it."""
    kind = _name(event["type"], 100)
    if event.get("object") == "v2.core.event":
        created_at = datetime.fromisoformat(event["created"])
        about, account_id = event.get("related_object") or {}, None
    else:
        created_at = datetime.fromtimestamp(event["created"], UTC)
        about, account_id = event["data"]["object"], event.get("account")
    intent = about.get("payment_intent") if kind.startswith(("charge.", "refund.")) else None
    metadata, event_id = about.get("metadata"), _name(event["id"], 100)
    if not event_id:
        raise ValueError("an event without an id")
    return EventHint(
        id=event_id,
        type=kind,
        account_id=_name(account_id, 64),
        object_id=_name(intent or about.get("id"), 100),
        livemode=bool(event["livemode"]),
        created_at=created_at,
        metadata=metadata if isinstance(metadata, dict) else {},
    )


def _name(value: object, most: int) -> str:
    """An id of Stripe's, at most `most` characters. Raises ValueError for a NUL, which no row could hold."""
    text = str(value or "")
    if "\0" in text:
        raise ValueError("an id with a NUL")
    return text[:most]
