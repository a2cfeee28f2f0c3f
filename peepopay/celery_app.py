"""The Celery application: `celery -A peepopay.celery_app worker`. Beat has a smaller one: peepopay.beat_app."""

import os
from typing import Any

from celery import Celery, signals

from . import garbage, metrics
from .dead_letters import DeclareDeadLetters
from .worker_task import WorkerTask

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "peepopay.settings")
app = Celery("peepopay", task_cls=WorkerTask)
app.config_from_object("peepopay.celery_config")
app.autodiscover_tasks()
app.steps["consumer"].add(DeclareDeadLetters)


@signals.worker_init.connect
def show_figures(**_: Any) -> None:
    metrics.serve()


@signals.worker_init.connect
def load_before_forking(**_: Any) -> None:
    """The address map, which messages need for their links: loaded once and shared, instead of in each child."""
    from django.urls import get_resolver

    get_resolver().url_patterns  # noqa: B018  read for its making
    garbage.settle()
