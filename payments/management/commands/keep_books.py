"""`manage.py keep_books [--stripe]`: enter in the books whatever they lack."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from payments import books_checks, stripe_transactions
from payments.models import ConnectedAccount
from payments.stripe_gateway import StripeRefused


class Command(BaseCommand):
    help = (
        "Enters what happened to customers' money and is not in the books, as of when it happened; with --stripe also "
        "asks Stripe for the fees of all payments. Prints how many bookings that took. Any number of times."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--stripe", action="store_true", help="ask Stripe for all fees since the first payment"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        found = 0
        while more := books_checks.post_missing(now=timezone.now()):
            found += more
        self.stdout.write(f"{found} bookings entered")
        accounts = ConnectedAccount.objects.all() if options["stripe"] else []
        answers = [self._ask(account) for account in accounts]
        if not all(answers):
            raise SystemExit(1)

    def _ask(self, account: ConnectedAccount) -> bool:
        account.transactions_seen_until = None
        try:
            stored = stripe_transactions.store_new(account, now=timezone.now())
        except StripeRefused as refusal:
            self.stderr.write(f"{account}: Stripe says {refusal.code}")
            return False
        self.stdout.write(f"{account}: {stored} movements stored")
        return True
