"""The main job behind the proxy: the widget in a frame of a tradie's website, over https, to the mail."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from local import nginx
from local.nginx import Nginx
from local.processes import temporary_folder
from local.proxy import headers_at
from local.stack import Stack
from web.tests.browser.booking_widget import BookingWidget, Customer
from web.tests.browser.conftest import PATIENCE_MS
from web.tests.browser.free_days import FreeDayFinder
from web.tests.browser.post import Post, manage_link
from web.tests.browser.visitor import Visitor


@pytest.fixture
def visitor(browser: Browser, stack: Stack) -> Visitor:
    expect.set_options(timeout=PATIENCE_MS)
    return Visitor(browser, stack, width=375)


def hold(visitor: Visitor, widget: BookingWidget, day: date, clock: str, customer: Customer) -> None:
    """Typed quicker than any person: they are held up, and pressing again is enough."""
    visitor.expects("422")
    widget.choose_service("Blocked drain")
    widget.choose_time(clock, day)
    widget.fill_in(customer)
    widget.send()
    expect(widget.problem).to_contain_text("Please press the button again, or call.")
    expect(widget.problem).to_be_focused()
    visitor.page.clock.fast_forward(2_000)
    widget.send()
    widget.expect_step("Pay to confirm")


def test_a_customer_books_and_pays_through_the_proxy(visitor: Visitor, stack: Stack, authority: None) -> None:
    day = FreeDayFinder(stack.site_url).next_free_day()
    customer = Customer("behind-the-proxy@example.com", name="Behind Proxy")
    visitor.page.clock.install()
    widget = visitor.open_website()
    hold(visitor, widget, day, "9:00 am", customer)
    widget.pay()
    widget.expect_booked()
    mail = Post(Path(stack.env["SENT_MESSAGES_DIR"])).wait_for_mail(
        customer.email, about="Booked: Blocked drain"
    )
    assert manage_link(mail).startswith(f"{stack.site_url}/manage/")
    visitor.page.goto(manage_link(mail))
    expect(visitor.page.get_by_role("heading", level=1)).to_be_visible()
    assert visitor.leave() == []


def test_the_widget_books_from_a_host_of_its_own(visitor: Visitor, stack: Stack, authority: None) -> None:
    """As from a CDN: another origin than the API's."""
    day = FreeDayFinder(stack.site_url).next_free_day()
    cdn = Nginx(temporary_folder("cdn"), site=nginx.AWAY, api=stack.site_url)
    server = cdn.process({"page": headers_at(stack.web_port, "/book/-")}).start()
    try:
        visitor.page.clock.install()
        visitor.page.goto(f"{cdn.url}/book/joe-plumber")
        widget = BookingWidget(visitor.page, visitor.page)
        customer = Customer("from-a-cdn@example.com", phone="0412 345 679")
        hold(visitor, widget, day, "1:00 pm", customer)
        widget.pay()
        widget.expect_booked()
        assert visitor.leave() == []
    finally:
        server.stop()


def test_a_tradie_signs_in_through_the_proxy(visitor: Visitor) -> None:
    visitor.sign_in()
    assert visitor.leave() == []


def test_photos_alone_may_be_large(visitor: Visitor, stack: Stack) -> None:
    visitor.expects("401")
    visitor.expects("413")
    visitor.page.goto(f"{stack.site_url}/book/joe-plumber")
    told = visitor.page.evaluate(
        """async () => {
          const path = "/api/bookings/7d444840-9dc0-11d1-b245-5ffdce74fad2/photos";
          const codes = [];
          for (const size of [5_000_000, 13_000_000]) {
            const body = new FormData();
            body.set("photos", new File(["x".repeat(size)], "tap.jpg"));
            const answer = await fetch(path, { method: "POST", body });
            codes.push([answer.status, (await answer.json()).code]);
          }
          return codes;
        }"""
    )
    assert told == [[401, "UNAUTHORIZED"], [413, "UPLOAD_TOO_LARGE"]]
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
    assert told == [413, "UPLOAD_TOO_LARGE"]
    assert visitor.leave() == []
