"""The whole product, and people who use it in a browser.

One stack serves all tests, so every test books a day of its own and reads only its own customer's mail.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from local.stack import Stack

from .database import change
from .demo_stripe import DemoStripe
from .free_days import FreeDayFinder, FreeDays
from .post import Post
from .visitor import Visitor

PATIENCE_MS = 20_000  # a step that takes longer has failed; a busy machine gets there


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if __package__ in str(getattr(item, "module", None)):
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def stack(unlimited_stack: Stack) -> Stack:
    expect.set_options(timeout=PATIENCE_MS)
    return unlimited_stack


@pytest.fixture(scope="module", autouse=True)
def _the_books_balance(stack: Stack) -> Iterator[None]:
    """Whatever the tests of a file did."""
    yield
    assert stack.manage("check_invariants").split()[-1:] == ["0"]


@pytest.fixture(scope="session")
def free_day_finder(stack: Stack) -> FreeDayFinder:
    """Two months have not as many whole days as there are tests."""
    change(stack, "UPDATE accounts_tradie SET horizon_days = 150, calendar_version = calendar_version + 1")
    return FreeDayFinder(stack.site_url)


@pytest.fixture
def free_days(free_day_finder: FreeDayFinder) -> FreeDays:
    """`free_days("joe-plumber")`: a day that is free from morning to evening, and no other test's."""
    return free_day_finder.next_free_day


@pytest.fixture
def post(stack: Stack) -> Post:
    """The mails and SMS that went out."""
    return Post(Path(stack.env["SENT_MESSAGES_DIR"]))


@pytest.fixture
def stripe(stack: Stack) -> Iterator[DemoStripe]:
    """What Stripe saw, and how it delivers; it behaves again after the test."""
    demo = DemoStripe(stack.stripe_url)
    yield demo
    demo.webhooks("deliver")


@pytest.fixture
def visit(browser: Browser, stack: Stack) -> Iterator[Callable[..., Visitor]]:
    """`visit(width=375)`: somebody with a browser of their own.

    At the end of the test no page may have had an error.
    """
    visitors: list[Visitor] = []

    def arrive(**how: object) -> Visitor:
        visitors.append(Visitor(browser, stack, **how))  # type: ignore[arg-type]
        return visitors[-1]

    yield arrive
    problems = [problem for visitor in visitors for problem in visitor.leave()]
    assert problems == []
