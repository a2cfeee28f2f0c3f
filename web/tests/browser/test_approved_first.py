"""A service that the tradie approves first, with a deposit that the card only holds until they do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

import pytest
from playwright.sync_api import expect

from local.ports import wait_until
from local.stack import Stack

from .booking_widget import Customer
from .database import booking_of, change, status_of
from .demo_stripe import DemoStripe
from .free_days import FreeDays
from .post import Post
from .visitor import Visitor

Visit = Callable[..., Visitor]
ANSWERS = {"How big is the bathroom?": "6 square metres"}
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


def authorise(visitor: Visitor, customer: Customer, day: date) -> None:
    """From the booking page to the request, by a card that holds the deposit."""
    widget = visitor.open_booking_page()
    widget.choose_service("Bathroom renovation visit")
    widget.choose_time("9:00 am", day)
    widget.fill_in(customer)
    widget.send()
    widget.type_card()
    widget.inside.get_by_role("button", name="Authorise $50").press("Enter")
    widget.expect_step("Request sent")


def test_the_card_is_charged_once_the_tradie_says_yes(
    visit: Visit, stack: Stack, free_days: FreeDays, post: Post, deposit: None
) -> None:
    customer = Customer("held@example.com", name="Rae Quest", answers=ANSWERS)
    authorise(visit(width=375), customer, free_days())
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


def test_declined_in_one_tap_nothing_is_charged_and_the_time_is_free(
    visit: Visit, stack: Stack, free_days: FreeDays, post: Post, stripe: DemoStripe, deposit: None
) -> None:
    customer = Customer("not-taken@example.com", name="Dee Clined", answers=ANSWERS)
    authorise(visit(width=375), customer, free_days())

    joe = visit(width=375)
    joe.sign_in()
    asked = joe.page.get_by_role("region", name="Waiting for your yes")
    asked.get_by_role("link", name="Decline Dee Clined").click()
    joe.page.get_by_role("button", name="Decline").click()
    expect(joe.page.get_by_text("Declined. We're telling Dee Clined.")).to_be_visible()
    expect(joe.page.get_by_role("link", name="Decline")).to_have_count(0)

    booking_id, status = booking_of(stack, customer.email)
    assert status == "declined"
    assert wait_until(
        lambda: [intent["status"] for intent in stripe.intents_of(booking_id)] == ["canceled"], seconds=15
    )
    news = post.wait_for_mail(customer.email, about="can’t take your booking")
    assert "Nothing was charged." in news.text
    assert "We've let go of the $50 that your card was holding" in news.text
