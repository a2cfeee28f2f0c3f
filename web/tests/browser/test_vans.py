"""A tradie adds a van and gives it hours; a customer asks for it in the widget; its name stands on Today."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from local.stack import Stack

from .accessibility import violations
from .booking_widget import BookingWidget, Customer
from .post import Post
from .visitor import Visitor

Visit = Callable[..., Visitor]


@pytest.mark.parametrize("width", [375, 1280])
def test_from_a_new_van_to_its_name_on_today(visit: Visit, stack: Stack, post: Post, width: int) -> None:
    name, other = f"Van {width}", f"Relief {width}"
    customer = Customer(
        f"van{width}@example.com", name=f"Van Fan {width}", suburb="Fremantle", postcode="6160"
    )
    alex, found = visit(width=width), {}
    alex.sign_in("alex@example.com")
    page = alex.page
    add(page, other, found)
    add(page, name, found)
    at_once(page)

    widget = visit(width=width).open_booking_page("alex-electric")
    widget.choose_service("Safety switch check")
    who = widget.inside.get_by_label("Who should come?")
    expect(who.locator("option:checked")).to_have_text("Anyone")
    found["whom to choose"] = violations(widget.page)
    with widget.page.expect_response(re.compile("calendar=")):
        who.select_option(label=name)
    expect(who.locator("option:checked")).to_have_text(name)
    book_first_time(widget, customer)
    widget.expect_booked()
    expect(widget.inside.get_by_role("main")).to_contain_text(f"Who comes{name}")
    found["booked"] = violations(widget.page)
    assert f"Who:       {name}\n" in post.wait_for_mail(customer.email, about="Booked:").text

    page.goto(f"{stack.site_url}/dashboard/")
    expect(page.get_by_role("main").get_by_text(name, exact=True).first).to_be_visible()
    found["today"] = violations(page)
    page.goto(f"{stack.site_url}/dashboard/bookings")
    page.get_by_label("Whose").select_option(label=name)
    page.get_by_role("button", name="Search").click()
    expect(page.locator("a.job__main")).to_have_count(1)
    found["bookings of one"] = violations(page)
    page.locator("a.job__main").click()
    expect(page.get_by_text("(the customer asked for this)")).to_be_visible()
    hand_over(page, other, found)
    told = post.wait_for_mail(customer.email, about=f"{other} is coming: ")
    assert f"has changed: it's {other} now." in told.text

    stop(page, stack, name)
    stop(page, stack, other, f"{other} still does them")
    found["who does the jobs"] = violations(page)
    stopped = page.get_by_role("listitem").filter(has_text=other)
    expect(stopped.get_by_role("link", name="1 still to do")).to_be_visible()
    assert {where: problems for where, problems in found.items() if problems} == {}


def add(page: Page, name: str, found: dict[str, list[str]]) -> None:
    """Works day and night, so that there is a free time within minutes, whatever the hour."""
    page.locator("details.menu summary").click()
    page.get_by_role("link", name="Who does the jobs").click()
    page.get_by_role("link", name="Add a person or van").click()
    found["add"] = violations(page)
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_text(f"{name} is added. Set the hours now")).to_be_visible()
    expect(page.get_by_role("navigation", name="Whose").locator("[aria-current]")).to_have_text(name)
    found["hours"] = violations(page)
    for field in page.locator("input[type=time]").all():
        field.fill("00:00")
    page.get_by_role("button", name="Save hours").click()
    expect(page.get_by_text(f"Saved. These are the working hours of {name}.")).to_be_visible()


def at_once(page: Page) -> None:
    """No notice, and a start every five minutes, for whom the page is about."""
    page.get_by_role("link", name="Booking rules").click()
    page.get_by_label("Offer a start every").select_option("5")
    page.get_by_label("Shortest notice").select_option("0")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Your booking rules are saved.")).to_be_visible()


def book_first_time(widget: BookingWidget, customer: Customer) -> None:
    widget.inside.locator(".when:not(.busy) .times button").first.click()
    widget.expect_step("Your details")
    widget.fill_in(customer)
    widget.send()


def hand_over(page: Page, to: str, found: dict[str, list[str]]) -> None:
    page.get_by_role("link", name="Hand over").click()
    found["hand over"] = violations(page)
    page.get_by_role("radio", name=to).check()
    expect(page.get_by_role("checkbox", name=re.compile("^Tell Van Fan"))).to_be_checked()
    page.get_by_role("button", name="Hand over").click()
    expect(page.get_by_text(f"{to} does it now. We're telling Van Fan")).to_be_visible()


def stop(page: Page, stack: Stack, name: str, what_of_the_bookings: str = "") -> None:
    page.goto(f"{stack.site_url}/dashboard/crew")
    page.get_by_role("link", name=name, exact=True).click()
    if what_of_the_bookings:
        page.get_by_role("radio", name=what_of_the_bookings).check()
    page.get_by_role("button", name=f"Take no more bookings for {name}").click()
    expect(page.get_by_text(f"{name} takes no more bookings.")).to_be_visible()
