"""A customer pays when their hold has lapsed already: they get the time if it is still free, else all of it back."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import expect

from local.ports import wait_until
from local.stack import Stack

from .booking_widget import BookingWidget, Customer
from .database import booking_of, change
from .demo_stripe import DemoStripe
from .free_days import FreeDays
from .post import Post
from .visitor import Visitor

Visit = Callable[..., Visitor]
# As if Stripe had taken the card in the moment in which the hold was given up.
LAPSED = "UPDATE bookings_booking SET status = 'expired', held_until = NULL WHERE id = %s"


def test_the_late_one_is_revived_and_the_too_late_one_refunded(
    visit: Visit, stack: Stack, free_days: FreeDays, post: Post, stripe: DemoStripe
) -> None:
    late, quick = Customer("late@example.com", name="La Te"), Customer("quick@example.com", name="Qui Ck")
    too_late, day = Customer("paid-too-late@example.com", name="Too Late"), free_days()
    first = visit(width=375).open_website()
    first.hold("Leaking tap", day, "8:00 am", late)
    change(stack, LAPSED, booking_of(stack, late.email)[0])
    first.pay()
    first.expect_booked()
    post.wait_for_mail(late.email, about="Booked")

    waits = visit(width=375)
    second = waits.open_website()
    second.hold("Leaking tap", day, "1:00 pm", too_late)
    booking_id, _ = booking_of(stack, too_late.email)
    change(stack, LAPSED, booking_id)
    other = visit(width=375).open_website()
    other.hold("Leaking tap", day, "1:00 pm", quick)
    other.pay()
    other.expect_booked()
    second.pay()
    second.expect_step("Sorry, that time was taken while your payment was on its way")
    mail = post.wait_for_mail(too_late.email, about=r"Your time was gone .*: \$24\.75 goes back to you")
    assert booking_of(stack, too_late.email)[1] == "lost"
    [intent] = stripe.intents_of(booking_id)
    assert wait_until(
        lambda: [one["amount"] for one in stripe.refunds_of(intent["id"])] == [2475], seconds=20
    )

    nearest = re.findall(r"https?://\S+/book/\S+&start=\S+", mail.text)
    assert len(nearest) == 3
    waits.page.goto(nearest[0])
    again = BookingWidget(waits.page, waits.page)
    again.expect_step("Your details")
    expect(again.inside.get_by_label("Your name", exact=True)).to_have_value("Too Late")
