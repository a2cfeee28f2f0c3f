"""A customer disputes what they paid: the owner sees what speaks for them, and sends it to the bank once."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from local.ports import wait_until
from local.stack import Stack

from .booking_widget import Customer
from .database import booking_of
from .free_days import FreeDays
from .post import Post
from .test_moving_by_page import look_at
from .visitor import Visitor

Visit = Callable[..., Visitor]
DISPUTED_CARD = "4000000000000259"


def test_the_owner_answers_a_dispute_from_today_to_the_bank(
    visit: Visit, stack: Stack, free_days: FreeDays, post: Post
) -> None:
    customer = Customer("disputes@example.com", name="Dee Spute")
    widget = visit(width=375).open_website()
    widget.hold("Leaking tap", free_days(), "8:00 am", customer)
    widget.pay(DISPUTED_CARD)
    widget.expect_booked()
    booking_id, _ = booking_of(stack, customer.email)
    ours = "SELECT count(*) FROM payments_dispute d JOIN payments_payment p ON p.id = d.payment_id"
    assert wait_until(
        lambda: stack.query(f"{ours} WHERE p.booking_id = %s", booking_id)[0][0] == 1, seconds=20
    )

    joe = visit(width=375)
    joe.sign_in()
    joe.page.get_by_role("link", name="Dee Spute disputes").click()
    joe.page.get_by_role("link", name="See it and answer").click()
    expect(joe.page.get_by_text("Free to cancel until").first).to_be_visible()
    assert look_at(joe.page, "dispute-375") == []
    joe.page.get_by_label("What should the bank know?").fill("Dee let me in and thanked me.")
    joe.page.get_by_role("button", name="Send to the bank").press("Enter")
    expect(joe.page.get_by_text("Your answer is on its way to the bank.")).to_be_visible()

    def is_sent() -> bool:
        joe.page.reload()
        return joe.page.get_by_text("so nothing can be added.").is_visible()

    assert wait_until(is_sent, seconds=20)
    expect(joe.page.get_by_role("button", name="Send to the bank")).to_have_count(0)
    expect(joe.page.get_by_text("Dee let me in and thanked me.")).to_be_visible()
