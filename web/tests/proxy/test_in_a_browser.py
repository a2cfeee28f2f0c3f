"""The main job behind the proxy: the widget in a frame of a tradie's website, over https, to the mail."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from local.stack import Stack
from web.tests.browser.booking_widget import Customer
from web.tests.browser.conftest import PATIENCE_MS
from web.tests.browser.free_days import FreeDayFinder
from web.tests.browser.post import Post, manage_link
from web.tests.browser.visitor import Visitor


@pytest.fixture
def visitor(browser: Browser, stack: Stack) -> Visitor:
    expect.set_options(timeout=PATIENCE_MS)
    return Visitor(browser, stack, width=375)


def test_a_customer_books_and_pays_through_the_proxy(visitor: Visitor, stack: Stack, authority: None) -> None:
    day = FreeDayFinder(stack.site_url).next_free_day()
    customer = Customer("behind-the-proxy@example.com", name="Behind Proxy")
    widget = visitor.open_website()
    widget.hold("Blocked drain", day, "9:00 am", customer)
    widget.pay()
    widget.expect_booked()
    mail = Post(Path(stack.env["SENT_MESSAGES_DIR"])).wait_for_mail(
        customer.email, about="Booked: Blocked drain"
    )
    assert manage_link(mail).startswith(f"{stack.site_url}/manage/")
    visitor.page.goto(manage_link(mail))
    expect(visitor.page.get_by_role("heading", level=1)).to_be_visible()
    assert visitor.leave() == []


def test_a_tradie_signs_in_through_the_proxy(visitor: Visitor) -> None:
    visitor.sign_in()
    assert visitor.leave() == []


def test_a_browser_can_read_that_a_body_was_far_too_large(visitor: Visitor, stack: Stack) -> None:
    visitor.expects("413")
    visitor.page.goto(f"{stack.site_url}/book/joe-plumber")
    told = visitor.page.evaluate(
        """async () => {
          const answer = await fetch("/api/bookings", { method: "POST", body: "x".repeat(5_000_000) });
          return [answer.status, (await answer.json()).code];
        }"""
    )
    assert told == [413, "MALFORMED_REQUEST"]
    assert visitor.leave() == []
