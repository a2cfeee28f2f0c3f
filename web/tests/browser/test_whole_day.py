"""A tradie can't make a whole day: the customer is asked by mail, and chooses a time of their own."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import expect

from local.stack import Stack

from .booking_widget import Customer
from .free_days import FreeDays
from .post import Post, manage_link
from .test_moving_by_page import look_at
from .test_quotes import choose
from .visitor import Visitor

Visit = Callable[..., Visitor]


def test_a_day_is_called_off_and_the_customer_chooses_another_time(
    visit: Visit, stack: Stack, free_days: FreeDays, post: Post
) -> None:
    customer, day, other_day = Customer("day@example.com", name="Dee Daye"), free_days(), free_days()
    dee = visit(width=375)
    widget = dee.open_website()
    widget.hold("Leaking tap", day, "9:00 am", customer)
    widget.pay()
    widget.expect_booked()

    joe = visit(width=375)
    joe.sign_in()
    joe.page.get_by_role("link", name="Can’t make a day?").click()
    joe.page.get_by_label("Which day?").fill(day.isoformat())
    joe.page.get_by_role("button", name="See who is booked").click()
    expect(joe.page.get_by_role("heading", name="1 booking to move")).to_be_visible()
    joe.page.get_by_label("Why?", exact=False).fill("The van broke down.")
    joe.page.get_by_role("button", name="Close the day and ask them").click()
    expect(joe.page.get_by_text("The day is closed, and its customers are told.")).to_be_visible()
    assert look_at(joe.page, "day-move-375") == []

    mail = post.wait_for_mail(customer.email, about="please choose another time", text="The van broke down.")
    dee.page.goto(manage_link(mail))
    expect(dee.page.get_by_role("heading", name="Please choose another time")).to_be_visible()
    assert look_at(dee.page, "asked-375") == []
    dee.page.get_by_role("link", name="Choose another free time").click()
    choose(dee.page, other_day, "10:00 am")
    dee.page.get_by_role("button", name=re.compile("^Move to ")).click()
    expect(dee.page.get_by_text("Your booking has moved.")).to_be_visible()
    post.wait_for_mail(customer.email, about="Moved to .*10:00 am")
    joe.page.reload()
    expect(joe.page.get_by_role("listitem").filter(has_text="Dee Daye")).to_contain_text(
        "chose", ignore_case=True
    )
