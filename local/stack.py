"""The whole product on this machine: servers, web, worker, beat, relay, demo Stripe, example website.

`make run` and the end-to-end tests start the same thing; they differ in folder, ports and what outlives them.
"""

import json
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from local import migrated, postgres, programs, valkey
from local.console import Console
from local.migrated import DATABASE
from local.paths import CHECKOUT, kept_secret
from local.pgbouncer import PgBouncer
from local.ports import LOOPBACK, free_port, wait_until
from local.processes import Process, StartFailed, stop_all
from local.proxy import Proxy
from local.rabbitmq import RabbitMQ
from local.stamps import Stamp


@dataclass
class Stack:
    """What `given` (an environment) already names is used, not started. Takes `web_port` and the next two."""

    folder: Path
    given: Mapping[str, str]
    web_port: int
    disposable: bool
    broker: str = "valkey"
    pooler: bool = False  # web reaches PostgreSQL through PgBouncer in transaction mode
    proxied: bool = False  # people reach web through Traefik, over https
    metrics: bool = False  # each program shows its figures: `metrics_ports`
    tell: Callable[[str], None] = lambda _line: None
    postgres_port: int = field(default_factory=free_port)
    valkey_port: int = field(default_factory=free_port)
    metrics_ports: dict[str, int] = field(default_factory=dict)
    processes: dict[str, Process] = field(default_factory=dict)
    rabbitmq: RabbitMQ | None = None
    pgbouncer: PgBouncer | None = None
    proxy: Proxy | None = None

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        # One METRICS_ADDRESS would be that of all programs, which here share a machine.
        self.given = {
            name: value for name, value in self.given.items() if value and name != "METRICS_ADDRESS"
        }
        self.logs = self.folder / "logs"
        self.embedded_broker = "CELERY_BROKER_URL" not in self.given
        if self.broker == "rabbitmq" and self.embedded_broker:
            self.rabbitmq = RabbitMQ(self.folder / "rabbitmq")
        if self.pooler:
            self.pgbouncer = PgBouncer(self.folder / "pgbouncer", self.postgres_port, DATABASE)
        if self.proxied:
            self.proxy = Proxy(self.folder / "proxy", self.given)
        self.env = self.environment()
        self.console = Console(self.env)

    @property
    def site_url(self) -> str:
        return self.env["SITE_URL"]

    @property
    def stripe_url(self) -> str:
        return f"http://localhost:{self.web_port + 1}"

    @property
    def website_url(self) -> str:
        return f"http://localhost:{self.web_port + 2}"

    @property
    def sent(self) -> Path:
        """Where mails and SMS become files."""
        return Path(self.env["SENT_MESSAGES_DIR"])

    def environment(self) -> dict[str, str]:
        """What the product's programs get: `given` wins over what we start."""
        valkey_url = self.given.get("REDIS_URL") or valkey.url(self.valkey_port, 0)
        ours = {
            "SITE_URL": f"http://localhost:{self.web_port}",
            "ALLOWED_HOSTS": "localhost,127.0.0.1",
            **(self.proxy.environment() if self.proxy else {}),
            **self.database_environment(),
            "REDIS_URL": valkey_url,
            "CELERY_BROKER_URL": self.rabbitmq.url if self.rabbitmq else valkey.url(self.valkey_port, 1),
            "PYTHONUNBUFFERED": "1",
            "LOG_FORMAT": "line",
            "ROOT_URLCONF": "local.urls",
            "DEMO_TRADIE": "joe-plumber",
            "UPLOADS_DIR": str(self.folder / "uploads"),
        }
        if not {"EMAIL_URL", "EMAIL_BACKEND", "SMS_BACKEND"} & set(self.given):
            ours["SENT_MESSAGES_DIR"] = str(self.folder / "sent")
        for name, length in {"SECRET_KEY": 48, "VAPID_PRIVATE_KEY": 32}.items():
            if name not in self.given:
                ours[name] = kept_secret(self.folder / name.lower(), length)
        if "STRIPE_SECRET_KEY" not in self.given:
            ours |= self.demo_stripe_environment()
        return ours | dict(self.given)

    def database_environment(self) -> dict[str, str]:
        direct = postgres.url(self.postgres_port, DATABASE)
        if self.pgbouncer:
            return {"DATABASE_URL": self.pgbouncer.url, "DATABASE_DIRECT_URL": direct}
        return {"DATABASE_URL": direct}

    def demo_stripe_environment(self) -> dict[str, str]:
        return {
            "STRIPE_SECRET_KEY": "sk_test_demo",
            "STRIPE_PUBLISHABLE_KEY": "pk_test_demo",
            "STRIPE_WEBHOOK_SECRETS": "whsec_demo",
            "STRIPE_API_BASE": self.stripe_url,
            "STRIPE_JS_URL": f"{self.stripe_url}/stripe.js",
        }

    def given_to(self, name: str) -> dict[str, str]:
        """What one program is given besides what all of them are."""
        if not self.metrics:
            return {}
        port = self.metrics_ports.setdefault(name, free_port())
        return {"METRICS_ADDRESS": f"{LOOPBACK}:{port}"}

    def webhooks(self) -> tuple[str, dict[str, str]]:
        """Where Stripe sends its events, and what its program needs in its environment to trust that place."""
        if self.proxy:
            return f"{self.proxy.url}/webhooks/stripe", {
                "SSL_CERT_FILE": str(self.proxy.certificate.authority)
            }
        return f"http://{LOOPBACK}:{self.web_port}/webhooks/stripe", {}

    def start(self) -> "Stack":
        """Returns when a customer could book. Raises StartFailed; then nothing is left running."""
        try:
            self.start_servers()
            self.prepare()
            self.start_product()
        except BaseException:
            self.stop()
            raise
        return self

    def start_servers(self) -> None:
        self.tell("Starting the servers")
        if "DATABASE_URL" not in self.given:
            self.add(
                "postgres",
                postgres.postgres(
                    port=self.postgres_port,
                    data=self.folder / "postgres",
                    log=self.logs / "postgres.log",
                    disposable=self.disposable,
                    copied_from=migrated.cluster() if self.disposable else None,
                ),
            )
        if "REDIS_URL" not in self.given or (self.embedded_broker and not self.rabbitmq):
            folder = self.folder / "valkey"
            self.add(
                "valkey", valkey.valkey(port=self.valkey_port, folder=folder, log=self.logs / "valkey.log")
            )
        if "STRIPE_SECRET_KEY" not in self.given:
            self.add("stripe", programs.demo_stripe(self))
        self.launch_all()
        if self.rabbitmq:
            self.rabbitmq.start()
        if self.pgbouncer:
            self.add("pgbouncer", self.pgbouncer.process().start())
        if "DATABASE_URL" not in self.given:
            postgres.create_database(self.postgres_port, DATABASE)
        else:
            require_database(self.given["DATABASE_URL"])

    def prepare(self) -> None:
        """Skipped on a later start of our own kept database, while nothing that it prepares has changed."""
        made_from = [*migrated.MIGRATIONS]
        made_from += [CHECKOUT / name for name in ("static", "requirements.txt", "local/demo_data.py")]
        stamp = Stamp(self.folder / "prepared", made_from)
        if not self.disposable and self.has_tables() and stamp.fresh():
            return
        self.tell("Preparing the database and the demo data")
        is_migrated = self.disposable and "DATABASE_URL" not in self.given
        self.python("-m", "local.prepare", *(["--migrated"] if is_migrated else []))
        stamp.write()

    def has_tables(self) -> bool:
        """Whether our own database was prepared before; somebody else's is always looked after."""
        if "DATABASE_URL" in self.given:
            return False
        ((tables,),) = self.query("SELECT count(*) FROM pg_tables WHERE tablename = 'django_migrations'")
        return bool(tables)

    def start_product(self) -> None:
        self.tell("Starting web, worker, beat and relay")
        for name in ("web", "worker", "beat", "relay", "website"):
            self.add(name, getattr(programs, name)(self))
        if self.proxy:
            self.add("web 2", programs.web(self, self.proxy.second_port))
        self.launch_all()
        if self.proxy:
            self.processes |= self.proxy.processes(self.web_port)
            self.launch_all()
        if not wait_until(self.healthy, seconds=60):
            raise StartFailed(f"{self.site_url}/health does not say healthy; see {self.logs}")

    def add(self, name: str, process: Process) -> None:
        self.processes[name] = process

    def launch_all(self) -> None:
        """Side by side: each needs a second or more to come up."""
        waiting = [process for process in self.processes.values() if not process.alive]
        for process in waiting:
            process.launch()
        for process in waiting:
            process.wait_ready()

    def stop(self) -> None:
        self.console.close()
        servers = [
            self.processes[name]
            for name in ("pgbouncer", "postgres", "valkey", "stripe")
            if name in self.processes
        ]
        stop_all([process for process in self.processes.values() if process not in servers])
        if self.rabbitmq:
            self.rabbitmq.close()
        stop_all(servers)

    def healthy(self) -> bool:
        """Web and all that it needs. (The first pulse through the queues takes half a minute.)"""
        return all(self.answers(f"/health/{part}") for part in ("db", "redis", "rabbitmq"))

    def answers(self, path: str) -> bool:
        try:
            with urllib.request.urlopen(f"http://{LOOPBACK}:{self.web_port}{path}", timeout=4) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def python(self, *words: str) -> str:
        """Runs a program of the checkout in the stack's environment and returns what it printed.

        Raises StartFailed with its output.
        """
        done = subprocess.run(
            [sys.executable, *words],
            env=self.env,
            cwd=CHECKOUT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        if done.returncode:
            raise StartFailed(f"{' '.join(words)} failed:\n{done.stdout[-4000:]}")
        return done.stdout

    def manage(self, *words: str) -> str:
        """`manage.py ...` on this stack's database."""
        return self.console.run(*words)

    def query(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """Rows of one SELECT on this stack's database, past the ORM of the calling process."""
        import psycopg

        with psycopg.connect(self.env.get("DATABASE_DIRECT_URL", self.env["DATABASE_URL"])) as connection:
            return connection.execute(sql, values).fetchall()

    def write_environment(self) -> Path:
        """For `make manage`: what a second terminal needs to talk to this stack."""
        named = {name: value for name, value in self.env.items() if name not in self.given}
        path = self.folder / "environment.json"
        path.touch(mode=0o600)
        path.write_text(json.dumps(named, indent=1))
        return path


def require_database(url: str) -> None:
    """Raises StartFailed with what to do, rather than letting `migrate` fail with a page of code."""
    import psycopg

    try:
        psycopg.connect(url, connect_timeout=3).close()
    except psycopg.Error as problem:
        raise StartFailed(
            f"DATABASE_URL is set, but that database does not answer: {problem}\n"
            "Start it, or unset DATABASE_URL to use a PostgreSQL of our own."
        ) from problem
