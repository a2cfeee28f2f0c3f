"""What is missing or unsafe in the environment is told in sentences that name the variable, before anything starts."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured

from local.offline import PRODUCTION_LIKE
from local.ports import LOOPBACK, free_port
from peepopay.checks import CONFIGURATION
from peepopay.environment import REQUIRED, Environment

GOOD = PRODUCTION_LIKE | {
    "SECRET_KEY": secrets.token_urlsafe(48),
    "DEBUG": "off",
    "ROOT_URLCONF": "",
    "DJANGO_ALLOW_ASYNC_UNSAFE": "",  # the tests' own
}


def start(name: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """As a container does. An empty value unsets the variable."""
    env = {name: value for name, value in (os.environ | GOOD | environment).items() if value}
    return subprocess.run(
        [sys.executable, "-m", "peepopay", name],
        env=env,
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
    )


@pytest.fixture
def deployed(settings: Any) -> Any:
    """The settings of a deployment with nothing wrong."""
    for name, value in {
        "SITE_URL": "https://book.example.com.au",
        "WIDGET_URL": "https://book.example.com.au",
        "STRIPE_SECRET_KEY": "sk_live_1",
        "STRIPE_PUBLISHABLE_KEY": "pk_live_1",
        "STRIPE_WEBHOOK_SECRETS": ["whsec_1"],
        "STRIPE_API_BASE": "https://api.stripe.com",
        "STRIPE_JS_URL": "https://js.stripe.com/endive/stripe.js",
        "ALLAUTH_TRUSTED_PROXY_COUNT": 1,
        "DEBUG": False,
        "ROOT_URLCONF": "web.urls",
        "RATE_LIMITS": True,
        "SENT_MESSAGES_DIR": "",
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "DEFAULT_FROM_EMAIL": "PeepoPay <bookings@example.com.au>",
        "SMS_BACKEND": "notifications.channels.sms.TwilioBackend",
        "TWILIO_ACCOUNT_SID": "AC1",
        "TWILIO_AUTH_TOKEN": "token",
        "TWILIO_FROM": "+61480000000",
    }.items():
        setattr(settings, name, value)
    return settings


def found() -> list[tuple[str, str]]:
    """Numbers, and sentences with their hints."""
    messages = run_checks(tags=[CONFIGURATION], include_deployment_checks=True)
    return [(message.id.removeprefix("peepopay."), f"{message.msg} {message.hint}") for message in messages]


def test_nothing_is_wrong_with_a_deployment(deployed: Any) -> None:
    assert found() == []


@pytest.mark.parametrize(
    ("name", "value", "number"),
    [
        ("STRIPE_SECRET_KEY", "", "E001"),
        ("STRIPE_PUBLISHABLE_KEY", "", "E001"),
        ("STRIPE_WEBHOOK_SECRETS", [], "E002"),
        ("SITE_URL", "http://book.example.com.au", "E003"),
        ("WIDGET_URL", "http://widget.example.com.au", "E003"),
        ("STRIPE_PUBLISHABLE_KEY", "pk_test_1", "E004"),
        ("STRIPE_WEBHOOK_SECRETS", ["whsec_demo"], "E005"),
        ("SITE_URL", "https://book.example.com.au/pay", "E003"),
        ("STRIPE_SECRET_KEY", "sk_live_...", "E015"),
        ("STRIPE_PUBLISHABLE_KEY", "pk_live_...", "E015"),
        ("STRIPE_WEBHOOK_SECRETS", ["whsec_1", "whsec_..."], "E015"),
        ("STRIPE_SECRET_KEY", "pk_live_1", "E016"),
        ("STRIPE_PUBLISHABLE_KEY", "sk_live_1", "E016"),
        ("STRIPE_API_BASE", "http://localhost:8001", "E006"),
        ("STRIPE_JS_URL", "http://localhost:8001/stripe.js", "E006"),
        ("ALLAUTH_TRUSTED_PROXY_COUNT", 0, "E007"),
        ("DEBUG", True, "E008"),
        ("ROOT_URLCONF", "local.urls", "E009"),
        ("EMAIL_BACKEND", "django.core.mail.backends.console.EmailBackend", "E010"),
        ("DEFAULT_FROM_EMAIL", "PeepoPay <bookings@localhost>", "E011"),
        ("TWILIO_AUTH_TOKEN", "", "E012"),
        ("TWILIO_FROM", "PeepoPay", "E017"),
        ("VAPID_PRIVATE_KEY", "c2hvcnQ=", "E018"),
        ("PERSONAL_DATA_MONTHS", 0, "E020"),
        ("HOLD_MINUTES", -10, "E020"),
        ("APPLICATION_FEE_BASIS_POINTS", 25_000, "E020"),
        ("GOOGLE_CLIENT_ID", "0123.apps.googleusercontent.com", "E021"),
        ("EMAIL_BACKEND", "anymail.backends.postmrk.EmailBackend", "E022"),
        ("EMAIL_BACKEND", "anymail.backends.postmark.EmailBackend", "E022"),
        ("SMS_BACKEND", "notifications.channels.sms.Twillio", "E023"),
        ("DEFAULT_FROM_EMAIL", "PeepoPay", "E011"),
        ("WEBHOOK_PRIVATE_NETWORKS", ["10.20.0.0/99"], "E013"),
        ("WEBHOOK_PRIVATE_NETWORKS", ["10.20.0.0/16"], "W003"),
        ("RATE_LIMITS", False, "W001"),
        ("SENT_MESSAGES_DIR", "/sent", "W002"),
    ],
)
def test_what_is_wrong_is_told_by_the_name_of_its_variable(
    deployed: Any, name: str, value: object, number: str
) -> None:
    setattr(deployed, name, value)
    ((told, sentence),) = found()
    assert (told, name in sentence) == (number, True)


def test_a_challenge_of_which_a_part_is_missing_names_that_part(deployed: Any) -> None:
    deployed.CHALLENGE_SITE_KEY = deployed.CHALLENGE_SECRET = "key"
    deployed.CHALLENGE_SCRIPT_URL = "https://challenge.example.com/api.js"
    ((number, sentence),) = found()
    assert (number, "CHALLENGE_VERIFY_URL" in sentence) == ("E019", True)


def test_demo_keys_are_refused_even_as_a_pair(deployed: Any) -> None:
    deployed.STRIPE_SECRET_KEY, deployed.STRIPE_PUBLISHABLE_KEY = "sk_test_demo", "pk_test_demo"
    assert [number for number, _ in found()] == ["E005"]


def test_a_program_with_bad_configuration_does_not_start() -> None:
    done = start(
        "worker",
        STRIPE_WEBHOOK_SECRETS=" , ",
        STRIPE_SECRET_KEY="sk_live_1",
        SITE_URL="http://book.example.com.au",
        DEBUG="on",
    )
    assert done.returncode == 78
    first, *sentences = done.stderr.splitlines()
    assert first == "worker can't start like this:"
    assert [sentence.partition(".")[0] for sentence in sentences] == [
        "- No webhook secret is set, so every webhook would be refused",
        "- SITE_URL is not https",
        "- WIDGET_URL is not https",
        "- One of Stripe's keys is live and the other is for tests",
        "- DEBUG is on: pages of errors would show code and settings to everybody",
    ]


@pytest.mark.parametrize("program", ["relay", "beat"])
def test_who_only_passes_on_needs_no_key_and_no_mail_server(deployed: Any, program: str) -> None:
    deployed.PROGRAM = program
    deployed.STRIPE_SECRET_KEY, deployed.STRIPE_WEBHOOK_SECRETS, deployed.DEFAULT_FROM_EMAIL = (
        "",
        [],
        "@localhost",
    )
    deployed.ALLAUTH_TRUSTED_PROXY_COUNT = 0
    assert found() == []


def test_everything_that_is_missing_is_told_at_once() -> None:
    done = start("web", SECRET_KEY="", DATABASE_URL="", CELERY_BROKER_URL="rabbitmq:5672")
    assert done.returncode == 78
    assert done.stderr.splitlines() == [
        "web can't start like this:",
        f"- SECRET_KEY is not set. It may also be a file that SECRET_KEY_FILE names. Example: {example('SECRET_KEY')}",
        "- DATABASE_URL is not set. It may also be a file that DATABASE_URL_FILE names. "
        f"Example: {example('DATABASE_URL')}",
        f"- CELERY_BROKER_URL must begin with amqp://. Example: {example('CELERY_BROKER_URL')}",
    ]


def example(name: str) -> str:
    return REQUIRED[name].example


def test_servers_that_do_not_answer_are_told_with_where_and_without_their_password() -> None:
    broker, cache = free_port(), free_port()
    done = start(
        "check",
        DATABASE_URL=os.environ["DATABASE_URL"],
        CELERY_BROKER_URL=f"amqp://peepopay:secret@{LOOPBACK}:{broker}//",
        REDIS_URL=f"redis://:secret@{LOOPBACK}:{cache}/0",
    )
    assert done.returncode == 1
    told = [line for line in done.stderr.splitlines() if "does not answer" in line]
    assert told == [
        f"CommandError: redis does not answer at {LOOPBACK}:{cache}. See REDIS_URL. Example: {example('REDIS_URL')}",
        f"rabbitmq does not answer at {LOOPBACK}:{broker}. See CELERY_BROKER_URL. "
        f"Example: {example('CELERY_BROKER_URL')}",
    ]
    assert "secret" not in done.stderr


def test_an_unknown_program_is_answered_with_those_there_are() -> None:
    done = start("wbe")
    assert (done.returncode, done.stderr) == (
        1,
        "python -m peepopay web|worker|beat|relay|migrate|check: there is no wbe.\n",
    )


def test_a_secret_may_be_a_file_and_its_line_end_is_not_part_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "key").write_text("secret\n")
    monkeypatch.setenv("SOME_KEY_FILE", str(tmp_path / "key"))
    assert Environment().str("SOME_KEY") == "secret"


def test_what_is_blank_is_as_if_it_were_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """The stack passes on everything that may be set, blank where nobody set it."""
    monkeypatch.setenv("SOME_VALUE", " ")
    env = Environment()
    assert (env.int("SOME_VALUE", default=7), env.str("SOME_VALUE", default="on")) == (7, "on")
    assert (env.json("SOME_VALUE", default={}), env.list("SOME_VALUE", default=["a"])) == ({}, ["a"])


@pytest.mark.parametrize(("held", "told"), [("none\n", ""), ("none of it\n", "none of it"), ("\n", "")])
def test_a_secret_that_there_is_not_is_the_word_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, held: str, told: str
) -> None:
    (tmp_path / "key").write_text(held)
    monkeypatch.setenv("SOME_KEY_FILE", str(tmp_path / "key"))
    assert Environment().secret("SOME_KEY") == told


def test_twilio_without_a_token_does_not_start() -> None:
    """Every SMS would fail, one after the other."""
    twilio = {"SMS_BACKEND": "notifications.channels.sms.TwilioBackend", "TWILIO_ACCOUNT_SID": "AC1"}
    done = start("worker", **twilio, TWILIO_AUTH_TOKEN="none", TWILIO_FROM="+61480000000")
    assert (done.returncode, "TWILIO_AUTH_TOKEN is missing" in done.stderr) == (78, True)


def test_a_file_that_is_not_there_is_told_by_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_KEY_FILE", "/run/secrets/none")
    with pytest.raises(ImproperlyConfigured) as problem:
        Environment().str("SOME_KEY", default="")
    assert str(problem.value) == (
        "SOME_KEY_FILE names /run/secrets/none, which can't be read: No such file or directory."
    )


@pytest.mark.parametrize(
    "value", ["sentry", "https://o1.ingest.sentry.io/2", "https://key@host/name", "https://["]
)
def test_a_dsn_that_is_none_is_told_with_an_example(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SENTRY_DSN", value)
    with pytest.raises(ImproperlyConfigured) as problem:
        Environment().sentry_dsn("SENTRY_DSN")
    assert str(problem.value) == (
        "SENTRY_DSN is none that Sentry gives out. Unset it, or copy it from Sentry: Settings, Projects, Client Keys. "
        "Example: https://0123456789abcdef@o1.ingest.sentry.io/2"
    )


@pytest.mark.parametrize(
    "value", ["", "https://key@o1.ingest.sentry.io/2", "http://a:b@sentry.internal:9000/path/7\n"]
)
def test_a_dsn_may_be_missing_or_of_a_sentry_of_ones_own(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SENTRY_DSN", value)
    assert Environment().sentry_dsn("SENTRY_DSN") == value.strip()


def test_what_should_be_a_number_is_told_by_its_variable_and_not_by_its_value(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SOME_NUMBER", "secret")
    with pytest.raises(ImproperlyConfigured) as problem:
        Environment().int("SOME_NUMBER", default=10)
    assert str(problem.value) == "SOME_NUMBER can't be read as what it should be. Its default: 10"


@pytest.mark.parametrize(
    "value", ["smtp.example.com:587", "smtp+tls://peepopay:sec/ret@smtp.example.com:587"]
)
def test_an_address_of_a_mail_server_that_is_none_is_told_without_its_password(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("EMAIL_URL", value)
    with pytest.raises(ImproperlyConfigured) as problem:
        Environment().email_url("EMAIL_URL", default="consolemail://")
    assert str(problem.value) == (
        "EMAIL_URL is not the address of a mail server; in a password / is written %2F, # %23 and @ %40. "
        "Example: smtp+tls://user:password@smtp.example.com:587"
    )
