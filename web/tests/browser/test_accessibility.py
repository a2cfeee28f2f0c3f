"""Everybody can use it: by keyboard alone, and with nothing for axe to find, on a phone and on a desk."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

import pytest
from playwright.sync_api import Frame, Page, expect

from local.ports import wait_until
from local.stack import Stack

from .accessibility import sideways, violations
from .booking_widget import BookingWidget, Customer, day_in_words
from .free_days import FreeDays
from .post import Post, manage_link
from .visitor import Visitor

Visit = Callable[..., Visitor]
# Whatever is said at the top may hold the name of a business or a person, of one word.
A_LONG_NAME = """() => {
    for (const one of document.querySelectorAll(".heading h1, .heading__sub")) one.append("W".repeat(60));
}"""
A_LONG_SERVICE = """() => { document.querySelector(".services .name").append("W".repeat(40)); }"""
PAGES = (
    *(
        "",
        "bookings",
        "series",
        "services",
        "services/zones",
        "services/deposit-rules",
        "waitlist",
        "services/new",
        "services/usual-terms",
        "hours",
        "time-off",
        "business",
    ),
    *("hours/dates", "hours/why-not", "calendar/feed", "calendars", "calendars/new", "calendars/new-account"),
    *(
        "people",
        "people/new",
        "you",
        "connections",
        "connections/keys/new",
        "changes",
        "card-payments",
        "widget",
        "widget/check",
        "widget/logo",
        "services/starters/new",
    ),
    *("calendar", "calendar?show=day", "calendar?show=list", "more", "bookings/new", "customers", "reports"),
    *("money", "money/year", "money/accountant", "quotes", "quotes/new", "days/new"),
    *("close", "export", "import", "messages", "messages/booking_confirmed", "you/messages", "business/bank"),
    "you/in-the-van",
    "you/messages/number",
)


def test_a_whole_booking_by_keyboard_alone(visit: Visit, free_days: FreeDays) -> None:
    day, customer = free_days(), Customer("keyboard@example.com")
    visitor = visit()
    page = visitor.page
    widget = visitor.open_booking_page()
    widget.expect_step("What do you need done?")
    page.evaluate(A_LONG_SERVICE)
    assert sideways(page) == []
    tab_to(page, "Leaking tap")
    page.keyboard.press("Enter")

    expect(widget.heading("When suits you?")).to_be_focused()
    assert sideways(page) == []
    arrow_to(widget, day)
    page.keyboard.press("Enter")
    tab_to(page, f"9:00 am, {day_in_words(day)}")
    page.keyboard.press("Enter")

    expect(widget.heading("Your details")).to_be_focused()
    typed = customer.by_label()
    postcode, typed["Suburb"] = typed.pop("Postcode"), "newtown"
    for label, value in typed.items():
        tab_to(page, label)
        page.keyboard.type(value)
        if label == "Suburb":
            first = page.get_by_role("listbox", name="Suburbs").get_by_role("option").first
            expect(first).to_have_text(f"{customer.suburb} NSW {postcode}")
            page.keyboard.press("ArrowDown")
            page.keyboard.press("Enter")
            expect(page.get_by_label("Postcode")).to_have_value(postcode)
    tab_to(page, "Continue to pay $24.75")
    page.keyboard.press("Enter")

    expect(widget.heading("Pay to confirm")).to_be_focused()
    expect(widget.card.get_by_label("Card number")).to_be_visible()
    for typed in ("4242424242424242", "1240", "123"):
        page.keyboard.press("Tab")
        while not widget.card.locator("input:focus").count():
            page.keyboard.press("Tab")
        page.keyboard.type(typed)
    tab_to(page, "Pay $24.75")
    page.keyboard.press("Enter")
    expect(widget.heading("You're booked in")).to_be_focused()


def tab_to(page: Page, name: str) -> None:
    """Presses Tab until what has the focus is called `name`."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate(NAME_OF_FOCUSED).startswith(name):
            return
    pytest.fail(f"Tab never gets to {name}")


NAME_OF_FOCUSED = """() => {
    const element = document.activeElement;
    const text = element.getAttribute("aria-label") || element.labels?.[0]?.textContent || element.textContent;
    return text.trim().replaceAll("\u00a0", " ");
}"""


