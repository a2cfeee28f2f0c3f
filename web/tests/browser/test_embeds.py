"""Each way of putting the widget on a website, as the dashboard gives it to be copied."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from accounts.accent import readable_accent
from accounts.widget_models import LOAD_STEPS
from local.ports import wait_until
from local.stack import Stack

from .booking_widget import BookingWidget, Customer
from .free_days import FreeDays
from .test_book_and_pay import expect_fitting_frame
from .visitor import Visitor

Visit = Callable[..., Visitor]
HEARD = """window.heard = [];
for (const type of ["ready", "step", "booking-created", "booking-confirmed", "error", "close"])
  document.addEventListener(`peepopay:${type}`, ({detail: {step}}) => heard.push(step ? `step ${step}` : type));"""
# At once, so that nothing is heard of the widget that the page had before.
PASTE = (
    "html => {"
    + HEARD
    + "document.body.replaceChildren(document.createRange().createContextualFragment(html)); }"
)
FORGED = """for (const [type, more] of [["resize", {height: 9000}], ["close", {}], ["booking-confirmed", {}]])
  window.postMessage({source: "peepopay", type, ...more}, "*")"""


@pytest.fixture(scope="module")
def snippets(browser: object, stack: Stack) -> dict[str, str]:
    """From the dashboard: name -> what is to be pasted."""
    joe = Visitor(browser, stack)  # type: ignore[arg-type]
    joe.sign_in()
    joe.page.goto(f"{stack.site_url}/dashboard/widget")
    found = joe.page.evaluate(
        "Object.fromEntries([...document.querySelectorAll('.copyable textarea')].map(({id, value}) => [id, value]))"
    )
    assert joe.leave() == []
    return found


def open_with(visitor: Visitor, snippet: str) -> Page:
    """A page of the tradie's website, on another origin than ours, with the snippet pasted into it."""
    page = visitor.page
    page.goto(visitor.stack.website_url + "/")
    page.evaluate(PASTE, f"<h1>Joe's</h1>{snippet}<p>After</p>")
    return page


def counted(stack: Stack) -> Counter[str]:
    """What the widget told of itself on the tradie's website, and how often."""
    sql = "SELECT what, sum(count)::int FROM accounts_widgetcount WHERE site = %s GROUP BY what"
    return Counter(dict(stack.query(sql, urlsplit(stack.website_url).netloc)))


@pytest.mark.parametrize("width", [280, 320, 375, 768, 1200])
def test_in_the_page(visit: Visit, snippets: dict[str, str], free_days: FreeDays, width: int) -> None:
    visitor = visit(width=width)
    before = counted(visitor.stack)
    page = open_with(visitor, snippets["share-snippet"])
    widget = BookingWidget(page, page.frame_locator("peepopay-booking iframe"))
    widget.expect_step("What do you need done?")
    expect_fitting_frame(page)
    page.evaluate(FORGED)
    widget.choose_service("Free quote")
    expect_fitting_frame(page)
    if width == 320:  # the page to call from has no script of the widget's
        frame = page.frame(url=re.compile("/book/"))
        assert frame
        frame.goto(frame.url.split("?")[0] + "?call")
        frame.wait_for_function(
            "() => Math.abs(document.body.getBoundingClientRect().height - innerHeight) < 2"
        )
    if width == 375:
        widget.choose_time("9:00 am", free_days())
        widget.send()
        expect(widget.problem).to_be_focused()
        widget.fill_in(Customer("embedded@example.com"))
        widget.send()
        widget.expect_booked()
        expect_fitting_frame(page)
        steps = ["ready", "step service", "step time", "step details", "error"]
        assert page.evaluate("heard") == [*steps, "booking-created", "booking-confirmed", "step done"]
        assert wait_until(lambda: (counted(visitor.stack) - before)["details"] == 1, seconds=20)
        new = counted(visitor.stack) - before
        assert sum(new.pop(f"load_{step}", 0) for step in LOAD_STEPS) == new["opened"]
        # The page of the tradie has the widget itself, before another is pasted in its place.
        assert new == {"opened": new["opened"], "time": 1, "details": 1}
        assert new["opened"] in (1, 2)


