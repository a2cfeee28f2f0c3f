"""A quote in a browser: written line by line, sent, read on a phone, accepted with a time, and its deposit paid."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

from playwright.sync_api import Page, expect

from local.stack import Stack

from .accessibility import violations
from .booking_widget import BookingWidget, day_in_words
from .database import status_of
from .free_days import FreeDays
from .post import Post
from .test_moving_by_page import look_at
from .visitor import Visitor

Visit = Callable[..., Visitor]
CUSTOMER = "quinn@example.com"


def write_quote(page: Page) -> None:
    typed = {
        "Name": "Quinn Otter",
        "Mobile": "0412 987 654",
        "Email": CUSTOMER,
        "Street address of the job": "3 Wattle Street",
        "Suburb": "Newtown",
        "Postcode": "2042",
        "What it is": "New hot water system",
        "Deposit amount optional": "100",
    }
    for label, value in typed.items():
        page.get_by_label(label, exact=True).fill(value)
    page.get_by_label("Kind of job").select_option(label="Blocked drain")
    page.get_by_label("How long it takes").fill("120")
    page.get_by_label("A fixed amount").check()
    for number, (what, many, each) in enumerate((("Heater", "1", "1500"), ("Fitting, hours", "2.5", "120"))):
        if number:
            page.get_by_role("button", name="Add a line").click()
        line = page.get_by_role("group", name=f"Line {number + 1}")
        line.get_by_label("What").fill(what)
        line.get_by_label("How many").fill(many)
        line.get_by_label("Each ($)").fill(each)


def choose(page: Page, day: date, clock: str) -> None:
    """As on a phone: turn to the month, press the day, press the time."""
    while not page.get_by_role("heading", name=f"{day:%B %Y}").count():
        page.get_by_role("navigation", name="Other months").get_by_role("link").last.click()
    page.get_by_role("link", name=re.compile(rf"^{day_in_words(day)}, \d+ times? free")).click()
    page.get_by_role("link", name=re.compile(rf"^{clock}")).click()


def test_a_quote_is_written_accepted_and_paid(
    visit: Visit, stack: Stack, free_days: FreeDays, post: Post
) -> None:
    joe = visit(width=375)
    joe.sign_in()
    joe.page.get_by_role("link", name="More", exact=True).click()
    joe.page.get_by_role("link", name="Quotes").click()
    joe.page.get_by_role("link", name="Write a quote").first.click()
    write_quote(joe.page)
    assert violations(joe.page) == []
    joe.page.get_by_role("button", name="Send it by email and text").click()
    expect(joe.page.get_by_text("The quote is on its way to Quinn Otter.")).to_be_visible()

    mail = post.wait_for_mail(CUSTOMER, about="Quote from .*: New hot water system, \\$1,800")
    link = re.search(r"https?://\S+/quote/\S+", mail.text)
    assert link
    quinn, day = visit(width=375), free_days()
    quinn.page.goto(link.group())
    expect(quinn.page.get_by_text("includes $163.64 GST")).to_be_visible()
    assert look_at(quinn.page, "quote-375") == []
    quinn.page.get_by_role("link", name="Accept and choose a time").click()
    choose(quinn.page, day, "9:00 am")
    expect(quinn.page.get_by_text("9:00 am to 11:00 am")).to_be_visible()
    quinn.page.get_by_role("button", name="Accept and pay $100").click()
    widget = BookingWidget(quinn.page, quinn.page)
    widget.expect_step("Pay to confirm")
    expect(widget.summary).to_contain_text("New hot water system")
    widget.pay()
    widget.expect_booked()

    assert status_of(stack, CUSTOMER) == "confirmed"
    booked = post.wait_for_mail(CUSTOMER, about="Booked: New hot water system")
    assert "- Fitting, hours (2.5 \N{MULTIPLICATION SIGN} $120): $300" in booked.text
    quinn.page.goto(link.group())
    expect(quinn.page.get_by_role("heading", name="You accepted this quote")).to_be_visible()
    joe.page.reload()
    expect(joe.page.get_by_text("Accepted: the job is booked for")).to_be_visible()
