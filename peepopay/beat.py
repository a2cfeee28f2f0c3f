"""Celery's beat with a heartbeat; `celery_config.py` names it."""

from __future__ import annotations

from typing import Any

from celery.beat import PersistentScheduler

from .heartbeats import Heart


class BeatingScheduler(PersistentScheduler):
    """Its loop comes by at least every `beat_max_loop_interval` seconds."""

    def __init__(self, *args: Any, **options: Any) -> None:
        self.heart = Heart("beat")
        super().__init__(*args, **options)

    def tick(self, *args: Any, **options: Any) -> Any:
        self.heart.beat()
        return super().tick(*args, **options)
