"""The page of a booking on a phone: move it, pay for what is held, ask for a call, get a new link."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from local.stack import Stack

from .accessibility import violations
from .booking_widget import BookingWidget, Customer
from .database import booking_of
from .free_days import FreeDays
from .post import Post, calendar_entry, manage_link
from .visitor import Visitor

Visit = Callable[..., Visitor]
SMALL = """() => [...document.querySelectorAll("main a, main button")].filter((e) => {
    const box = e.getBoundingClientRect();
    const isSmall = box.width && (box.height < 44 || box.width < 44);
    return isSmall && !e.closest("p:not(.actions):not(.back), .visually-hidden");
}).map((e) => e.outerHTML)"""
WIDE = "() => document.documentElement.scrollWidth - window.innerWidth"


def look_at(page: Page, name: str) -> list[str]:
    """What is wrong with how the page looks; leaves a picture where PICTURES says."""
    page.wait_for_load_state("load")
    if folder := os.environ.get("PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
    wide = page.evaluate(WIDE)
    too_wide = [f"{wide} px too wide"] if wide > 0 else []
    return [f"{name}: {found}" for found in (*violations(page), *page.evaluate(SMALL), *too_wide)]


def joe_drags_it(joe: Visitor, name: str, day: date) -> None:
    """In the week, with the mouse, an hour earlier: he is asked, and leaves it."""
    joe.sign_in()
    page = joe.page
    page.goto(f"{page.url.rstrip('/')}/calendar?date={day}")
    entry = page.locator(".entry").filter(has_text=name)
    box = entry.bounding_box()
    assert box
    page.mouse.move(box["x"] + 20, box["y"] + 10)
    page.mouse.down()
    page.mouse.move(box["x"] + 25, box["y"] + 10 - box["height"] / 2)
    page.mouse.move(box["x"] + 20, box["y"] + 10 - box["height"])
    page.mouse.up()
    page.wait_for_url("**/move?start=*")
    expect(page.locator("main")).to_contain_text("1:00 pm")


@pytest.mark.parametrize("width", [375, 1280])
def test_a_customer_moves_a_booking_asks_for_a_call_and_gets_a_new_link(
    visit: Visit, stack: Stack, free_days: FreeDays, post: Post, width: int
) -> None:
    customer = Customer(f"moves-{width}@example.com", name=f"Mo Ver {width}")
    day, other_day = free_days(), free_days()
    visitor = visit(width=width)
    widget = visitor.open_website()
    widget.hold("Blocked drain", day, "2:00 pm", customer)
    widget.pay()
    widget.expect_booked()
    link = manage_link(post.wait_for_mail(customer.email, about="Booked"))
    if width == 1280:
        joe_drags_it(visit(width=width), customer.name, day)
    page, found = visitor.page, []
    page.goto(link)
    found += look_at(page, f"manage-{width}")
    page.get_by_role("link", name="Move to another time").click()
    page.wait_for_url("**/move")
    found += look_at(page, f"month-{width}")
    page.goto(f"{page.url.partition('?')[0]}?day={other_day}")
    found += look_at(page, f"times-{width}")
    page.get_by_role("link", name=re.compile("^10:00 am")).click()
    expect(page.get_by_role("heading", name=re.compile("^Move from .* to .*10:00 am"))).to_be_visible()
    found += look_at(page, f"question-{width}")
    page.get_by_role("button", name=re.compile("^Move to ")).click()
    expect(page.get_by_text("Your booking has moved.")).to_be_visible()
    mail = post.wait_for_mail(customer.email, about="Moved")
    assert calendar_entry(mail).date().isoformat() in (
        str(other_day),
        str(other_day.fromordinal(other_day.toordinal() - 1)),
    )

    page.get_by_role("link", name="Ask to be called").click()
    page.wait_for_url("**/call")
    found += look_at(page, f"call-{width}")
    page.get_by_role("button", name="Please call me").click()
    expect(page.get_by_text("they'll call you")).to_be_visible()
    joe = visit(width=width)
    joe.sign_in()
    calls = joe.page.get_by_role("region", name="Please call")
    expect(calls).to_contain_text(customer.name)
    found += look_at(joe.page, f"today-{width}")
    calls.get_by_role("button", name=re.compile(f"Called.*{customer.name}")).click()

    page.get_by_role("link", name="Get a new link").click()
    page.wait_for_url("**/link")
    found += look_at(page, f"link-{width}")
    visitor.expects("410")
    page.get_by_role("button", name="Email me a new link").click()
    expect(page.get_by_role("heading", name="This link has been replaced")).to_be_visible()
    found += look_at(page, f"replaced-{width}")
    page.goto(manage_link(post.wait_for_mail(customer.email, about="new link")))
    expect(page.get_by_role("heading", name=re.compile("re booked in"))).to_be_visible()
    assert booking_of(stack, customer.email)[1] == "confirmed"
    assert found == []


def test_what_is_held_is_paid_from_its_page(
    visit: Visit, stack: Stack, free_days: FreeDays, post: Post
) -> None:
    customer = Customer("leaves@example.com", name="Lea Ves")
    visitor = visit(width=375)
    widget = visitor.open_booking_page()
    widget.hold("Blocked drain", free_days(), "2:00 pm", customer)
    hold = visitor.page.evaluate("() => JSON.parse(sessionStorage.getItem('peepopay:joe-plumber')).hold")

    later = visit(width=375)
    later.page.goto(f"{stack.site_url}/manage/{hold['token']}")
    found = look_at(later.page, "unpaid-375")
    later.page.get_by_role("link", name=re.compile(r"^Pay \$50 to keep this time")).click()
    again = later.page
    expect(again.get_by_role("heading", name="Pay to confirm")).to_be_visible()
    assert hold["token"] not in again.url
    again.reload()
    expect(again.get_by_role("heading", name="Pay to confirm")).to_be_visible()
    paying = BookingWidget(again, again)
    paying.pay()
    paying.expect_booked()
    assert booking_of(stack, customer.email)[1] == "confirmed"
    assert found == []
