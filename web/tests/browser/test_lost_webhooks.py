"""Stripe's webhook never comes: whoever paid has a booking all the same."""

from __future__ import annotations

from collections.abc import Callable

from local.ports import wait_until
from local.stack import Stack

from .booking_widget import Customer
from .database import booking_of, change, status_of
from .demo_stripe import DemoStripe
from .free_days import FreeDays
from .post import Post
from .visitor import Visitor

Visit = Callable[..., Visitor]
SWEEP = "from payments.tasks import sync_unsettled_payments; sync_unsettled_payments()"
LONG_AGO = """
UPDATE payments_payment SET created_at = now() - interval '3 minutes', checked_at = NULL WHERE booking_id = %s
"""


def test_the_widget_itself_has_the_booking_confirmed(
    visit: Visit, stack: Stack, free_days: FreeDays, stripe: DemoStripe, post: Post
) -> None:
    customer = Customer("no-webhook@example.com")
    stripe.webhooks("drop")
    widget = visit().open_website()
    widget.hold("Leaking tap", free_days(), "11:00 am", customer)
    widget.pay()
    widget.expect_booked()
    assert status_of(stack, customer.email) == "confirmed"
    post.wait_for_mail(customer.email, about="Booked")


def test_the_sweep_confirms_for_someone_who_left_right_after_paying(
    visit: Visit, stack: Stack, free_days: FreeDays, stripe: DemoStripe, post: Post
) -> None:
    customer = Customer("left-at-once@example.com")
    stripe.webhooks("drop")
    visitor = visit()
    widget = visitor.open_website()
    widget.hold("Leaking tap", free_days(), "11:00 am", customer)
    booking_id, _ = booking_of(stack, customer.email)
    # The browser is gone before it could tell us: nothing of ours hears of the payment.
    visitor.context.route("**/api/bookings/**", lambda route: route.abort())
    visitor.expects("ERR_FAILED")
    widget.pay()
    assert wait_until(lambda: stripe.intents_of(booking_id)[0]["status"] == "succeeded", seconds=20)
    visitor.page.close()
    # Still pending, unless the look for events that never came, every quarter of an hour, was just now.
    change(stack, LONG_AGO, booking_id)
    stack.manage("shell", "--command", SWEEP)
    assert status_of(stack, customer.email) == "confirmed"
    post.wait_for_mail(customer.email, about="Booked")
