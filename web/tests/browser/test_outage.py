"""The API can't be reached: there is a way on, and nothing that was typed is lost."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from local.stack import Stack

from .booking_widget import Customer
from .database import status_of
from .free_days import FreeDays
from .visitor import Visitor

Visit = Callable[..., Visitor]
CALL = re.compile(r"^Call \(02\)")


def cut_off(page: Page) -> None:
    page.context.route("**/api/**", lambda route: route.abort("connectionrefused"))


def test_an_outage_while_choosing_and_while_sending_loses_nothing(
    visit: Visit, stack: Stack, free_days: FreeDays
) -> None:
    day, customer = free_days(), Customer("outage@example.com")
    visitor = visit(width=375)
    visitor.expects("ERR_CONNECTION_REFUSED")
    widget = visitor.open_website()
    expect(widget.heading("What do you need done?")).to_be_visible()

    cut_off(visitor.page)
    widget.choose_service("Leaking tap")
    expect(widget.problem).to_contain_text("We can't reach the booking service")
    expect(widget.problem.get_by_role("link", name=CALL)).to_be_visible()
    visitor.context.unroute_all()
    widget.inside.get_by_role("button", name="Try again").click()
    widget.choose_time("8:30 am", day)
    widget.fill_in(customer)

    cut_off(visitor.page)
    widget.send()
    expect(widget.problem).to_contain_text("We can't reach the booking service")
    expect(widget.problem.get_by_role("link", name=CALL)).to_be_visible()
    for label, value in customer.by_label().items():
        expect(widget.inside.get_by_label(label, exact=True)).to_have_value(value)
    visitor.context.unroute_all()
    widget.send()
    widget.expect_step("Pay to confirm")
    widget.pay()
    widget.expect_booked()
    assert status_of(stack, customer.email) == "confirmed"


def test_a_page_that_opens_during_an_outage_offers_to_try_again(visit: Visit) -> None:
    visitor = visit(width=375)
    visitor.expects("ERR_CONNECTION_REFUSED")
    cut_off(visitor.page)
    widget = visitor.open_booking_page()
    expect(widget.inside.get_by_role("heading", name="We couldn't open the booking page")).to_be_visible()
    call = widget.inside.get_by_role("link", name="Call us, or leave your number")
    expect(call).to_have_attribute("href", "?call")
    visitor.context.unroute_all()
    widget.inside.get_by_role("button", name="Try again").click()
    widget.expect_step("What do you need done?")
