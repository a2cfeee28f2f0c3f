"""How a business likes to be paid besides cards."""

from __future__ import annotations

from django.db import transaction

from accounts import audit
from accounts.audit_models import Change

from .models import PayTo


@transaction.atomic
def change_pay_to(row: PayTo) -> None:
    """Invoices that were issued keep what they say."""
    row.save()
    audit.note(row.tradie_id, Change.PAY_TO_CHANGED, detail=", ".join(row.as_told))
