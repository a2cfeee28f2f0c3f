"""Whether a business's money was found to match Stripe's: what its dashboard says of that."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from accounts.models import Tradie
from peepopay.lookups import only

from .discrepancy_models import Discrepancy
from .models import ConnectedAccount

RECENT = timedelta(hours=36)  # a night that was missed


@dataclass(frozen=True)
class Matched:
    """`at`: when all was last compared. `differs`: something is looked into."""

    at: datetime
    differs: bool


def matched(tradie: Tradie, *, now: datetime) -> Matched | None:
    """None where nothing was compared of late. Two queries at most."""
    account = only(ConnectedAccount.objects.filter(tradie=tradie, compared_at__gt=now - RECENT))
    if account is None or account.compared_at is None:
        return None
    ever = ConnectedAccount.objects.filter(Q(tradie=tradie) | Q(former_tradie=tradie)).values("account_id")
    differs = Discrepancy.objects.filter(account_id__in=ever, resolved_at=None).exists()
    return Matched(account.compared_at, differs)
