"""The worker's end of the broker connection."""

from __future__ import annotations

from functools import partial
from typing import Any

from celery.worker.consumer import Consumer


class PromptConsumer(Consumer):
    """Looks for a lost broker every 3 s at the latest. Celery's own pause grows to 30 s in a long outage, and that long
    a customer would then wait after the broker is back. Set as CELERY_WORKER_CONSUMER."""

    def ensure_connected(self, conn: Any) -> Any:
        conn.ensure_connection = partial(
            conn.ensure_connection, interval_start=1, interval_step=1, interval_max=3
        )
        return super().ensure_connected(conn)
