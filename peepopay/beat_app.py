"""The clock, exactly one: `python -m peepopay.beat_app SCHEDULE_FILE`.

It publishes the names in `celery_config.beat_schedule` and needs nothing of what they do. Without Celery's hook for
Django, and without its command line (which loads a shell), it takes 31 MiB instead of 89.
"""

import logging.config
import os
import sys
from typing import Any

from celery import Celery
from celery.beat import PersistentScheduler
from django.conf import settings

from . import alive, metrics

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "peepopay.settings")
app = Celery("peepopay", fixups=[])
app.config_from_object("peepopay.celery_config")


class Clock(PersistentScheduler):
    """Shows that it goes round: `alive.py`."""

    def tick(self, *args: Any, **options: Any) -> Any:
        alive.touch()
        return super().tick(*args, **options)


if __name__ == "__main__":
    logging.config.dictConfig(settings.LOGGING)  # otherwise Django's, which is not loaded here
    metrics.serve()
    app.Beat(schedule=sys.argv[1], loglevel="INFO", scheduler_cls=Clock, max_interval=10).run()
