"""The images: the Dockerfile's own lines are run in an empty folder, and what comes of them serves, as a user that owns
nothing of it."""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from local import dockerfile, nginx, pgbouncer
from local.dockerfile import Image
from local.fixtures import need
from local.nginx import Nginx
from local.offline import PRODUCTION_LIKE
from local.paths import CHECKOUT
from local.ports import LOOPBACK, answers, free_port
from local.processes import Process, as_user, stop_all, temporary_folder

pytestmark = pytest.mark.slow
DOCKERFILE = CHECKOUT / "deploy" / "Dockerfile"
PROXIED = {"Host": "book.example.com", "X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.7"}


def test_the_dockerfile_has_no_known_weakness() -> None:
    checked = subprocess.run(
        [CHECKOUT / ".venv" / "bin" / "hadolint", DOCKERFILE], capture_output=True, text=True
    )
    assert (checked.returncode, checked.stdout) == (0, "")


def test_every_base_is_pinned_by_its_tag_and_its_digest() -> None:
    bases = re.findall(r"^FROM (\S+)", DOCKERFILE.read_text(), re.MULTILINE)
    assert len(bases) == 5
    assert [base for base in bases if not re.fullmatch(r"\w+:[\w.-]+@sha256:[0-9a-f]{64}", base)] == []


@pytest.fixture(scope="module")
def images() -> list[Image]:
    need(nginx.why_missing())
    need(pgbouncer.why_missing())
    return dockerfile.build(DOCKERFILE, CHECKOUT, temporary_folder("images"), "app", "widget", "pgbouncer")


@pytest.fixture(scope="module")
def image(images: list[Image]) -> Image:
    return images[0]


@dataclass
class Container:
    """A program of the image, as its user, with a /tmp of its own; secrets come as files."""

    image: Image
    environment: dict[str, str]
    folder: Path = field(default_factory=lambda: temporary_folder("container"))

    def __post_init__(self) -> None:
        self.folder.chmod(0o1777)
        self.port = free_port()

    def options(self) -> dict[str, object]:
        own = {"TMPDIR": str(self.folder), "HOME": str(self.folder), "PORT": str(self.port)}
        return {"env": self.image.environment | self.environment | own, "cwd": self.image.at("")}

    @property
    def user(self) -> str | None:
        return self.image.user if os.geteuid() == 0 else None

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """To its end, past the entry point."""
        return subprocess.run(
            command,
            **self.options(),
            **as_user(self.user),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )

    def launch(self, *command: str, ready_text: str) -> Process:
        process = Process(
            name=command[0],
            argv=[*self.image.entrypoint, *command],
            log=self.folder / "log",
            ready_text=ready_text,
            user=self.user,
            **self.options(),
        )
        process.launch()
        return process

    def asks_itself(self, name: str) -> int:
        """The exit code of the health check that the image or, for `name`, the stack brings."""
        return self.run(*self.image.health[:-1], name).returncode


@pytest.fixture(scope="module")
def environment() -> dict[str, str]:
    """That of a deployment, on a database of its own; secrets are files that the image's user may read."""
    server = urlsplit(os.environ["DATABASE_URL"])
    with psycopg.connect(urlunsplit(server), autocommit=True) as link:
        link.execute("DROP DATABASE IF EXISTS image")
        link.execute("CREATE DATABASE image")
    redis, _, _ = os.environ["REDIS_URL"].rpartition("/")
    held = {
        "SECRET_KEY": secrets.token_urlsafe(48),
        "DATABASE_URL": urlunsplit(server._replace(path="/image")),
        "CELERY_BROKER_URL": f"{redis}/62",
        "STRIPE_WEBHOOK_SECRETS": "whsec_1",
    }
    folder = temporary_folder("secrets")
    for name, value in held.items():
        (folder / name).write_text(f"{value}\n")
    plain = {name: value for name, value in PRODUCTION_LIKE.items() if name not in held and value}
    return plain | {f"{name}_FILE": str(folder / name) for name in held} | {"REDIS_URL": f"{redis}/63"}


@pytest.fixture(scope="module")
def migrated(image: Image, environment: dict[str, str]) -> None:
    done = Container(image, environment).run(*image.entrypoint, "migrate")
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def programs(image: Image, environment: dict[str, str], migrated: None) -> Iterator[dict[str, Container]]:
    """All of them, started side by side."""
    containers = {name: Container(image, environment) for name in ("web", "worker", "beat", "relay")}
    web = containers["web"]
    processes = [
        web.launch("web", f"{LOOPBACK}:{web.port}", ready_text="ready after"),
        containers["worker"].launch("worker", ready_text=" ready."),
        containers["beat"].launch("beat", ready_text="beat: Starting"),
        containers["relay"].launch("relay", ready_text="relay: ready."),
    ]
    for process in processes:
        process.wait_ready()
    yield containers
    stop_all(processes)


def get(container: Container, path: str) -> tuple[int, str, str]:
    """Status, content type and body, asked as Traefik asks."""
    request = urllib.request.Request(f"http://{LOOPBACK}:{container.port}{path}", headers=PROXIED)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
            return answer.status, answer.headers["Content-Type"], answer.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.headers["Content-Type"], refused.read().decode()


