"""manage.py relay"""

from __future__ import annotations

import signal
from typing import Any

from django.core.management.base import BaseCommand

from peepopay import metrics
from peepopay.celery_app import app
from peepopay.relay import Relay, routes
from peepopay.relay_figures import RelayFigures


class Command(BaseCommand):
    requires_system_checks: list[str] = []  # they import every page; the web process runs them
    help = "Publishes outbox rows of every kind as Celery tasks. Several may run at once."

    def handle(self, *args: Any, **options: Any) -> None:
        relay = Relay(app, routes())
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: relay.stop())
        metrics.serve(RelayFigures(app))
        relay.run()
