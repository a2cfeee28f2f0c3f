"""The operator's pages at /admin/; Django looks for them here."""

from . import accounts, availability, bookings, notifications, payments, webhooks

__all__ = ["accounts", "availability", "bookings", "notifications", "payments", "webhooks"]
