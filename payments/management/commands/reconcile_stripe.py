"""`manage.py reconcile_stripe [ACCOUNT ...]`: fetch events that never came, and compare all money of the last days."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from payments import comparison, event_sweep
from payments.models import ConnectedAccount
from payments.stripe_gateway import StripeRefused


class Command(BaseCommand):
    help = (
        "For each account, or those named: stores Stripe's events that never came, then compares payments, refunds "
        "and disputes of the last days with our rows. Prints every difference; exits 1 if there are any, or if Stripe "
        "gave no answer. Any number of times."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("accounts", nargs="*", metavar="ACCOUNT", help="acct_...")

    def handle(self, *args: Any, **options: Any) -> None:
        accounts, named = ConnectedAccount.objects.order_by("account_id"), options["accounts"]
        if named:
            accounts = accounts.filter(account_id__in=named)
            if unknown := set(named) - set(accounts.values_list("account_id", flat=True)):
                raise CommandError(f"No such account: {', '.join(sorted(unknown))}")
        well = [self._reconcile(account) for account in accounts]
        if not all(well):
            raise SystemExit(1)

    def _reconcile(self, account: ConnectedAccount) -> bool:
        now = timezone.now()
        try:
            stored = event_sweep.store_missing(account, now=now)
            found = comparison.compare(account.account_id, now=now)
        except StripeRefused as refusal:
            self.stderr.write(f"{account}: Stripe says {refusal.code}")
            return False
        self.stdout.write(f"{account}: {stored} events stored, {len(found)} differences")
        for difference in found:
            sides = (
                f"Stripe: {difference.at_stripe or 'nothing'}; here: {difference.in_our_rows or 'nothing'}"
            )
            self.stdout.write(f"  {difference.kind} {difference.object_id}: {sides}")
        return not found
