"""Services that cost nothing to book."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import expect

from local.stack import Stack

from .booking_widget import Customer
from .database import status_of
from .free_days import FreeDays
from .post import Post
from .visitor import Visitor

Visit = Callable[..., Visitor]


def test_without_a_deposit_it_is_booked_at_once(
    visit: Visit, stack: Stack, free_days: FreeDays, post: Post
) -> None:
    customer = Customer("free-quote@example.com")
    visitor = visit(width=375)
    widget = visitor.open_booking_page()
    widget.choose_service("Free quote")
    widget.choose_time("9:30 am", free_days())
    widget.fill_in(customer)
    widget.send()
    widget.expect_booked()
    assert status_of(stack, customer.email) == "confirmed"
    mail = post.wait_for_mail(customer.email, about="Booked: Free quote")
    assert "No deposit" in mail.text
    assert "receipt" not in mail.text


def test_a_request_is_booked_once_the_tradie_says_yes(
    visit: Visit, stack: Stack, free_days: FreeDays, post: Post
) -> None:
    customer = Customer(
        "request@example.com", name="Rae Quest", answers={"How big is the bathroom?": "6 square metres"}
    )
    widget = visit().open_website()
    widget.choose_service("Bathroom renovation visit")
    widget.choose_time("9:00 am", free_days())
    widget.fill_in(customer)
    widget.send()
    widget.expect_step("Request sent")
    assert status_of(stack, customer.email) == "requested"
    post.wait_for_mail(customer.email, about="Asked: Bathroom")

    joe = visit(width=375)
    joe.sign_in()
    asked = joe.page.get_by_role("region", name="Waiting for your yes")
    asked.get_by_role("button", name="Approve Rae Quest").click()
    expect(joe.page.get_by_text("Approved. We're telling Rae Quest.")).to_be_visible()
    assert status_of(stack, customer.email) == "confirmed"
    mail = post.wait_for_mail(customer.email, about="Booked: Bathroom")
    assert re.search(r"9:00 am to 11:00 am", mail.text)
