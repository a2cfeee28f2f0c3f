"""`manage.py erase_personal_data [--dry-run]`: erase customers' details that are older than they are kept."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from bookings import erasure


class Command(BaseCommand):
    help = "Erases the personal details of customers some time after their job (docs/privacy.md). Prints how many."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only count them")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        found = erasure.due(now=now).count() if options["dry_run"] else erasure.erase_due(now=now)
        self.stdout.write(f"{found} {'would be ' if options['dry_run'] else ''}erased")
