"""The main job, from the tradie's own website to the tradie's dashboard."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from playwright.sync_api import Page, expect

from bookings.calendar_links import GOOGLE, OUTLOOK
from local.stack import Stack

from .booking_widget import Customer, day_in_words
from .free_days import FreeDays
from .post import Post, calendar_entry, manage_link
from .visitor import Visitor

Visit = Callable[..., Visitor]
SYDNEY = ZoneInfo("Australia/Sydney")


def test_a_customer_books_and_pays_and_both_sides_know(
    visit: Visit, stack: Stack, free_days: FreeDays, post: Post
) -> None:
    day = free_days()
    chosen = {"Which drain is it? (optional)": "Kitchen"}
    customer = Customer("main-job@example.com", name="Main Job", chosen=chosen)
    visitor = visit(width=375)
    visitor.page.add_init_script(
        """window.heard = [];
        for (const type of ["ready", "step", "booking-created", "booking-confirmed"])
          document.addEventListener(`peepopay:${type}`, (event) => window.heard.push([type, event.detail]));"""
    )

    widget = visitor.open_website()
    widget.expect_step("What do you need done?")
    expect_fitting_frame(visitor.page)
    widget.hold("Blocked drain", day, "9:00 am", customer)
    expect_fitting_frame(visitor.page)
    widget.pay()
    widget.expect_booked()
    expect_fitting_frame(visitor.page)

    short_day = f"{day:%a} {day.day} {day:%b}"
    expect(widget.inside.get_by_text(f"{day_in_words(day)}, 9:00 am")).to_be_visible()
    calendars = widget.inside.get_by_role("group", name="Add to your calendar").get_by_role("link")
    assert [link.get_attribute("href").split("?")[0] for link in calendars.all()[1:]] == [GOOGLE, OUTLOOK]
    heard = visitor.page.evaluate("window.heard")
    booked = [detail for kind, detail in heard if kind == "booking-confirmed"]
    assert [(told["service"], told["status"]) for told in booked] == [("Blocked drain", "confirmed")]
    assert booked[0]["start"].startswith(f"{day}T09:00:00+1")
    assert "main-job" not in str(heard)

    mail = post.wait_for_mail(customer.email, about="Booked: Blocked drain")
    assert f"{short_day}, 9:00 am" in mail.subject
    zone_name = datetime.combine(day, datetime.min.time(), SYDNEY).tzname()
    for text in (mail.text, mail.html):
        assert "9:00 am to 10:00 am" in text
        assert f"{zone_name}, Sydney time" in text
    assert manage_link(mail).startswith(f"{stack.site_url}/manage/")
    assert f"{calendar_entry(mail).astimezone(SYDNEY):%Y-%m-%d %H:%M}" == f"{day} 09:00"
    sms = post.wait_for_sms("+61412345678", text=f"{short_day}, 9:00 am")
    assert "Sydney time" in sms.text
    told_tradie = post.wait_for_mail("joe@example.com", about=f"{short_day}, 9:00 am, Main Job")
    assert "9:00 am" in told_tradie.text

    joe = visit()
    joe.sign_in()
    joe.page.get_by_role("link", name="Bookings", exact=True).first.click()
    joe.page.get_by_role("searchbox").fill("Main Job")
    joe.page.get_by_role("button", name="Search").click()
    joe.page.get_by_role("link", name=re.compile("9:00 am Main Job")).click()
    expect(joe.page.get_by_role("heading", name="Main Job")).to_be_visible()
    expect(joe.page.get_by_text(f"{day_in_words(day)} {day.year}, 9:00 am")).to_be_visible()
    expect(joe.page.get_by_text("Kitchen", exact=True)).to_be_visible()
    money = joe.page.get_by_role("region", name="Money")
    expect(money.get_by_text("$50").first).to_be_visible()
    expect(
        joe.page.get_by_role("region", name="What happened").get_by_text("sent", exact=True)
    ).to_have_count(3)
    expect(joe.page.get_by_role("region", name="What happened")).to_contain_text("Confirmed")


def expect_fitting_frame(page: Page) -> None:
    """The frame is as high as what is in it: nothing is cut off, and nothing is left empty."""
    page.locator(
        "peepopay-booking"
    ).scroll_into_view_if_needed()  # browsers don't lay out a frame out of sight
    frame = page.frame(url=re.compile("/book/"))
    assert frame
    frame.wait_for_function(
        "() => Math.abs(document.getElementById(`app`).getBoundingClientRect().bottom - window.innerHeight) < 2"
    )
