"""The API can't be reached: there is a way on, and nothing that was typed is lost."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Locator, Page, Route, expect

from local.ports import wait_until
from local.stack import Stack

from .booking_widget import Customer
from .database import status_of
from .free_days import FreeDays
from .visitor import Visitor

Visit = Callable[..., Visitor]
CALL = re.compile(r"^Call \(02\)")


def cut_off(page: Page) -> None:
    page.context.route("**/api/**", lambda route: route.abort("connectionrefused"))


def pass_until(page: Page, seen: Locator) -> None:
    """Its waits between two questions take no time of ours."""

    def is_seen() -> bool:
        page.clock.fast_forward(1_000)
        return seen.is_visible()

    assert wait_until(is_seen, seconds=20)


def test_an_outage_while_choosing_and_while_sending_loses_nothing(
    visit: Visit, stack: Stack, free_days: FreeDays
) -> None:
    day, customer = free_days(), Customer("outage@example.com")
    visitor = visit(width=375)
    visitor.expects("ERR_CONNECTION_(REFUSED|FAILED)")
    clock = visitor.page.clock
    clock.install()
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

    silent: list[Route] = []
    visitor.context.route("**/v1/payment_intents/*/confirm", lambda route: silent.append(route))
    widget.pay()
    expect(widget.inside.get_by_role("button", name="Paying…")).to_be_visible()
    clock.fast_forward(8_100)
    expect(widget.inside.get_by_text("Still waiting for your bank.")).to_be_visible()
    silent.pop().abort("connectionfailed")
    visitor.context.unroute_all()
    pass_until(visitor.page, widget.problem)
    expect(widget.problem).to_contain_text("We don't know yet whether your payment went through")

    visitor.context.route("**/api/bookings/**", lambda _never_answered: None)
    widget.pay_button.press("Enter")
    widget.expect_step("Confirming your booking…")
    clock.fast_forward(8_100)
    expect(widget.inside.get_by_text("You don't need to do anything or pay again.")).to_be_visible()
    visitor.context.unroute_all()
    pass_until(visitor.page, widget.heading("You're booked in"))
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
