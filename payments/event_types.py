"""The events that Stripe is to send us, which deploy/README.md has operators choose. Each has its rule in `inbox.py`.
No part of Django may be imported here: the local stack reads it too."""

from __future__ import annotations

DISPUTES = tuple(
    f"charge.dispute.{what}"
    for what in ("created", "updated", "closed", "funds_withdrawn", "funds_reinstated")
)
PAYOUTS = tuple(f"payout.{what}" for what in ("created", "updated", "paid", "failed", "canceled"))
CONNECTED_ACCOUNTS = (
    "payment_intent.succeeded",
    "payment_intent.processing",
    "payment_intent.amount_capturable_updated",
    "payment_intent.payment_failed",
    "payment_intent.canceled",
    "setup_intent.succeeded",
    "charge.refunded",
    "refund.updated",
    "refund.failed",
    *DISPUTES,
    *PAYOUTS,
    "account.updated",
    "account.application.deauthorized",
    "capability.updated",
)
ACCOUNTS_V2 = (
    "v2.core.account.closed",
    "v2.core.account[configuration.merchant].updated",
    "v2.core.account[configuration.merchant].capability_status_updated",
)
EVERY = (*CONNECTED_ACCOUNTS, *ACCOUNTS_V2)
