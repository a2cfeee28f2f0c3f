"""The dashboard by keyboard alone: Tab, Enter, Space and the arrows, and it is always seen where one is."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from local.demo_login import PASSWORD
from local.stack import Stack
from local.testing.pictures import camera_photo

from .booking_widget import Customer
from .database import booking_of, change, status_of
from .free_days import FreeDays
from .test_no_show import ITS_TIME_CAME
from .visitor import Visitor

Visit = Callable[..., Visitor]
MOST_TABS = 120
ASKED_AGAIN = "UPDATE bookings_booking SET status = 'requested', confirmed_at = NULL WHERE id = %s"
# Called what a screen reader would say of it, as far as these pages go; and whether its focus shows.
FOCUSED = """() => {
    const element = document.activeElement;
    if (element === document.body) return {name: "", is_seen: true};  // between the last and the first
    const label = element.getAttribute("aria-label") || element.labels?.[0]?.textContent || element.textContent;
    const style = getComputedStyle(element), box = element.getBoundingClientRect();
    const is_outlined = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
    const middle = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
    const is_on_top = middle !== null && (element.contains(middle) || middle.contains(element));
    return {name: label.trim().replace(/\\s+/g, " "), is_seen: is_outlined && box.width > 1 && is_on_top};
}"""


class Keyboard:
    """What they press. Each stop on the way has to show that it has the focus."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.hidden: list[str] = []

    def to(self, name: str) -> None:
        for _ in range(MOST_TABS):
            self.page.keyboard.press("Tab")
            focused = self.page.evaluate(FOCUSED)
            if not focused["is_seen"] and focused["name"]:
                self.hidden.append(f"{focused['name'][:60]} on {self.page.url}")
            if re.match(name, focused["name"]):
                return
        pytest.fail(f"Tab never gets to {name} on {self.page.url}")

    def press(self, name: str, key: str = "Enter") -> None:
        self.to(name)
        self.page.keyboard.press(key)

    def type(self, name: str, text: str) -> None:
        self.to(name)
        self.page.keyboard.type(text)


def test_a_day_in_the_dashboard_by_keyboard_alone(visit: Visit, stack: Stack) -> None:
    page = visit().page
    keys, main = Keyboard(page), page.locator("main")
    page.goto(f"{stack.site_url}/dashboard/")
    keys.type("Email", "joe@example.com")
    keys.type("Password", PASSWORD)
    page.keyboard.press("Enter")
    heading(page, "Today")

    keys.press("New booking")
    heading(page, "New booking")
    keys.to("Service")
    page.keyboard.press("ArrowDown")
    keys.press("Show the free times", "Space")
    page.wait_for_load_state()
    keys.to("Another time")  # of a group of choices, Tab gets to the one that is chosen
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("radio", name=re.compile(r"\d [ap]m$")).first).to_be_checked()
    keys.type("Name", "Kay Board")
    keys.type("Mobile or phone", "0491 570 159")
    keys.type("Email", "kay@example.com")
    keys.type("Street", "1 King Street")
    keys.type("Suburb", "Newtown")
    keys.to("State")
    page.keyboard.type("New South")
    keys.type("Postcode", "2042")
    keys.to("Send a link to pay it")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    keys.press("Book it")
    heading(page, "Kay Board")
    assert status_of(stack, "kay@example.com") == "confirmed"

    keys.press("Move")
    heading(page, "Move this booking")
    keys.press(r".*times? free")
    expect(page.locator("#times")).to_be_visible()
    keys.press(r"\d+:\d\d [ap]m, ")
    heading(page, re.compile("^Move to "))
    keys.press("Move to ")
    heading(page, "Kay Board")
    expect(main).to_contain_text("Moved")
    keys.press("Cancel booking")
    heading(page, "Cancel this booking?")
    keys.press("Cancel booking")
    heading(page, "Kay Board")
    assert status_of(stack, "kay@example.com") == "cancelled"

    keys.press("Bookings")
    heading(page, "Bookings")
    keys.press("More filters", "Space")
    expect(page.get_by_label("How it stands")).to_be_visible()
    keys.press("Joe's Plumbing")
    keys.press("Your name and role")
    heading(page, "You in Joe's Plumbing")
    keys.press("In the van")
    heading(page, "In the van")
    keys.press("Keep them on this phone")
    heading(page, "Today")
    page.goto(f"{stack.site_url}/dashboard/you/in-the-van")
    keys.press("Tell me on this phone")
    expect(page.get_by_text("This browser doesn’t let PeepoPay show anything.")).to_be_visible()
    keys.press("Keep nothing any more")
    expect(main).to_contain_text("Keep today’s jobs on this phone")
    keys.press("Joe's Plumbing")
    keys.press("Sign out", "Space")
    expect(page).to_have_url(f"{stack.site_url}/")
    assert keys.hidden == []


def test_a_request_a_job_and_its_photos_by_keyboard_alone(
    visit: Visit, stack: Stack, free_days: FreeDays, tmp_path: Path
) -> None:
    customer = Customer("kit@example.com", name="Kit Quest", answers={"How big is the bathroom?": "6 m2"})
    asks = visit(width=375).open_booking_page()
    asks.choose_service("Bathroom renovation visit")
    asks.choose_time("9:00 am", free_days())
    asks.fill_in(customer)
    asks.send()
    asks.expect_step("Request sent")
    booking_id, status = booking_of(stack, customer.email)
    assert status == "requested"

    joe = visit()
    joe.sign_in()
    page = joe.page
    keys = Keyboard(page)

    def pressed(name: str, said: str, status: str) -> None:
        page.goto(f"{stack.site_url}/dashboard/bookings/{booking_id}")
        keys.press(name)
        expect(page.locator("main")).to_contain_text(said)
        assert status_of(stack, customer.email) == status

    pressed("Decline", "Why? The customer reads this.", "requested")
    keys.type("Why", "Wrong button")
    keys.press("Decline")
    heading(page, "Kit Quest")
    assert status_of(stack, customer.email) == "declined"
    pressed("Book it after all", "Booked after all.", "confirmed")
    change(stack, ASKED_AGAIN, booking_id)
    pressed("Approve", "Approved.", "confirmed")
    change(stack, ITS_TIME_CAME.replace("9 hours", "12 hours"), booking_id)  # the other's is taken
    pressed("Mark done", "Kit Quest", "completed")
    pressed("Not done after all", "Taken back", "confirmed")
    pressed("No-show", "No-show", "confirmed")
    keys.press("No-show")
    heading(page, "Kit Quest")
    assert status_of(stack, customer.email) == "no_show"
    pressed("They were there", "Kit Quest", "confirmed")
    pressed("Add photos", "Photos", "confirmed")
    (tmp_path / "wall.jpg").write_bytes(camera_photo())
    keys.to("Photos")
    page.locator(":focus").set_input_files(tmp_path / "wall.jpg")
    keys.press("Add photos", "Space")
    expect(page.get_by_text("Room for 9 more.")).to_be_visible()
    assert keys.hidden == []


def heading(page: Page, name: str | re.Pattern[str]) -> None:
    expect(page.get_by_role("heading", name=name, level=1)).to_be_visible()
