"""What cancelling costs: the same words from the chosen time to the link in the mail."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from .booking_widget import Customer
from .free_days import FreeDays
from .post import Post, manage_link
from .visitor import Visitor

Visit = Callable[..., Visitor]
TERMS_TO_COME = "You'll see what cancelling costs before you pay."  # widget/src/statement.ts


@pytest.mark.parametrize("service", ["Blocked drain", "Leaking tap"], ids=["late fee", "no late fee"])
def test_the_words_are_the_same_on_details_and_pay_in_the_mail_and_on_the_manage_page(
    visit: Visit, free_days: FreeDays, post: Post, service: str
) -> None:
    customer = Customer(f"words-{service.split()[-1]}@example.com")
    visitor = visit(width=375)
    widget = visitor.open_website()
    widget.choose_service(service)
    widget.choose_time("11:00 am", free_days())
    on_details = widget.policy()
    widget.fill_in(customer)
    widget.send()
    widget.expect_step("Pay to confirm")
    on_pay = widget.policy()
    widget.pay()
    widget.expect_booked()
    when_done = widget.policy()
    mail = post.wait_for_mail(customer.email, about="Booked")
    visitor.page.goto(manage_link(mail))
    on_manage = visitor.page.get_by_role("region", name="Money").locator("ul.plain > li").all_inner_texts()

    assert on_details[0].startswith("Free to cancel until ")
    assert on_pay == when_done == on_manage == on_details
    assert re.findall("^- (.+?)\\s*$", mail.text, re.MULTILINE) == on_details


def test_a_booking_goes_on_where_the_words_cannot_be_had_and_they_come_before_paying(
    visit: Visit, free_days: FreeDays
) -> None:
    visitor = visit()
    visitor.expects("statement")
    visitor.page.route("**/statement?*", lambda route: route.abort())
    widget = visitor.open_booking_page()
    widget.choose_service("Blocked drain")
    widget.choose_time("11:00 am", free_days())
    widget.fill_in(Customer("no-words@example.com"))
    assert widget.policy() == [TERMS_TO_COME]
    widget.send()
    widget.expect_step("Pay to confirm")
    assert widget.policy()[0].startswith("Free to cancel until ")
