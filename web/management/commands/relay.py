"""manage.py relay"""

from __future__ import annotations

import signal
from typing import Any

from django.core.management.base import BaseCommand

from notifications.models import Message
from payments.models import Refund, StripeEvent
from peepopay.celery_app import app
from peepopay.relay import Relay, Route

ROUTES = [
    Route(StripeEvent, "payments.tasks.process_event", "webhooks"),
    Route(Refund, "payments.tasks.send_refund", "webhooks"),
    Route(Message, "notifications.tasks.deliver_message", "messages"),
]


class Command(BaseCommand):
    requires_system_checks: list[str] = []  # they import every page; the web process runs them
    help = (
        "Publishes outbox rows (Stripe events, refunds, messages) as Celery tasks. Several may run at once."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        relay = Relay(app, ROUTES)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: relay.stop())
        relay.run()
