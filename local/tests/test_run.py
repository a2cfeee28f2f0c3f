"""`make run`: what it takes from the environment, and what it says when it can't start."""

import socket
from pathlib import Path

import pytest

from local.ports import free_ports_in_a_row
from local.processes import StartFailed
from local.run import dotenv, require_free_ports, web_port
from local.stack import Stack


def stack(folder: Path, **given: str) -> Stack:
    return Stack(folder=folder, given=given, web_port=8000, disposable=True)


def test_a_taken_port_is_named_with_a_way_out() -> None:
    port = free_ports_in_a_row(3)
    with socket.socket() as other:
        other.bind(("127.0.0.1", port + 1))
        other.listen()
        with pytest.raises(StartFailed, match=rf"Port {port + 1} is taken(.|\n)*PORT=9000 make run"):
            require_free_ports(port)


@pytest.mark.parametrize("port", ["http", "0", "65534", "-1"])
def test_a_port_that_is_none_is_refused(port: str) -> None:
    with pytest.raises(StartFailed, match="is not a port"):
        web_port({"PORT": port})


def test_dotenv_takes_what_is_set_and_skips_the_rest(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text('# note\n#A=1\nB=2\nC="three = 3"\nD=\n\n')
    assert dotenv(tmp_path / ".env") == {"B": "2", "C": "three = 3"}
    assert dotenv(tmp_path / "missing") == {}


def test_without_anything_given_all_of_it_is_our_own(tmp_path: Path) -> None:
    env = stack(tmp_path).env
    assert env["STRIPE_API_BASE"] == "http://localhost:8001"
    assert env["STRIPE_JS_URL"] == "http://localhost:8001/stripe.js"
    assert env["CELERY_BROKER_URL"].startswith("redis://127.0.0.1:")
    assert env["SENT_MESSAGES_DIR"] == str(tmp_path / "sent")


def test_what_is_given_is_used(tmp_path: Path) -> None:
    given = {
        "DATABASE_URL": "postgres://db/x",
        "REDIS_URL": "redis://r/0",
        "CELERY_BROKER_URL": "amqp://mq//",
    }
    env = stack(tmp_path, **given).env
    assert {name: env[name] for name in given} == given


def test_real_stripe_keys_switch_the_demo_off(tmp_path: Path) -> None:
    env = stack(tmp_path, STRIPE_SECRET_KEY="sk_test_mine").env
    assert env["STRIPE_SECRET_KEY"] == "sk_test_mine"
    assert "STRIPE_API_BASE" not in env


def test_a_mail_server_switches_the_files_off(tmp_path: Path) -> None:
    assert "SENT_MESSAGES_DIR" not in stack(tmp_path, EMAIL_URL="smtp://localhost:25").env


def test_the_secret_key_is_made_once_and_private(tmp_path: Path) -> None:
    first = stack(tmp_path).env["SECRET_KEY"]
    assert stack(tmp_path).env["SECRET_KEY"] == first
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600
