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


def test_a_booking_in_chinese(visit: Visit, free_days: FreeDays, post: Post) -> None:
    day, customer = free_days(), Customer("chinese@example.com")
    visitor = visit(width=375)
    page = visitor.page
    widget = visitor.open_booking_page("joe-plumber")
    page.get_by_role("link", name="中文").click()
    widget.expect_step("您需要什么服务？")
    page.get_by_role("button", name="Leaking tap").click()
    cell = page.locator(f"[data-date='{day}']")
    while not cell.count():
        month = page.get_by_role("grid").get_by_role("button").first.get_attribute("data-date")
        page.get_by_role("button", name="下个月").click()
        expect(page.locator(f"[data-date='{month}']")).to_have_count(0)
    cell.click()
    left_in_english = [english_on(page)]
    page.get_by_role("button", name="09:00").click()
    widget.expect_step("您的资料")
    for name, typed in [
        ("customer.name", customer.name),
        ("customer.email", customer.email),
        ("customer.phone", customer.phone),
        ("address.line1", customer.line1),
        ("address.suburb", customer.suburb),
        ("address.postcode", customer.postcode),
    ]:
        page.locator(f"[name='{name}']").fill(typed)
    expect(page.get_by_role("list", name="如果您的计划有变").get_by_role("listitem").first).to_be_visible()
    left_in_english.append(english_on(page))
    page.get_by_role("button", name="继续支付").click()
    widget.expect_step("付款以确认")
    left_in_english.append(english_on(page))
    widget.type_card()
    page.get_by_role("button", name="支付 $24.75").press("Enter")
    widget.expect_step("预约成功")
    left_in_english.append(english_on(page))
    assert left_in_english == [[], [], [], []]
    assert page.evaluate("[document.documentElement.lang, document.title.slice(0, 2)]") == ["zh-Hans", "预约"]
    post.wait_for_mail(customer.email, about="Booked: Leaking tap")  # in English, as all mail is


def english_on(page: Page) -> list[str]:
    """What is not in Chinese of all that is seen or read out, but for what the business wrote itself."""
    said = page.evaluate(
        """[...document.querySelectorAll("#app *")]
            .filter((one) => !one.closest("header, footer, select"))
            .flatMap(({ariaLabel, childNodes}) => [
                ariaLabel, ...[...childNodes].map(({nodeType, data}) => nodeType === 3 && data)
            ])"""
    )
    return [
        text
        for text in said
        if text and re.search(r"(?i)\b(the|your?|to|is|time|day|free|now|pay|card)\b", text)
    ]


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
