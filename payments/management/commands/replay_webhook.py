"""`manage.py replay_webhook EVENT_ID`: have an event of Stripe's acted on, again or for the first time."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from payments import inbox, stripe_lists
from payments.models import StripeEvent
from payments.stripe_gateway import StripeRefused


class Command(BaseCommand):
    help = (
        "Has an event acted on by a worker: one that is stored begins anew, done or given up; with --account, one that "
        "never came is fetched from Stripe. Acting on an event only asks Stripe afresh, so this may be done any number "
        "of times."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("event", metavar="EVENT_ID", help="evt_...")
        parser.add_argument("--account", help="acct_...: where to fetch it from if it never came")

    def handle(self, *args: Any, **options: Any) -> None:
        event_id, account = options["event"], options["account"]
        if inbox.replay(event_id, now=timezone.now()):
            self.stdout.write(f"{event_id} is due again.")
        elif account:
            self._fetch(account, event_id)
        else:
            raise CommandError(f"{event_id} never came. With --account it is fetched from Stripe.")

    def _fetch(self, account: str, event_id: str) -> None:
        try:
            event = stripe_lists.retrieve_event(account, event_id)
        except StripeRefused as refusal:
            raise CommandError(f"{event_id}: Stripe says {refusal.code}") from refusal
        inbox.store(event)
        if not StripeEvent.objects.filter(pk=event_id).exists():
            raise CommandError(f"{event_id} ({event.type}) is nothing that we act on.")
        self.stdout.write(f"{event_id} was fetched and is due.")