def test_in_the_colour_of_the_page_with_what_it_knows_of_its_visitor(
    visit: Visit, snippets: dict[str, str], free_days: FreeDays
) -> None:
    visitor = visit(width=375)
    asked: list[str] = []
    visitor.context.on("request", lambda request: asked.append(request.url + (request.post_data or "")))
    attributes = 'accent="#FFD400" prefill="name=Jo+Citizen&email=jo%40secret.example&postcode=2042"'
    told = snippets["share-snippet"].replace("<peepopay-booking", f"<peepopay-booking {attributes}", 1)
    page = open_with(visitor, told)
    widget = BookingWidget(page, page.frame_locator("peepopay-booking iframe"))
    accent = "getComputedStyle(document.documentElement).getPropertyValue('--on-light')"
    widget.expect_step("What do you need done?")
    frame = page.frame(url=re.compile("/book/"))
    assert frame
    assert (frame.evaluate(accent), "#" in frame.evaluate("location.href")) == (
        readable_accent("#ffd400"),
        False,
    )
    widget.choose_service("Free quote")
    widget.choose_time("9:00 am", free_days())
    for label, value in {"Your name": "Jo Citizen", "Email": "jo@secret.example", "Postcode": "2042"}.items():
        expect(widget.inside.get_by_label(label, exact=True)).to_have_value(value)
    assert [url for url in asked if "secret.example" in url.partition("#")[0]] == []
    opened = [url for url in asked if "/opening?service=&accent=%23FFD400" in url]
    assert len(opened) == 1  # fetched along with the page, for the script to find


def test_over_the_page_by_a_link(visit: Visit, snippets: dict[str, str]) -> None:
    page = open_with(visit(width=375), snippets["way-button"])
    opener = page.get_by_role("link", name="Book online")
    opener.click()
    dialog = page.get_by_role("dialog", name="Book online")
    widget = BookingWidget(page, dialog.frame_locator("iframe"))
    widget.choose_service("Free quote")
    page.evaluate(FORGED)
    expect(dialog).to_be_visible()
    widget.heading("When suits you?").press("Escape")
    expect(dialog).to_be_hidden()
    expect(opener).to_be_focused()
    opener.press("Enter")
    widget.expect_step("When suits you?")  # as it was left
    dialog.get_by_role("button", name="Close").click()
    expect(dialog).to_be_hidden()
    page.wait_for_function("heard.length >= 5")  # browsers tell of a dialog's end a moment after it is gone
    assert page.evaluate("heard") == ["ready", "step service", "step time", "close", "close"]


def test_by_a_button_in_the_corner(visit: Visit, snippets: dict[str, str]) -> None:
    page = open_with(visit(width=375), snippets["way-corner"])
    page.get_by_role("button", name="Book online").click()
    frame = page.get_by_role("dialog", name="Book online").frame_locator("iframe")
    BookingWidget(page, frame).expect_step("What do you need done?")


def test_without_any_script(visit: Visit, snippets: dict[str, str]) -> None:
    visitor = visit(width=375)
    before = counted(visitor.stack)
    page = open_with(visitor, snippets["way-frame"].replace("900", "300"))
    widget = BookingWidget(page, page.frame_locator("iframe"))
    widget.choose_service("Free quote")
    times = widget.inside.get_by_role("button", name=re.compile(r"^\d+:\d\d [ap]m, "))
    times.first.scroll_into_view_if_needed()
    assert wait_until(lambda: (counted(visitor.stack) - before)["too_tall"] == 1, seconds=20)


def test_where_the_script_is_blocked_the_link_is_left(visit: Visit, snippets: dict[str, str]) -> None:
    visitor = visit(width=375)
    visitor.expects("ERR_FAILED")
    visitor.page.route("**/embed.js", lambda route: route.abort())
    page = open_with(visitor, snippets["share-snippet"])
    page.get_by_role("link", name="Book online").click()
    BookingWidget(page, page).expect_step("What do you need done?")
