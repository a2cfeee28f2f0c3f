"""From "nothing suits" to a time that was kept: who waits, who offers, and the widget that takes the hold up."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from local.stack import Stack
from peepopay.local_time import in_zone

from .booking_widget import BookingWidget
from .database import booking_of
from .free_days import FreeDays
from .post import Post
from .test_moving_by_page import look_at
from .visitor import Visitor

Visit = Callable[..., Visitor]
EMAIL = "waits@example.com"


@pytest.fixture
def joe(visit: Visit, stack: Stack) -> Iterator[Page]:
    """His list is on for as long as the test lasts: others share the stack."""
    visitor = visit(width=375)
    visitor.sign_in()
    page = visitor.page
    page.goto(f"{stack.site_url}/dashboard/waitlist")
    page.get_by_role("button", name="Switch it on").click()
    yield page
    page.goto(f"{stack.site_url}/dashboard/waitlist")
    page.get_by_role("button", name="Switch the waitlist off").click()
    expect(page.get_by_text("It’s off.")).to_be_visible()


def closed_day() -> date:
    """A Sunday, on which Joe never works, so that nothing is free."""
    day = in_zone(timezone.now(), "Australia/Sydney").date() + timedelta(days=3)
    return day + timedelta(days=6 - day.weekday())


def test_who_waits_is_kept_a_time_and_pays_for_it_in_the_widget(
    visit: Visit, joe: Page, stack: Stack, free_days: FreeDays, post: Post
) -> None:
    pat = visit(width=375).page
    pat.goto(f"{stack.site_url}/book/joe-plumber")
    BookingWidget(pat, pat).choose_service("Blocked drain")
    pat.get_by_role("link", name="Join the waitlist").click()
    expect(pat.get_by_label("What is to be done?").locator("option:checked")).to_have_text("Blocked drain")
    pat.get_by_label("Only on this day").fill(closed_day().isoformat())
    pat.get_by_label("Your name").fill("Pat O'Neil")
    pat.get_by_label("Your mobile").fill("0412 345 679")
    pat.get_by_label("Your email").fill(EMAIL)
    assert look_at(pat, "wait-375") == []
    pat.get_by_role("button", name="Put me on the list").click()
    expect(pat.get_by_role("heading", name="You’re on the waitlist")).to_be_visible()
    assert look_at(pat, "waiting-375") == []

    joe.goto(f"{stack.site_url}/dashboard/waitlist?day={free_days()}")
    assert look_at(joe, "waitlist-375") == []
    joe.get_by_role("link", name="Offer a time to Pat O'Neil").click()
    joe.locator("#times ~ ul a").first.click()
    joe.get_by_role("button", name="Offer it").click()
    expect(joe.get_by_text("Thinking about it")).to_be_visible()
    assert look_at(joe, "waitlist-offered-375") == []

    mail = post.wait_for_mail(EMAIL, about="^Free for you until")
    link = re.search(r"https?://\S+/waiting/\S+", mail.text)
    assert link
    pat.goto(link.group())
    assert look_at(pat, "offered-375") == []
    pat.get_by_role("link", name="Take this time").click()
    widget = BookingWidget(pat, pat)
    widget.expect_step("Your details")
    expect(pat.get_by_label("Your name")).to_have_value("Pat O'Neil")
    for label, value in {
        "Street address": "1 George Street",
        "Suburb": "Newtown",
        "Postcode": "2042",
    }.items():
        pat.get_by_label(label, exact=True).fill(value)
    widget.send()
    widget.expect_step("Pay to confirm")
    widget.pay()
    widget.expect_booked()
    assert booking_of(stack, EMAIL)[1] == "confirmed"
