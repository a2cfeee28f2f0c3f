"""The Celery application: `celery -A peepopay.celery_app worker|beat`."""

import os

from celery import Celery

from .dead_letters import DeclareDeadLetters

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "peepopay.settings")
app = Celery("peepopay")
app.config_from_object("peepopay.celery_config")
app.autodiscover_tasks()
app.steps["consumer"].add(DeclareDeadLetters)