def test_only_what_needs_root_was_not_run(images: list[Image]) -> None:
    """Honestly: what Debian's packages bring was there already."""
    assert [line for image in images for line in image.not_run] == [
        "RUN apt-get update  && apt-get install --yes --no-install-recommends nginx-light "
        "libnginx-mod-http-brotli-static  && rm -rf /var/lib/apt/lists/*",
        "RUN apt-get update  && apt-get install --yes --no-install-recommends pgbouncer  "
        "&& rm -rf /var/lib/apt/lists/*",
    ]


def test_nothing_of_the_local_stack_no_test_and_no_secret_is_inside(image: Image) -> None:
    project = image.at("")
    assert {path.name for path in project.iterdir()} == {
        *(
            "peepopay",
            "accounts",
            "notifications",
            "availability",
            "bookings",
            "ledger",
            "payments",
            "invoicing",
            "web",
        ),
        *("manage.py", "deploy", "static", "staticfiles", "templates", "widget", "uploads", "__pycache__"),
    }
    assert {path.name for path in (project / "deploy").glob("*.*")} == {"serve.py", "gunicorn.conf.py"}
    assert [
        path for path in project.rglob("*") if path.name in {"tests", ".env", "node_modules", "local"}
    ] == []


def test_a_bad_configuration_ends_it_with_a_sentence(image: Image, environment: dict[str, str]) -> None:
    done = Container(image, environment | {"SITE_URL": "http://book.example.com"}).run(
        *image.entrypoint, "web"
    )
    assert (done.returncode, "SITE_URL is not https." in done.stderr) == (78, True)


def test_its_check_finds_nothing_to_complain_of(image: Image, environment: dict[str, str]) -> None:
    done = Container(image, environment).run(*image.entrypoint, "check")
    assert done.stdout.splitlines()[-1] == "PostgreSQL, Redis and the broker answer.", done.stderr


def test_every_program_runs_and_says_that_it_lives(programs: dict[str, Container]) -> None:
    assert {name: container.asks_itself(name) for name, container in programs.items()} == dict.fromkeys(
        programs, 0
    )


def test_web_serves_pages_the_api_the_widget_and_hashed_files(programs: dict[str, Container]) -> None:
    web = programs["web"]
    assert get(web, "/health")[0] == 200
    status, _, body = get(web, "/api/tradies/nobody")
    assert (status, json.loads(body)["code"]) == (404, "NOT_FOUND")
    assert get(web, "/embed.js")[:2] == (200, 'text/javascript; charset="utf-8"')
    for page, pattern in {
        "/book/joe-plumber": r'"(/widget/assets/form-[\w-]+\.js)"',
        "/accounts/login/": r'"(/static/css/[\w.-]+\.[0-9a-f]{12}\.css)"',
    }.items():
        status, _, body = get(web, page)
        assert (status, [get(web, file)[0] for file in re.findall(pattern, body)][:1]) == (200, [200]), page


def test_the_user_of_the_image_can_change_nothing_in_it(image: Image, environment: dict[str, str]) -> None:
    """But for the empty folder over which the volume of photos is laid, which takes over who may write there."""
    if os.geteuid() != 0:
        pytest.skip("only root can become another user")
    writable = Container(image, environment).run("find", str(image.files), "-writable", "-not", "-type", "l")
    uploads = image.at("/srv/peepopay/uploads")
    assert (image.user, writable.stdout.split()) == ("10001:10001", [str(uploads)])
    assert list(uploads.iterdir()) == []


def test_the_image_of_the_widget_serves_it_with_nginx(images: list[Image], tmp_path: Path) -> None:
    """By its own files: only port and folders are this machine's."""
    widget, server = images[1], Nginx(temporary_folder("widget"))
    settings = server.folder / "settings"
    shutil.copytree(widget.at("/etc/peepopay/nginx"), settings)
    (settings / "site.conf").write_text(server.site_settings(widget.at("/srv/widget")))
    prefix = server.folder / "run"
    prefix.mkdir()
    prefix.chmod(0o777)
    assert widget.command == ["nginx", "-p", "/tmp", "-c", "/etc/peepopay/nginx/nginx.conf"]  # noqa: S108
    process = Process(
        name="nginx",
        argv=[str(nginx.program()), "-p", str(prefix), "-c", str(settings / "nginx.conf")],
        log=server.folder / "log",
        ready=lambda: answers(server.port),
        user=widget.user if os.geteuid() == 0 else None,
    ).start()
    for path in ("/book/joe-plumber", "/embed.js", "/healthz"):
        with urllib.request.urlopen(f"{server.url}{path}", timeout=5) as answer:  # noqa: S310
            assert answer.status == 200
    process.stop()


def test_the_image_of_pgbouncer_holds_what_the_tests_run(images: list[Image]) -> None:
    bouncer = images[2]
    assert bouncer.at(bouncer.command[1]).read_text() == pgbouncer.DEPLOYED.read_text()
    assert bouncer.command[0] == Path(str(pgbouncer.program())).name