def arrow_to(widget: BookingWidget, day: date) -> None:
    """From the first free day of the calendar, forwards."""
    page = widget.page
    wanted = widget.inside.get_by_role("button", name=re.compile(rf"\b{day_in_words(day)}, \d+ times? free"))
    expect(widget.inside.get_by_role("grid")).to_be_visible()
    while not page.evaluate("document.activeElement.closest('[role=grid]') !== null"):
        page.keyboard.press("Tab")
    month = widget.inside.get_by_role("heading", name=re.compile(r"^[A-Z][a-z]+ \d{4}$"), level=3)
    expect(month).to_be_visible()
    while not month.filter(has_text=f"{day:%B %Y}").count():
        shown = month.inner_text()
        page.keyboard.press("PageDown")
        expect(month).not_to_have_text(shown)
    for _ in range(40):
        if wanted.evaluate("element => element === document.activeElement"):
            return
        before = page.evaluate(NAME_OF_FOCUSED)
        page.keyboard.press("ArrowRight")
        wait_until(lambda before=before: page.evaluate(NAME_OF_FOCUSED) != before, seconds=5)
    pytest.fail(f"the arrows never get to {day}")


# Each page is looked at in both themes, and at both widths.
@pytest.mark.parametrize(("width", "dark"), [(375, False), (1280, True)])
def test_axe_finds_nothing_at_any_step(
    visit: Visit, stack: Stack, free_days: FreeDays, post: Post, width: int, dark: bool
) -> None:
    day, customer = free_days(), Customer(f"axe-{width}@example.com", name=f"Axe {width}")
    visitor = visit(width=width, dark=dark)
    page = visitor.page
    widget = visitor.open_website()
    widget.expect_step("What do you need done?")
    found = {"website": violations(page), "service": violations(frame_of(page))}
    widget.choose_service("Leaking tap")
    widget.choose_day(day)
    found["time"] = violations(frame_of(page))
    widget.choose_time("9:00 am", day)
    found["details"] = violations(frame_of(page))
    widget.send()
    expect(widget.problem).to_be_focused()
    found["details refused"] = violations(frame_of(page))
    widget.fill_in(customer)
    widget.send()
    widget.expect_step("Pay to confirm")
    expect(widget.card.get_by_label("Card number")).to_be_visible()
    found["pay"] = violations(frame_of(page))
    widget.pay()
    widget.expect_booked()
    found["booked"] = violations(frame_of(page))

    link = manage_link(post.wait_for_mail(customer.email, about="Booked"))
    for address in (link, f"{link}/cancel"):
        page.goto(address)
        found[address] = violations(page) + sideways(page)
    assert {where: problems for where, problems in found.items() if problems} == {}


def frame_of(page: Page) -> Frame:
    frame = page.frame(url=re.compile("/book/"))
    assert frame
    return frame


@pytest.mark.parametrize(("width", "dark"), [(375, True), (1280, False)])
def test_axe_finds_nothing_in_the_dashboard(visit: Visit, stack: Stack, width: int, dark: bool) -> None:
    joe = visit(width=width, dark=dark)
    joe.page.goto(f"{stack.site_url}/dashboard/")
    found = {"sign in": violations(joe.page) + sideways(joe.page)}
    joe.sign_in()
    for name in PAGES:
        joe.page.goto(f"{stack.site_url}/dashboard/{name}")
        found[name or "today"] = violations(joe.page)
        joe.page.evaluate(A_LONG_NAME)
        found[name or "today"] += sideways(joe.page)
    joe.page.goto(f"{stack.site_url}/dashboard/business")
    joe.page.get_by_label("Time zone").select_option("Australia/Perth")
    joe.page.get_by_role("button", name="Save").click()
    expect(joe.page.get_by_role("heading", name="Go by the clock in Perth?")).to_be_visible()
    found["another time zone"] = violations(joe.page) + sideways(joe.page)
    joe.page.goto(f"{stack.site_url}/book/joe-plumber?call")
    found["leave a number"] = violations(joe.page) + sideways(joe.page)
    for name in ("email", "password/change", "2fa", "2fa/totp/activate", "sessions", "3rdparty", "logout"):
        joe.page.goto(f"{stack.site_url}/accounts/{name}/")
        found[name] = violations(joe.page) + sideways(joe.page)
    joe.page.goto(f"{stack.site_url}/dashboard/bookings")
    joe.page.locator("a.job__main").first.click()
    joe.page.wait_for_url("**/dashboard/bookings/*")
    found["booking"] = violations(joe.page) + sideways(joe.page)
    booking = joe.page.url
    joe.page.get_by_role("link", name="Move", exact=True).click()
    joe.page.wait_for_url("**/move")
    found["move"] = violations(joe.page)
    joe.page.goto(booking)
    joe.page.get_by_role("link", name="Cancel booking").click()
    joe.page.wait_for_url("**/cancel")
    found["cancel"] = violations(joe.page)
    joe.page.goto(f"{stack.site_url}/dashboard/services")
    joe.page.get_by_role("link", name="Blocked drain").click()
    joe.page.get_by_role("link", name="Change the questions").click()
    joe.page.wait_for_url("**/questions")
    found["questions"] = violations(joe.page) + sideways(joe.page)
    assert {where: problems for where, problems in found.items() if problems} == {}
