"""The worker's end of the broker connection. `celery_config.py` names it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from celery.worker.consumer import Consumer

from . import alive


class PromptConsumer(Consumer):
    """Looks for a lost broker every 3 s at the latest. Celery's own pause grows to 30 s in a long outage, and customers
    would wait that much longer after the broker is back. While it looks, it lives (`alive.py`)."""

    class Blueprint(Consumer.Blueprint):
        """Without delayed delivery: a due time is a column here, and 28 quorum queues for nothing slow every start."""

        default_steps = [
            *(step for step in Consumer.Blueprint.default_steps if "delayed_delivery" not in step),
            "peepopay.heartbeats:WorkerHeart",
        ]

    def ensure_connected(self, conn: Any) -> Any:
        look = partial(conn.ensure_connection, interval_start=1, interval_step=1, interval_max=3)

        def ensure_connection(on_error: Callable[..., Any], *args: Any, **options: Any) -> Any:
            def found_none(*why: Any) -> Any:
                alive.touch()
                return on_error(*why)

            return look(found_none, *args, **options)

        conn.ensure_connection = ensure_connection
        return super().ensure_connected(conn)
