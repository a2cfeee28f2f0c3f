"""The codes that the accounts have in a business's own Xero."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction

from accounts import audit
from accounts.audit_models import Change
from accounts.models import Tradie

from .chart import Account
from .models import XeroAccount
from .xero import codes_of


@transaction.atomic
def set_codes(tradie: Tradie, codes: Mapping[Account, str]) -> None:
    """What differs is noted in the record of changes; the same again changes nothing."""
    Tradie.objects.select_for_update(no_key=True).get(pk=tradie.pk)
    before = codes_of(tradie)
    changed = {account: code for account, code in codes.items() if code != before.get(account)}
    for account, code in changed.items():
        XeroAccount.objects.update_or_create(tradie=tradie, account=account, defaults={"code": code})
    if changed:
        told = [f"{account.label} from {before[account]} to {code}" for account, code in changed.items()]
        audit.note(tradie.pk, Change.XERO_CODES_CHANGED, detail="; ".join(told))
