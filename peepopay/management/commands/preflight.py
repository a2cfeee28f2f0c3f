"""manage.py preflight: what to run before new code takes over."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from peepopay import health
from peepopay.environment import REQUIRED

VARIABLES = {"db": "DATABASE_URL", "redis": "REDIS_URL", "rabbitmq": "CELERY_BROKER_URL"}


class Command(BaseCommand):
    requires_system_checks: list[str] = []  # all of them run below, and those of a deployment
    help = "Checks the configuration as a deployment's, and that PostgreSQL, Redis and the broker answer."

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("check", deploy=True, fail_level="WARNING", stdout=self.stdout)
        checks = health.check(*VARIABLES)
        if silent := [name for name in VARIABLES if checks[name]["status"] != "healthy"]:
            raise CommandError("\n".join(map(sentence, silent)))
        self.stdout.write("PostgreSQL, Redis and the broker answer.")


def sentence(name: str) -> str:
    """Where it was looked for, without user and password."""
    variable = VARIABLES[name]
    return f"{name} does not answer at {place(name)}. See {variable}. Example: {REQUIRED[variable].example}"


def place(name: str) -> str:
    if name == "db":
        database = settings.DATABASES["default"]
        return f"{database['HOST']}:{database['PORT'] or 5432}"
    address = urlsplit(getattr(settings, VARIABLES[name]))
    return f"{address.hostname}:{address.port}" if address.port else str(address.hostname)
