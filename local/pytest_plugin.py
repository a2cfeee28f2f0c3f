"""For pytest: a PostgreSQL and a Valkey of its own, up before the settings are read.

A DATABASE_URL or REDIS_URL that is set is used instead. Several runs can go on at once.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Generator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from local import migrated, postgres, valkey
from local.ports import free_port
from local.processes import Process, StartFailed, temporary_folder
from peepopay import garbage

if TYPE_CHECKING:
    from django.conf import LazySettings

pytest_plugins = ["local.fixtures", "local.sharing"]
ENVIRONMENT = {
    "DJANGO_SETTINGS_MODULE": "peepopay.settings",
    "SECRET_KEY": "only-for-tests",
    "SITE_URL": "http://testserver",
    "STRIPE_SECRET_KEY": "sk_test_demo",
    "STRIPE_PUBLISHABLE_KEY": "pk_test_demo",
    "STRIPE_WEBHOOK_SECRETS": "whsec_only_for_tests",
    # Nothing listens here: a test that means to call Stripe starts its own demo Stripe.
    "STRIPE_API_BASE": "http://127.0.0.1:1",
    # Else Celery looks through all models before each task that a test runs here: 6 % of all computing.
    "CELERY_SKIP_CHECKS": "true",
    # Playwright's synchronous interface runs an event loop in the thread that also uses the ORM.
    "DJANGO_ALLOW_ASYNC_UNSAFE": "true",
}
ATTEMPTS = 3
TEMPLATE = "PEEPOPAY_TEST_TEMPLATE"  # the database of which each process gets a copy


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(args: list[str]) -> Generator[None, object, object]:
    """Around everybody else's, pytest-django's too, which reads the settings here."""
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker:
        take_own_databases(worker)
    elif not {"--version", "--help", "-h", "-V"} & set(args):
        start_servers()
    result = yield
    from django.conf import settings

    if settings.configured:
        copy_migrated_database(settings)
        serve_static_files_unhashed(settings)
        look_for_static_files_when_asked(settings)
        hash_passwords_fast(settings)
    return result


def copy_migrated_database(settings: LazySettings) -> None:
    """Migrating takes longer than a hundred tests, and each process would do it."""
    if template := os.environ.get(TEMPLATE):
        settings.DATABASES["default"].setdefault("TEST", {}).update(TEMPLATE=template, MIGRATE=False)


def serve_static_files_unhashed(settings: LazySettings) -> None:
    """Or no page could be rendered without running collectstatic first."""
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = settings.STORAGES | {"staticfiles": plain}


def look_for_static_files_when_asked(settings: LazySettings) -> None:
    """Else WhiteNoise reads them all, some 400, for each test client that is made: 50 ms. Programs that tests start do
    as in production."""
    settings.WHITENOISE_AUTOREFRESH = True


def hash_passwords_fast(settings: LazySettings) -> None:
    """Argon2 takes 50 ms and more for each, and makes up most of a test in which somebody signs in."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *settings.PASSWORD_HASHERS]


def pytest_collection_finish() -> None:
    """What is loaded stays: to look through all of it for garbage over and over takes a tenth of the computing."""
    garbage.settle()


def start_servers() -> None:
    folder = temporary_folder("tests")
    os.environ.setdefault("SENT_MESSAGES_DIR", str(folder / "sent"))
    os.environ["UPLOADS_DIR"] = str(folder / "uploads")
    os.environ["PEEPOPAY_TEST_LOGS"] = str(folder)
    if "DATABASE_URL" not in os.environ:
        os.environ["DATABASE_URL"] = start_postgres(folder)
    if "REDIS_URL" not in os.environ:
        port = start_valkey(folder)
        os.environ["REDIS_URL"] = valkey.url(port, 0)
        os.environ.setdefault("CELERY_BROKER_URL", valkey.url(port, 1))


def take_own_databases(worker: str) -> None:
    """pytest-django gives each parallel process a PostgreSQL database of its own; this does so for Valkey."""
    number = 2 * (int(worker.removeprefix("gw")) + 1)
    for name, database in (("REDIS_URL", number), ("CELERY_BROKER_URL", number + 1)):
        server, _, _ = os.environ[name].rpartition("/")
        if server.startswith("redis://"):
            os.environ[name] = f"{server}/{database}"


def start_postgres(folder: Path) -> str:
    """Its DATABASE_URL."""
    log = folder / "postgres.log"
    copied_from = migrated.cluster()
    port = start_on_a_free_port(
        lambda port: postgres.postgres(
            port=port, data=folder / "postgres", log=log, disposable=True, copied_from=copied_from
        )
    )
    # Under a name that nobody connects to: a database in use can't be copied.
    postgres.rename_database(port, migrated.DATABASE, "migrated")
    os.environ[TEMPLATE] = "migrated"
    postgres.create_database(port, "peepopay")
    return postgres.url(port, "peepopay")


def start_valkey(folder: Path) -> int:
    """Its port."""
    log = folder / "valkey.log"
    return start_on_a_free_port(lambda port: valkey.valkey(port=port, folder=folder / "valkey", log=log))


def start_on_a_free_port(server: Callable[[int], Process]) -> int:
    """Another program may take the port between our look and the server's start: then once more."""
    for attempt in range(1, ATTEMPTS + 1):
        port = free_port()
        try:
            server(port).start()
        except StartFailed:
            if attempt == ATTEMPTS:
                raise
        else:
            return port
    raise AssertionError("unreachable")
