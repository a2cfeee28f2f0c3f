"""The environment that the settings are read from, with a sentence for whoever got it wrong. No part of Django may be
imported here but its exceptions: the settings read it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from environ import FileAwareEnv
from environ.fileaware_mapping import FileAwareMapping


@dataclass(frozen=True)
class Wanted:
    """A variable without which nothing starts: its address must begin with one of `schemes`, if there are any."""

    example: str
    schemes: tuple[str, ...] = ()


REQUIRED = {
    "SECRET_KEY": Wanted("50 or more random characters, as `openssl rand -base64 48` prints"),
    "DATABASE_URL": Wanted(
        "postgres://peepopay:password@db.example.com:5432/peepopay", ("postgres", "postgresql")
    ),
    "REDIS_URL": Wanted("redis://redis:6379/0", ("redis", "rediss", "unix")),
    "CELERY_BROKER_URL": Wanted(
        "amqp://peepopay:password@rabbitmq:5672//", ("amqp", "amqps", "pyamqp", "redis", "rediss", "memory")
    ),
}


SENTRY_DSN = re.compile(r"https?://\w+(:\w+)?@[\w.-]+(:\d{1,5})?/([\w/-]+/)?\d+")


class Files(FileAwareMapping):
    """NAME_FILE instead of NAME. The line end that editors and `echo` leave is not part of a secret.

    A blank value is none: what deploy/stack.yml passes on is blank where production.env says nothing of it."""

    def __getitem__(self, key: str) -> str:
        try:
            value: str = super().__getitem__(key)
        except OSError as problem:
            raise ImproperlyConfigured(
                f"{key}_FILE names {problem.filename}, which can't be read: {problem.strerror}."
            ) from problem
        if not value.strip():
            raise KeyError(key)
        return value.strip() if self.env.get(f"{key}_FILE") else value


class Environment(FileAwareEnv):
    ENVIRON = Files(cache=False)

    def required(self, name: str) -> str:
        """Raises ImproperlyConfigured with a sentence for each variable of REQUIRED that is missing or wrong."""
        if self.problem_with(name):
            raise ImproperlyConfigured("\n".join(filter(None, map(self.problem_with, REQUIRED))))
        return str(self.str(name))

    def problem_with(self, name: str) -> str:
        wanted, value = REQUIRED[name], str(self.str(name, default="")).strip()
        if not value:
            return (
                f"{name} is not set. It may also be a file that {name}_FILE names. Example: {wanted.example}"
            )
        if wanted.schemes and value.partition("://")[0] not in wanted.schemes:
            return f"{name} must begin with {wanted.schemes[0]}://. Example: {wanted.example}"
        return ""

    def email_url(self, var: str, *args: Any, **options: Any) -> dict[str, Any]:
        """As the library has it, but what it can't read is told by its name, and not by a part of its password."""
        self.str(var, default="")  # a file that can't be read has a sentence of its own
        try:
            return dict(super().email_url(var, *args, **options))
        except (ImproperlyConfigured, ValueError):
            raise ImproperlyConfigured(
                f"{var} is not the address of a mail server; in a password / is written %2F, # %23 and @ %40. "
                "Example: smtp+tls://user:password@smtp.example.com:587"
            ) from None

    def secret(self, name: str) -> str:
        """Empty if there is none. A secret of Docker must hold something: then it is the word `none`."""
        value = str(self.str(name, default="")).strip()
        return "" if value == "none" else value

    def sentry_dsn(self, name: str) -> str:
        """Empty if it is not set. Raises ImproperlyConfigured: the SDK would refuse it only when all has started."""
        value = str(self.str(name, default="")).strip()
        if value and not SENTRY_DSN.fullmatch(value):
            raise ImproperlyConfigured(
                f"{name} is none that Sentry gives out. Unset it, or copy it from Sentry: Settings, Projects, Client "
                "Keys. Example: https://0123456789abcdef@o1.ingest.sentry.io/2"
            )
        return value

    def get_value(self, var: str, *args: Any, **options: Any) -> Any:
        """As the library has it, but a value that is no number, say, is told by its name and not by what it is."""
        try:
            return super().get_value(var, *args, **options)
        except ValueError as problem:
            raise ImproperlyConfigured(
                f"{var} can't be read as what it should be. Its default: {options.get('default', 'none')}"
            ) from problem
