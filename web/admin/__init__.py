"""The operator's pages at /admin/; Django looks for them here."""

from . import (
    accounts,
    api_keys,
    audit,
    availability,
    bookings,
    books,
    customers,
    invoices,
    notifications,
    payments,
    quotes,
    series,
    stripe,
    webhooks,
)

__all__ = [
    "accounts",
    "api_keys",
    "audit",
    "availability",
    "bookings",
    "books",
    "customers",
    "invoices",
    "notifications",
    "payments",
    "quotes",
    "series",
    "stripe",
    "webhooks",
]
