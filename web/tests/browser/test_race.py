"""Two customers, one time."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from local.stack import Stack

from .booking_widget import Customer
from .database import status_of
from .free_days import FreeDays
from .visitor import Visitor

Visit = Callable[..., Visitor]


def test_who_comes_second_picks_a_near_time_and_keeps_what_they_typed(
    visit: Visit, stack: Stack, free_days: FreeDays
) -> None:
    day = free_days()
    ann, ben = (
        Customer("ann@example.com", name="Ann"),
        Customer("ben@example.com", name="Ben", line1="9 Low St"),
    )
    first, second = visit(), visit(width=375)
    second.expects("status of 409")
    widgets = first.open_website(), second.open_website()
    for widget, customer in zip(widgets, (ann, ben), strict=True):
        widget.choose_service("Leaking tap")
        widget.choose_time("9:00 am", day)
        widget.fill_in(customer)
    for widget in widgets:
        widget.send()
    widgets[0].expect_step("Pay to confirm")
    widgets[0].pay()

    late = widgets[1]
    expect(late.problem).to_contain_text("That time has just been taken")
    expect(late.problem).to_be_focused()
    expect(late.nearest_times).to_have_count(3)
    expect(late.inside.get_by_label("Your name")).to_have_value("Ben")
    expect(late.inside.get_by_label("Street address")).to_have_value("9 Low St")
    chosen = late.nearest_times.first.inner_text()
    late.nearest_times.first.click()
    late.expect_step("Pay to confirm")
    expect(late.summary).to_contain_text(chosen)
    late.pay()
    late.expect_booked()
    widgets[0].expect_booked()
    assert [status_of(stack, who.email) for who in (ann, ben)] == ["confirmed", "confirmed"]
