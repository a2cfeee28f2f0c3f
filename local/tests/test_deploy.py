"""deploy/deploy.sh: in which order it asks Docker for what, and when it takes a version back.

There is no engine here, so `docker` is a stand-in that keeps a record (local/testing/fake_docker.py): these tests show
the script's order and its decisions, not that Swarm does what it is told. The site that is looked at is a real server.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import yaml

from local import stack_files
from local.fixtures import need
from local.paths import CHECKOUT
from local.ports import LOOPBACK

BUILT = ["build app", "build widget", "build pgbouncer"]
ROLLED = ["web", "widget", "worker", "worker-messages", "relay", "beat"]
BAD = "bad"


@dataclass
class Machine:
    """A manager with a checkout, whose swarm runs release `old`."""

    folder: Path
    state: Path
    environment: dict[str, str] = field(default_factory=dict)

    def set(self, **changes: object) -> None:
        self.state.write_text(json.dumps(self.now() | changes))

    def now(self) -> dict[str, object]:
        found: dict[str, object] = json.loads(self.state.read_text())
        return found

    def deploy(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.folder / "deploy" / "deploy.sh", *words],
            env=self.environment,
            capture_output=True,
            text=True,
        )

    @property
    def asked(self) -> list[str]:
        return list(self.now()["asked"])  # type: ignore[call-overload]


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    need(stack_files.why_missing())
    folder, state = tmp_path / "checkout", tmp_path / "state.json"
    shutil.copytree(
        CHECKOUT / "deploy", folder / "deploy", ignore=shutil.ignore_patterns("__pycache__", ".lock")
    )
    shutil.copy(CHECKOUT / ".gitignore", folder)
    for words in (["init", "-q"], ["add", "."], ["commit", "-qm", "all"]):
        who = ["-c", "user.name=x", "-c", "user.email=x@example.com"]
        subprocess.run(["git", *who, *words], cwd=folder, check=True)
    commands = tmp_path / "bin"
    commands.mkdir()
    (commands / "docker").write_text(
        f'#!/bin/sh\nexec "{sys.executable}" -I -S "{CHECKOUT}/local/testing/fake_docker.py" "$@"\n'
    )
    (commands / "docker").chmod(0o755)
    machine = Machine(folder, state)
    state.write_text("{}")
    machine.set(
        docker=shutil.which("docker"),
        asked=[],
        release="old",
        was=None,
        job={"check": "Complete", "migrate": "Complete"},
        job_runs="",
        job_number=0,
        fails=[],
        swarm_takes_back=False,
        rolled_back=0,
    )
    with Site(machine) as address:
        (folder / "deploy" / "production.env").write_text(
            (CHECKOUT / "deploy" / "production.example.env")
            .read_text()
            .replace("https://book.example.com.au", address)
        )
        machine.environment = {
            "PATH": f"{commands}:{os.environ['PATH']}",
            "HOME": os.environ.get("HOME", "/"),
            "FAKE_DOCKER": str(state),
            "POLL_SECONDS": "0.05",
            "PATIENCE_SECONDS": "1",
        }
        yield machine


class Site:
    """Well, unless the swarm runs a release whose name begins with BAD, or none."""

    def __init__(self, machine: Machine) -> None:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                release = str(machine.now()["release"])
                self.send_response(503 if release.startswith(BAD) and self.path == "/health/all" else 200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer((LOOPBACK, 0), Handler)

    def __enter__(self) -> str:
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return f"http://{LOOPBACK}:{self.server.server_port}"

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()


def commit_of(machine: Machine) -> str:
    words = ["git", "rev-parse", "--short=12", "HEAD"]
    return subprocess.run(words, cwd=machine.folder, capture_output=True, text=True).stdout.strip()


JOBS = [
    "stack deploy job",
    "service update check peepopay_job",
    "service scale peepopay_job=0",
    "service update migrate peepopay_job",
    "service scale peepopay_job=0",
]


def test_a_good_version_is_built_pushed_checked_migrated_and_rolled_in_this_order(machine: Machine) -> None:
    done = machine.deploy()
    release = commit_of(machine)
    image = "registry.digitalocean.com/example/peepopay"
    pushed = [f"push {image}{suffix}:{release}" for suffix in ("", "-widget", "-pgbouncer")]
    assert done.returncode == 0, done.stderr
    assert machine.asked == [*BUILT, *pushed, *JOBS, "stack deploy peepopay"]
    assert machine.now()["release"] == release


def test_a_version_that_was_built_before_is_not_built_again(machine: Machine) -> None:
    assert machine.deploy("20261126").returncode == 0
    assert machine.asked == [*JOBS, "stack deploy peepopay"]


def test_the_first_time_the_servers_come_before_the_tables(machine: Machine) -> None:
    machine.set(release=None)
    assert machine.deploy("20261126").returncode == 0
    assert machine.asked == ["stack deploy peepopay", *JOBS, "stack deploy peepopay"]


@pytest.mark.parametrize(("job", "asked"), [("check", JOBS[:2]), ("migrate", JOBS[:4])])
def test_a_version_whose_check_or_migration_fails_is_not_rolled_out(
    machine: Machine, job: str, asked: list[str]
) -> None:
    machine.set(job={"check": "Complete", "migrate": "Complete", job: "Failed"})
    done = machine.deploy("20261126")
    assert (done.returncode, "What runs was left alone." in done.stderr) == (1, True)
    assert machine.asked == [*asked, "service logs peepopay_job", "service scale peepopay_job=0"]
    assert machine.now()["release"] == "old"


@pytest.mark.parametrize("step", ["build", "push"])
def test_what_can_not_be_built_or_pushed_goes_no_further(machine: Machine, step: str) -> None:
    machine.set(fails=[step])
    assert machine.deploy().returncode == 1
    assert machine.asked[-1].startswith(step)


def test_a_version_that_is_not_well_is_taken_back(machine: Machine) -> None:
    done = machine.deploy(f"{BAD}1")
    assert (done.returncode, "was taken back" in done.stderr) == (2, True), done.stderr
    assert machine.asked == [
        *JOBS,
        "stack deploy peepopay",
        *(f"service rollback peepopay_{name}" for name in ROLLED),
    ]
    assert machine.now()["release"] == "old"


def test_what_swarm_took_back_itself_is_not_taken_back_once_more(machine: Machine) -> None:
    """A second rollback would bring the version back that had just failed."""
    machine.set(swarm_takes_back=True)
    done = machine.deploy(f"{BAD}1")
    assert done.returncode == 2, done.stderr
    assert machine.asked == [*JOBS, "stack deploy peepopay"]
    assert machine.now()["release"] == "old"


def test_when_taking_back_does_not_help_it_says_so_loudly(machine: Machine) -> None:
    machine.set(release=f"{BAD}0")
    done = machine.deploy(f"{BAD}1")
    assert (done.returncode, "TAKING BACK FAILED" in done.stderr) == (3, True)


def test_a_first_version_that_is_not_well_stays_to_be_looked_at(machine: Machine) -> None:
    machine.set(release=None)
    done = machine.deploy(f"{BAD}1")
    assert (done.returncode, machine.asked[-1]) == (3, "stack deploy peepopay")


def test_a_checkout_with_changes_is_not_deployed(machine: Machine) -> None:
    (machine.folder / "deploy" / "serve.py").write_text("changed")
    done = machine.deploy()
    assert (done.returncode, "has changes that no commit has" in done.stderr, machine.asked) == (1, True, [])


def test_two_do_not_deploy_at_once(machine: Machine) -> None:
    with subprocess.Popen(
        ["flock", machine.folder / "deploy" / ".lock", "sleep", "30"], stdout=subprocess.DEVNULL
    ) as other:
        lock = machine.folder / "deploy" / ".lock"
        try:
            while (
                subprocess.run(["flock", "--nonblock", lock, "true"]).returncode == 0 and other.poll() is None
            ):
                pass
            done = machine.deploy("20261126")
        finally:
            other.kill()
    assert (done.returncode, "another deploy.sh is at work" in done.stderr) == (1, True)


def test_without_a_file_of_settings_it_says_which_to_make(machine: Machine) -> None:
    (machine.folder / "deploy" / "production.env").unlink()
    done = machine.deploy()
    assert (done.returncode, "copy production.example.env" in done.stderr) == (1, True)


def test_figures_are_laid_over_where_they_are_wanted(machine: Machine) -> None:
    (machine.folder / "deploy" / "stack.metrics.yml").unlink()
    assert machine.deploy("20261126").returncode == 0
    settings = machine.folder / "deploy" / "production.env"
    settings.write_text(settings.read_text().replace("METRICS=off", "METRICS=on"))
    done = machine.deploy("20261126")
    assert (done.returncode, "stack.metrics.yml" in done.stderr) == (1, True)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("PHASE=two", "PHASE=two in production.env: there are 1, 2 and 3."),
        ("POSTGRES=Managed", "POSTGRES=Managed in production.env: there are own and managed."),
        ("METRICS=yes", "METRICS=yes in production.env: there are on and off."),
        ("SITE_URL=", "SITE_URL is not set in production.env. Example: SITE_URL=https://book.example.com.au"),
        (
            "IMAGE=",
            "IMAGE is not set in production.env. Example: IMAGE=registry.digitalocean.com/example/peepopay",
        ),
        (
            "PHASE=3",
            "WIDGET_URL is not set in production.env. Example: WIDGET_URL=https://widget.example.com.au",
        ),
    ],
)
def test_a_setting_that_is_missing_or_wrong_is_told_before_anything_starts(
    machine: Machine, line: str, told: str
) -> None:
    with (machine.folder / "deploy" / "production.env").open("a") as settings:
        settings.write(f"{line}\n")
    done = machine.deploy()
    assert (done.returncode, machine.asked) == (1, [])
    assert done.stderr == f"deploy.sh: {told} What runs was left alone.\n"


def test_a_machine_that_manages_no_swarm_is_told_so_and_not_that_it_has_no_secrets(machine: Machine) -> None:
    machine.set(fails=["node ls", "secret inspect"])
    done = machine.deploy()
    assert (done.returncode, machine.asked) == (1, [])
    assert done.stderr == (
        "deploy.sh: Docker does not answer here as a manager of a swarm: deploy/README.md, steps 2 and 3. "
        "What runs was left alone.\n"
    )


def test_all_secrets_that_are_missing_are_told_before_anything_starts(machine: Machine) -> None:
    machine.set(fails=[f"secret inspect peepopay_{name}_1" for name in ("email_url", "postgres_password")])
    done = machine.deploy()
    assert (done.returncode, machine.asked) == (1, [])
    assert done.stderr == (
        "deploy.sh: these secrets are not there: peepopay_email_url_1 peepopay_postgres_password_1. "
        "How to make them: deploy/README.md, step 7. What runs was left alone.\n"
    )


def test_what_is_checked_are_the_new_settings_and_secrets(machine: Machine) -> None:
    """Swarm's `service update` gives a task what the last roll-out gave to its service."""
    with (machine.folder / "deploy" / "production.env").open("a") as settings:
        settings.write("SECRETS=2\nDEFAULT_FROM_EMAIL=new@example.com.au\n")
    assert machine.deploy("20261126").returncode == 0
    alone = yaml.safe_load(str(machine.now()["alone"]))
    assert list(alone["services"]) == ["job"]
    assert alone["services"]["job"]["environment"]["DEFAULT_FROM_EMAIL"] == "new@example.com.au"
    assert alone["secrets"]["email_url"]["name"] == "peepopay_email_url_2"


def test_a_first_time_that_ended_at_its_check_begins_anew(machine: Machine) -> None:
    """Nothing of ours runs yet: there is nothing to take back to, and servers may need what was mended."""
    machine.set(release="none yet")
    done = machine.deploy(f"{BAD}1")
    assert done.returncode == 3
    assert machine.asked == ["stack deploy peepopay", *JOBS, "stack deploy peepopay"]


def test_every_script_is_without_known_weakness() -> None:
    scripts = sorted((CHECKOUT / "deploy").rglob("*.sh"))
    assert len(scripts) >= 4
    checked = subprocess.run(
        [CHECKOUT / ".venv" / "bin" / "shellcheck", "-x", *scripts],
        capture_output=True,
        text=True,
        cwd=CHECKOUT,
    )
    assert (checked.returncode, checked.stdout) == (0, "")
