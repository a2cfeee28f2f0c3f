"""Cards that are declined, and banks that ask back."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import expect

from local.stack import Stack

from .booking_widget import DECLINED_CARD, SECURE_CARD, Customer
from .database import booking_of
from .demo_stripe import DemoStripe
from .free_days import FreeDays
from .post import Post
from .visitor import Visitor

Visit = Callable[..., Visitor]


def test_after_a_declined_card_another_one_pays_the_same_booking(
    visit: Visit, stack: Stack, free_days: FreeDays, stripe: DemoStripe, post: Post
) -> None:
    customer = Customer("declined@example.com")
    visitor = visit(width=375)
    visitor.expects("status of 402")
    widget = visitor.open_website()
    widget.hold("Leaking tap", free_days(), "8:00 am", customer)

    widget.pay(DECLINED_CARD)
    expect(widget.problem).to_contain_text("declined")
    expect(widget.problem).to_be_focused()
    widget.expect_step("Pay to confirm")
    widget.pay()
    widget.expect_booked()

    booking_id, status = booking_of(stack, customer.email)
    assert status == "confirmed"
    intents = stripe.intents_of(booking_id)
    assert [(intent["status"], intent["amount_received"]) for intent in intents] == [("succeeded", 2475)]
    post.wait_for_mail(customer.email, about="Booked")


def test_a_bank_that_asks_back_is_failed_and_then_passed(
    visit: Visit, stack: Stack, free_days: FreeDays, stripe: DemoStripe
) -> None:
    customer = Customer("secure@example.com")
    visitor = visit(width=375)
    visitor.page.set_viewport_size({"width": 375, "height": 420})  # the frame is higher by far
    widget = visitor.open_website()
    widget.hold("Blocked drain", free_days(), "10:00 am", customer)

    widget.pay(SECURE_CARD)
    challenge = widget.inside.locator("iframe[title^='3-D Secure']")
    expect(challenge).to_be_in_viewport(ratio=0.5)
    widget.answer_bank("Fail")
    expect(widget.problem).to_contain_text(re.compile("authenticat", re.IGNORECASE))
    widget.pay_button.click()
    widget.answer_bank("Complete")
    widget.expect_booked()

    booking_id, status = booking_of(stack, customer.email)
    assert status == "confirmed"
    assert [intent["status"] for intent in stripe.intents_of(booking_id)] == ["succeeded"]
