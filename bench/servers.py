"""A PostgreSQL and a Valkey of our own, and the web servers to compare, all with the settings of production."""

import os
import sys
from http.client import HTTPConnection
from pathlib import Path

from local import postgres, valkey
from local.ports import free_port
from local.prepare import collect_static_files
from local.processes import Process, temporary_folder

CHECKOUT = Path(__file__).resolve().parents[1]
folder = temporary_folder("bench")
servers: dict[str, Process] = {}


def start_servers() -> None:
    """Start the database and the cache and set Django up on them, with an empty schema."""
    database_port, cache_port = free_port(), free_port()
    servers["postgres"] = postgres.postgres(
        port=database_port, data=folder / "postgres", log=folder / "postgres.log", disposable=True
    ).start()
    postgres.create_database(database_port, "peepopay")
    servers["valkey"] = valkey.valkey(
        port=cache_port, folder=folder / "valkey", log=folder / "valkey.log"
    ).start()
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "peepopay.settings",
        "SECRET_KEY": "only-for-measuring",
        "SITE_URL": "http://127.0.0.1",
        "ALLOWED_HOSTS": "127.0.0.1",
        "DATABASE_URL": postgres.url(database_port, "peepopay"),
        "REDIS_URL": valkey.url(cache_port, 0),
        "CELERY_BROKER_URL": valkey.url(cache_port, 1),
        "STRIPE_SECRET_KEY": "sk_test_demo",
        "STRIPE_PUBLISHABLE_KEY": "pk_test_demo",
        "STRIPE_WEBHOOK_SECRETS": "whsec_only_for_measuring",
        "RATE_LIMITS": "off",  # one address sends everything
        "LOG_LEVEL": "WARNING",
    }
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    collect_static_files()  # no page could be rendered without


def serve(application: str, server: str = "") -> tuple[Process, int]:
    """A WSGI application under gunicorn (or granian, or what WEB_SERVER says) as in production, and its port."""
    port = free_port()
    process = Process(
        name=application,
        argv=[sys.executable, "deploy/serve.py", f"127.0.0.1:{port}", application],
        log=folder / f"{application.partition(':')[0]}.log",
        env={**os.environ, "WEB_LOG_LEVEL": "warning", **({"WEB_SERVER": server} if server else {})},
        ready=lambda: answers_http(port),
        cwd=CHECKOUT,
    )
    return process.start(), port


def answers_http(port: int) -> bool:
    """Connections are taken before there is a worker to answer them."""
    link = HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        link.request("GET", "/health/redis")
        return link.getresponse().status == 200
    except OSError:
        return False
    finally:
        link.close()


def pgbench() -> Path:
    """The program that comes with the embedded PostgreSQL."""
    return postgres.program_folder() / "pgbench"
