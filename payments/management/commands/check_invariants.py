"""`manage.py check_invariants`: look for what must never be, and for what waits for a person; print how many."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from payments import invariants


class Command(BaseCommand):
    help = (
        "Checks what must hold whatever happened, and looks for what waits for a person. "
        "Prints every finding, then their number; exits 1 unless it is 0."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        found = [*invariants.findings(now=now), *invariants.for_a_person(now=now)]
        for finding in found:
            self.stderr.write(finding)
        self.stdout.write(str(len(found)))
        if found:
            raise SystemExit(1)
