"""`manage.py check_invariants`: look for anything that must never be; print how many there are."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from payments import invariants


class Command(BaseCommand):
    help = "Checks what must hold whatever happened. Prints every finding, then their number; exits 1 unless it is 0."

    def handle(self, *args: Any, **options: Any) -> None:
        found = invariants.findings(now=timezone.now())
        for finding in found:
            self.stderr.write(finding)
        self.stdout.write(str(len(found)))
        if found:
            raise SystemExit(1)
