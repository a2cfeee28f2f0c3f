"""A no-show fee on a saved card: agreed to when booking, charged by the tradie, paid by link because the bank asks,
taken back."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect

from local.stack import Stack

from .booking_widget import SECURE_CARD, BookingWidget, Customer
from .database import booking_of, change
from .free_days import FreeDays
from .post import Post
from .test_moving_by_page import look_at
from .visitor import Visitor

Visit = Callable[..., Visitor]
SERVICE = "Blocked drain"
SET_FEE = "UPDATE accounts_service SET no_show_fee_cents = %s WHERE name = %s"
# Yesterday in the small hours, when nobody else has anything.
ITS_TIME_CAME = """
WITH moved AS (
    SELECT id, starts_at - (date_trunc('day', now()) - interval '9 hours') AS by FROM bookings_booking WHERE id = %s
)
UPDATE bookings_booking b SET starts_at = starts_at - moved.by, ends_at = ends_at - moved.by,
    period = tstzrange(lower(period) - moved.by, upper(period) - moved.by, '[)')
FROM moved WHERE moved.id = b.id"""


@pytest.fixture
def fee(stack: Stack) -> Iterator[str]:
    """In dollars, above the deposit, for as long as the test lasts: others share the stack. -> what of it is charged"""
    ((deposit, cents),) = stack.query(
        "SELECT deposit_fixed_cents, no_show_fee_cents FROM accounts_service WHERE name = %s", SERVICE
    )
    change(stack, SET_FEE, deposit + 7_000, SERVICE)
    yield "$70"
    change(stack, SET_FEE, cents, SERVICE)


def test_the_saved_card_its_bank_and_back_again(
    visit: Visit, stack: Stack, free_days: FreeDays, post: Post, fee: str
) -> None:
    customer = Customer("missed@example.com", name="Mo Missing")
    books = visit(width=375)
    widget = books.open_booking_page()
    widget.hold(SERVICE, free_days(), "9:00 am", customer)
    agree = widget.inside.get_by_role("checkbox", name=re.compile(rf"may charge up to \{fee} to this card"))
    expect(agree).not_to_be_checked()
    agree.press("Space")
    expect(agree).to_be_checked()
    widget.pay(SECURE_CARD)
    widget.answer_bank("Complete")
    widget.expect_booked()

    booking_id, _ = booking_of(stack, customer.email)
    change(stack, ITS_TIME_CAME, booking_id)
    joe = visit(width=375)
    joe.sign_in()
    joe.page.goto(f"{stack.site_url}/dashboard/bookings/{booking_id}")
    joe.page.get_by_role("link", name="No-show").click()
    expect(joe.page.get_by_text("Charged to the saved card now")).to_be_visible()
    assert look_at(joe.page, "no-show-375") == []
    joe.page.get_by_role("button", name=f"No-show, and charge {fee}").click()
    expect(joe.page.get_by_text(f"We're charging {fee} to the saved card.", exact=False)).to_be_visible()

    mail = post.wait_for_mail(customer.email, about=rf"Please pay \{fee}")
    found = re.search(r"https?://\S+/pay/\S+", mail.text)
    assert found
    link = found.group()
    books.page.goto(link)
    page = BookingWidget(books.page, books.page)
    page.pay(SECURE_CARD)
    page.answer_bank("Complete")
    expect(books.page.get_by_role("heading", name="Paid, thank you")).to_be_visible()
    post.wait_for_mail(customer.email, about="No-show fee paid")

    joe.page.reload()
    expect(joe.page.get_by_text(f"The no-show fee of {fee} was paid.")).to_be_visible()
    joe.page.get_by_role("button", name="They were there: take it back").click()
    expect(joe.page.get_by_text("Taken back: the booking stands as before", exact=False)).to_be_visible()
    post.wait_for_mail(customer.email, about="it was no no-show", text=f"The fee of {fee} goes back")
