"""What Stripe has of an account, page by page and within bounds. Failures are those of `stripe_gateway.py`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, TypeVar

from .stripe_answers import (
    EventHint,
    RefundAnswer,
    application_fees_of,
    metadata_of,
    read_hint,
    read_refund,
)
from .stripe_gateway import MOST_PAGES, StripeRefused, ask, client, options

Item = TypeVar("Item")


@dataclass(frozen=True)
class DisputeAnswer:
    id: str
    intent_id: str
    status: str
    reason: str
    amount_cents: int
    evidence_due_by: datetime | None
    evidence_sent: bool
    opened_at: datetime


@dataclass(frozen=True)
class TransactionAnswer:
    """A balance transaction. Cents; positive amounts came in, positive fees were taken. `intent_id`: of the payment
    that it is about, if any."""

    id: str
    type: str
    amount_cents: int
    stripe_fee_cents: int
    our_fee_cents: int
    currency: str
    intent_id: str
    created_at: datetime


@dataclass(frozen=True)
class IntentFacts:
    """What of an intent is compared with its row. `fee_cents` is the application fee."""

    id: str
    status: str
    amount_cents: int
    fee_cents: int
    payment_id: str  # ours; empty for the tradie's other payments
    created_at: datetime


def list_intents(account_id: str, *, since: datetime) -> Iterator[IntentFacts]:
    """Newest first. Raises StripeRefused."""
    of = {"created": {"gte": int(since.timestamp())}}
    return pages(client().v1.payment_intents.list, account_id, read_facts, of)


def retrieve_event(account_id: str, event_id: str) -> EventHint:
    """Raises StripeRefused."""
    retrieve = client().v1.events.retrieve
    return ask(
        lambda: retrieve(event_id, None, options(account_id)), lambda event: _read_event(event, account_id)
    )


def list_refunds(account_id: str, **of: Any) -> Iterator[RefundAnswer]:
    """Newest first, whoever made them; `of`: {"payment_intent": ID} or {"created": {"gte": UNIX}}. Raises
    StripeRefused, also when there are more than anybody would look through."""
    return pages(client().v1.refunds.list, account_id, read_refund, of)


def list_refunds_with_fees(account_id: str, *, since: datetime) -> Iterator[RefundAnswer]:
    """The same, of all payments, and each with what of our fee came back with it."""
    return list_refunds(
        account_id, created={"gte": int(since.timestamp())}, expand=["data.balance_transaction"]
    )


def list_disputes(account_id: str, **of: Any) -> Iterator[DisputeAnswer]:
    """Newest first; `of`: {"payment_intent": ID} or {"created": {"gte": UNIX}}. Raises StripeRefused."""
    return pages(client().v1.disputes.list, account_id, read_dispute, of)


def list_transactions(account_id: str, *, since: datetime, until: datetime) -> Iterator[TransactionAnswer]:
    """What moved the account's balance, newest first, with fees. Raises StripeRefused."""
    created = {"gte": int(since.timestamp()), "lte": int(until.timestamp()) + 1}
    of = {"created": created, "expand": ["data.source"]}
    return pages(client().v1.balance_transactions.list, account_id, read_transaction, of)


def list_events(account_id: str, *, since: datetime, types: list[str]) -> Iterator[EventHint]:
    """Newest first; of no more than twenty types. Raises StripeRefused."""
    of = {"created": {"gte": int(since.timestamp())}, "types": types}
    return pages(client().v1.events.list, account_id, lambda event: _read_event(event, account_id), of)


def pages(
    list_some: Callable[..., Any], account_id: str, read: Callable[[Any], Item], of: dict[str, Any]
) -> Iterator[Item]:
    """All that a list of Stripe's has `of` something, page by page. Raises StripeRefused."""
    window: dict[str, Any] = {"limit": 100, **of}
    for _ in range(MOST_PAGES):
        found, last_id, more = ask(
            lambda: list_some(window, options(account_id)), lambda page: _read_page(page, read)
        )
        yield from found
        if not more:
            return
        window["starting_after"] = last_id
    raise StripeRefused("too_many", retry_helps=False)


def _read_page(page: Any, read: Callable[[Any], Item]) -> tuple[list[Item], str, bool]:
    last_id = page.data[-1].id if page.data else ""
    return [read(answer) for answer in page.data], last_id, page.has_more


def _read_event(event: Any, account_id: str) -> EventHint:
    """Asked on the account, Stripe doesn't name it."""
    return replace(read_hint(event.to_dict()), account_id=account_id)


def read_facts(answer: Any) -> IntentFacts:
    return IntentFacts(
        id=answer.id,
        status=answer.status,
        amount_cents=answer.amount,
        fee_cents=answer.application_fee_amount or 0,
        payment_id=metadata_of(answer.metadata).get("payment_id", ""),
        created_at=datetime.fromtimestamp(answer.created, UTC),
    )


def read_dispute(answer: Any) -> DisputeAnswer:
    details = answer.evidence_details
    return DisputeAnswer(
        id=answer.id,
        intent_id=answer.payment_intent or "",
        status=answer.status,
        reason=answer.reason,
        amount_cents=answer.amount,
        evidence_due_by=datetime.fromtimestamp(details.due_by, UTC) if details.due_by else None,
        evidence_sent=details.submission_count > 0,
        opened_at=datetime.fromtimestamp(answer.created, UTC),
    )


def read_transaction(answer: Any) -> TransactionAnswer:
    """What of our fee we give back by itself is an amount to Stripe; to us it is a fee, as when a refund brings it."""
    ours, amount = application_fees_of(answer), answer.amount
    if answer.type == "application_fee_refund":
        ours, amount = -amount, 0
    return TransactionAnswer(
        id=answer.id,
        type=answer.type,
        amount_cents=amount,
        stripe_fee_cents=answer.fee - application_fees_of(answer),
        our_fee_cents=ours,
        currency=answer.currency,
        intent_id=str(getattr(answer.source, "payment_intent", None) or ""),
        created_at=datetime.fromtimestamp(answer.created, UTC),
    )
