"""A service that the tradie approves first, with a deposit that the card only holds until they do."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect

from local.ports import wait_until
from local.stack import Stack

from .booking_widget import Customer
from .database import change, status_of
from .free_days import FreeDays
from .post import Post
from .visitor import Visitor

Visit = Callable[..., Visitor]
SET_DEPOSIT = """UPDATE accounts_service SET deposit_kind = %s, deposit_fixed_cents = %s, price_cents = %s
WHERE name = 'Bathroom renovation visit'"""


@pytest.fixture
def deposit(stack: Stack) -> Iterator[None]:
    """Of $50, for as long as the test lasts: others share the stack."""
    ((kind, cents, price),) = stack.query(
        "SELECT deposit_kind, deposit_fixed_cents, price_cents FROM accounts_service WHERE name = %s",
        "Bathroom renovation visit",
    )
    change(stack, SET_DEPOSIT, "fixed", 5_000, 20_000)
    yield
    change(stack, SET_DEPOSIT, kind, cents, price)


def test_the_card_is_charged_once_the_tradie_says_yes(
    visit: Visit, stack: Stack, free_days: FreeDays, post: Post, deposit: None
) -> None:
    customer = Customer(
        "held@example.com", name="Rae Quest", answers={"How big is the bathroom?": "6 square metres"}
    )
    asks = visit(width=375)
    widget = asks.open_booking_page()
    widget.choose_service("Bathroom renovation visit")
    widget.choose_time("9:00 am", free_days())
    widget.fill_in(customer)
    widget.send()
    widget.type_card()
    authorise = widget.inside.get_by_role("button", name="Authorise $50")
    authorise.press("Enter")
    widget.expect_step("Request sent")
    assert status_of(stack, customer.email) == "requested"
    assert (
        "held on your card, not charged" in post.wait_for_mail(customer.email, about="Asked: Bathroom").text
    )

    joe = visit(width=375)
    joe.sign_in()
    asked = joe.page.get_by_role("region", name="Waiting for your yes")
    asked.get_by_role("button", name="Approve Rae Quest").click()
    expect(
        joe.page.get_by_text("Approved. We're charging the deposit, then telling Rae Quest.")
    ).to_be_visible()
    assert wait_until(lambda: status_of(stack, customer.email) == "confirmed", seconds=15)
    post.wait_for_mail(customer.email, about="Booked: Bathroom")
