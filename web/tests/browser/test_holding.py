"""A held time: it survives a reload, moves with its customer, and lapses with a way on."""

from __future__ import annotations

import re
from collections.abc import Callable

import requests
from playwright.sync_api import expect

from local.stack import Stack

from .booking_widget import Customer, day_in_words
from .database import booking_of, change, status_of
from .demo_stripe import DemoStripe
from .free_days import FreeDays
from .visitor import Visitor

Visit = Callable[..., Visitor]
EXPIRE_HOLDS = "from payments.tasks import expire_holds; expire_holds()"
LONG_OVER = "UPDATE bookings_booking SET held_until = now() - interval '15 minutes' WHERE id = %s"


def starts_on(stack: Stack, day: object) -> list[str]:
    """What anybody else is offered that day: `["07:00", ...]`."""
    service = stack.query("SELECT id FROM accounts_service WHERE name = 'Leaking tap'")[0][0]
    address = f"{stack.site_url}/api/availability/joe-plumber"
    answer = requests.get(address, {"date": str(day), "service": str(service)}, timeout=10).json()
    return [slot["start"][11:16] for slot in answer["slots"]]


def test_a_reload_at_the_pay_step_goes_on_with_the_same_payment(
    visit: Visit, stack: Stack, free_days: FreeDays, stripe: DemoStripe
) -> None:
    customer = Customer("reload@example.com")
    visitor = visit()
    widget = visitor.open_website()
    widget.hold("Leaking tap", free_days(), "1:00 pm", customer)
    countdown = widget.inside.get_by_role("timer")
    expect(countdown).to_have_text(re.compile(r"^(9:\d\d|10:00)$"))
    visitor.page.reload()
    widget.expect_step("Pay to confirm")
    expect(countdown).to_have_text(re.compile(r"^9:\d\d$"))
    # The frame has lost the way that led here.
    visitor.page.evaluate("history.back()")
    widget.expect_step("Your details")
    visitor.page.evaluate("history.forward()")
    widget.expect_step("Pay to confirm")
    widget.pay()
    widget.expect_booked()
    booking_id, status = booking_of(stack, customer.email)
    assert (status, len(stripe.intents_of(booking_id))) == ("confirmed", 1)


def test_going_back_for_another_time_moves_the_hold(
    visit: Visit, stack: Stack, free_days: FreeDays, stripe: DemoStripe
) -> None:
    day, customer = free_days(), Customer("moves@example.com")
    widget = visit(width=375).open_website()
    widget.hold("Leaking tap", day, "1:00 pm", customer)
    assert "13:00" not in starts_on(stack, day)
    widget.inside.get_by_role("button", name=re.compile("Time$")).click()
    # Their own time is still theirs to choose.
    own = widget.inside.get_by_role("button", name=f"1:00 pm, {day_in_words(day)}")
    expect(own).to_have_attribute("aria-pressed", "true")
    widget.choose_time("2:00 pm", day)
    expect(widget.inside.get_by_label("Your name")).to_have_value(customer.name)
    widget.send()
    widget.expect_step("Pay to confirm")
    expect(widget.summary).to_contain_text("2:00 pm")
    offered = starts_on(stack, day)
    assert ("13:00" in offered, "14:00" in offered) == (True, False)
    widget.pay()
    widget.expect_booked()
    booking_id, status = booking_of(stack, customer.email)
    assert (status, len(stripe.intents_of(booking_id))) == ("confirmed", 1)


def test_more_time_is_given_once_and_a_hold_that_lapsed_can_be_taken_again(
    visit: Visit, stack: Stack, free_days: FreeDays, stripe: DemoStripe
) -> None:
    day, customer = free_days(), Customer("lapsed@example.com")
    visitor = visit(width=375)
    clock = visitor.page.clock
    clock.install()
    widget = visitor.open_website()
    widget.hold("Leaking tap", day, "1:00 pm", customer)
    first_id, _ = booking_of(stack, customer.email)
    countdown = widget.inside.get_by_role("timer")
    more = widget.inside.get_by_role("button", name="I need more time")
    expect(more).to_have_count(0)
    clock.fast_forward("08:05")
    expect(widget.inside.get_by_text("Pay before then to keep it.")).to_be_visible()
    more.press("Enter")
    expect(countdown).to_have_text(re.compile(r"^(9:\d\d|10:00)$"))
    expect(widget.heading("Pay to confirm")).to_be_focused()
    expect(widget.inside.get_by_text("Your time is held for 10 minutes more.")).to_be_attached()
    clock.fast_forward("08:30")
    expect(widget.inside.get_by_text("Pay before then to keep it.")).to_be_visible()
    expect(more).to_have_count(0)
    change(stack, LONG_OVER, first_id)
    clock.fast_forward("03:00")

    expect(widget.inside.get_by_text("Your time is no longer held. Nothing was charged.")).to_be_visible()
    stack.manage("shell", "--command", EXPIRE_HOLDS)
    assert status_of(stack, customer.email) == "expired"
    assert [intent["status"] for intent in stripe.intents_of(first_id)] == ["canceled"]
    assert "13:00" in starts_on(stack, day)

    widget.inside.get_by_role("button", name="Hold the same time again").click()
    expect(widget.pay_button).to_be_visible()
    widget.pay()
    widget.expect_booked()
    statuses = stack.query(
        "SELECT status FROM bookings_booking WHERE customer_email = %s ORDER BY created_at", customer.email
    )
    assert [status for (status,) in statuses] == ["expired", "confirmed"]
