"""Requests made of the API's description (docs/openapi.yaml), in order and out of it, over the wire to the web server:
never a 5xx, every answer as described, what the description allows is taken and what it forbids is refused.

`make fuzz CASES=50000` sends as many; in the suite it is some hundreds, always the same ones.
"""

from __future__ import annotations

import logging
import os
from collections import Counter
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis import Case
from schemathesis.checks import CheckContext
from schemathesis.core.transport import Response
from schemathesis.generation.feedback import NO_FEEDBACK
from schemathesis.pytest._test_builder import build_operation_test

from local.ports import LOOPBACK
from local.testing.stripe_world import StripeWorld
from web.tests.openapi import problems
from web.tests.test_text_replies import SECRET
from web.tests.wire import HOST, start_server

from .world import World, sign

pytestmark = pytest.mark.django_db(transaction=True)

SEED = int(os.environ.get("FUZZ_SEED", "1"))
CASES = int(os.environ.get("FUZZ_CASES", "360"))
schema = schemathesis.openapi.from_path("docs/openapi.yaml")
schema.config.seed = SEED
schema.config.checks.positive_data_acceptance.enabled = False  # `is_taken_as_far_as_described` is stricter
OPERATIONS = {found.ok().label: found.ok() for found in schema.get_all_operations()}
SETTINGS = settings(
    max_examples=max(CASES // len(OPERATIONS), 1),
    phases=[Phase.explicit, Phase.generate],
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
# What the description allows may be refused for these alone: whether a time is on offer, a phone rings or a service is
# still sold is nothing that it could say.
ONLY_THE_SERVER_KNOWS = {
    "start",
    "service",
    "calendar",
    "times",  # of a month alone
    "customer.phone",
    "on_site.phone",
    "phone",
    "question",  # which of them want photos
    "photos",  # what a picture is
    "customer.email",
    "answers",
    "address.suburb",  # which are where
    "address.postcode",
    "date",
    "from",
    "to",
    "deposit",
    "cash_cents",
    "override_reason",
    # What a service or hours can't be together is said by the constraints of their tables.
    "deposit_kind",
    "deposit_fixed_cents",
    "deposit_percent",
    "price_cents",
    "arrival_window_minutes",
    "free_cancellation_hours",
    "late_fee_cents",
    "late_fee_percent",
    "no_refund_hours",
    "no_show_fee_cents",
    "follows_business_policy",
    "cap_override_reason",
    "calendars",
    "weekday",
    "opens",
    "closes",
    "end",
    "repeat_until",
    "hours",
}
LEAST_TAKEN_OF_EACH, LEAST_TAKEN = 0.1, 0.5  # with 2xx or 304, of what was in order
NOT_MADE_UP = {
    "POST /api/bookings/{booking_id}/photos",  # pictures
    "POST /api/payments/consent",  # a deposit that Stripe was asked for
    "POST /api/payments/extension",
    "POST /api/waitlist",  # a business without a free time
}
logger = logging.getLogger(__name__)
tally: Counter[tuple[str, str, bool]] = Counter()  # operation, "positive" or "negative", taken


@pytest.fixture(scope="module")
def server(django_db_setup: None, stripe_world_process: StripeWorld) -> Iterator[str]:
    world = stripe_world_process
    process, port = start_server(
        "gunicorn",
        ALLOWED_HOSTS=f"{HOST},{LOOPBACK}",
        STRIPE_API_BASE=world.api_base,
        STRIPE_SECRET_KEY=world.secret_key,
        TWILIO_AUTH_TOKEN=SECRET,
    )
    yield f"http://{LOOPBACK}:{port}"
    process.stop()


@pytest.fixture(scope="module")
def link() -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.auth = sign
        yield session


@pytest.fixture
def world(stripe_world: StripeWorld) -> World:
    return World.make(SEED)


@schemathesis.check
def is_as_described(ctx: CheckContext, response: Response, case: Case) -> None:
    """Stricter than Schemathesis: nothing that is not described, one error shape, each code under its status."""
    answer = SimpleNamespace(
        status_code=response.status_code,
        content=response.content,
        headers={name.title(): values[0] for name, values in response.headers.items()},
    )
    wrong = problems(case.method, case.formatted_path, answer)
    assert not wrong, wrong


@schemathesis.check
def is_taken_as_far_as_described(ctx: CheckContext, response: Response, case: Case) -> None:
    if response.status_code != 400 or not case.meta.generation.mode.is_positive:
        return
    fields = {".".join(name.split(".")[:2]) for name in response.json().get("fields", {})}
    fields = {name.split(".")[0] if name.startswith(("answers", "hours")) else name for name in fields}
    assert fields, "refused though described"
    assert fields <= ONLY_THE_SERVER_KNOWS, fields - ONLY_THE_SERVER_KNOWS


@pytest.mark.parametrize("label", OPERATIONS)
def test_every_answer_is_as_described(label: str, world: World, server: str, link: requests.Session) -> None:
    def send(case: Case) -> None:
        response = case.call(base_url=server, session=link, **world.fill(case))
        tally[case.operation.label, case.meta.generation.mode.value, response.status_code < 400] += 1
        case.validate_response(response)

    # `@schema.parametrize()` makes up the cases of all operations while pytest collects: 11 s of computing in each of
    # the processes of a run, of which one sends them.
    build_operation_test(
        config=schema.config,
        operation=OPERATIONS[label],
        test_func=send,
        given_kwargs={},
        feedback=NO_FEEDBACK,
        explicit_settings=SETTINGS,
    )()


def test_a_good_share_of_what_was_in_order_was_taken() -> None:
    if not tally:
        pytest.skip("nothing was sent by this process")
    shares = {label: of(label) for label in sorted({label for label, _, _ in tally})}
    for label, (taken, all_of_it) in shares.items():
        logger.info("%s: %d of %d in order were taken", label, taken, all_of_it)
    hardly_any = {
        label for label, (taken, all_of_it) in shares.items() if taken < LEAST_TAKEN_OF_EACH * all_of_it
    }
    assert hardly_any <= NOT_MADE_UP
    taken, all_of_it = of()
    logger.info("%d were sent; %d of %d in order were taken", tally.total(), taken, all_of_it)
    assert taken >= LEAST_TAKEN * all_of_it


def of(label: str = "") -> tuple[int, int]:
    """Requests of an operation, or of all, that were in order: how many were taken, and how many there were."""
    counts = {key: n for key, n in tally.items() if key[1] == "positive" and label in ("", key[0])}
    return sum(n for (*_, taken), n in counts.items() if taken), sum(counts.values())
