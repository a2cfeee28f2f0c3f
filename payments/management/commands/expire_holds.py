"""`manage.py expire_holds`: the sweep of holds that ran out, once, now."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from payments import expiry


class Command(BaseCommand):
    help = "Gives back the time of unpaid holds that are over, as the sweep does every 30 s. Any number of times."

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        expired, left = expiry.expire_holds(now=now), expiry.overdue_holds(now).count()
        self.stdout.write(f"{expired} expired, {left} left for the next time.")
