"""What waits for a person: no program goes on with it."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.apps import apps

from peepopay import given_up, outbox

from .self_check import MOST_SHOWN, YOUNG, Check, keys

PATIENCE_WITH_FUNDS = timedelta(days=3)  # a tradie may take that long to add funds at Stripe


def outbox_rows_dead(now: datetime) -> list[str]:
    """Work that was given up: to be tried again, or closed."""
    return [
        f"{model._meta.label} {key}"
        for model in outbox.kinds()
        for key in given_up.dead_rows(model).values_list("pk", flat=True)[:MOST_SHOWN]
    ]


def refunds_failed(now: datetime) -> list[str]:
    """The customer has not got their money, in whichever way, and nobody has said yet that they saw to it."""
    return keys(
        """SELECT r.id FROM payments_refund r JOIN payments_payment p ON p.id = r.payment_id
           WHERE r.status = 'failed' AND p.refunded_cents < p.amount_cents
           AND (p.seen_to_at IS NULL OR p.attention <> '')
           AND NOT EXISTS (SELECT FROM payments_refund again WHERE again.instead_of_id = r.id)"""
    )


def refunds_short_of_funds(now: datetime) -> list[str]:
    """The tradie was told that the balance at Stripe is too low, and days later it still is."""
    return keys(
        """SELECT r.id FROM payments_refund r
           WHERE r.status IN ('requested', 'submitted') AND r.short_since < %s""",
        now - PATIENCE_WITH_FUNDS,
    )


def events_without_an_answer(now: datetime) -> list[str]:
    """Stripe gives no answer about these for half an hour: it is away, or refuses our key, which a person must mend."""
    return keys(
        """SELECT last_error, count(*), 'since', min(unanswered_since) FROM payments_stripeevent
           WHERE done_at IS NULL AND dead_at IS NULL AND unanswered_since < %s GROUP BY last_error""",
        now - YOUNG,
    )


def attention(now: datetime) -> list[str]:
    """Every row that asks for a person, of whatever model, with what it says."""
    return [
        f"{model._meta.label} {key}: {text}"
        for model in apps.get_models()
        if any(field.name == "attention" for field in model._meta.get_fields())
        for key, text in model._default_manager.exclude(attention="").values_list("pk", "attention")[
            :MOST_SHOWN
        ]
    ]


FOR_A_PERSON: dict[str, Check] = {
    check.__name__: check
    for check in (
        outbox_rows_dead,
        events_without_an_answer,
        refunds_failed,
        refunds_short_of_funds,
        attention,
    )
}
