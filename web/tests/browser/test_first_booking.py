"""Somebody signs up, sets their business up, connects Stripe, is booked and paid, and does the job: one phone, and no
more taps than docs/setting-up.md says."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page, expect

from local.demo_login import PASSWORD
from local.stack import CHECKOUT, Stack

from .accessibility import violations
from .booking_widget import Customer
from .database import booking_of, change, status_of
from .post import Post
from .test_no_show import ITS_TIME_CAME
from .visitor import Visitor

Visit = Callable[..., Visitor]
SAYS = re.search(r"\*\*(\d+) taps\*\*", (CHECKOUT / "docs" / "setting-up.md").read_text())
MOST_TAPS = int(SAYS.group(1)) if SAYS else 0
EMAIL = "nell@gardens.example"


@dataclass
class Thumb:
    """Presses what is on the page, and counts."""

    page: Page
    taps: int = 0

    def press(self, name: str, role: str = "button") -> None:
        self.taps += 1
        self.page.get_by_role(role, name=name, exact=True).first.click()  # type: ignore[arg-type]

    def fill(self, **typed: str) -> None:
        for label, text in typed.items():
            self.page.get_by_label(re.compile(rf"^{label.replace('_', ' ')}")).fill(text)


def test_from_sign_up_to_the_first_job_done(visit: Visit, stack: Stack, post: Post) -> None:
    nell = visit(width=375)
    page, thumb, found = nell.page, Thumb(nell.page), {}
    page.goto(stack.site_url)
    found["home"] = violations(page)
    thumb.press("Start taking bookings", "link")
    found["sign up"] = violations(page)
    thumb.fill(Email=EMAIL, Password=PASSWORD)
    thumb.press("Sign up")
    mail = post.wait_for_mail(EMAIL, about="code")
    code = re.search(r"^[A-Z0-9]{3,4}-?[A-Z0-9]{3,4}$", mail.text, re.MULTILINE)
    assert code, mail.text
    thumb.fill(Code=code.group())
    thumb.press("Confirm")
    thumb.fill(Business_name="Nell's Gardens", Phone="0412 345 678", ABN="51 824 753 556")
    page.get_by_label("State").select_option("NSW")
    page.get_by_label("Trade").select_option("gardener")
    expect(page.get_by_text("Your booking page will be")).to_contain_text("/book/nells-gardens")
    found["business"] = violations(page)
    thumb.press("Continue")
    expect(page.get_by_text("Setting up: 1 of 4 done")).to_be_visible()
    thumb.press("Save hours")
    expect(page.get_by_text("Setting up: 2 of 4 done")).to_be_visible()
    found["services"] = violations(page)
    page.get_by_label("Price").first.fill("90")
    thumb.press("Add these")
    expect(page.get_by_text("Setting up: 3 of 4 done")).to_be_visible()
    found["cards"] = violations(page)
    thumb.press("Connect Stripe")
    thumb.press("Finish: start taking cards")
    expect(page.get_by_role("heading", name="You can take cards")).to_be_visible()
    assert thumb.taps == MOST_TAPS

    customer = Customer("first@example.com", name="Fay First")
    jo = visit(width=375)
    widget = jo.open_booking_page("nells-gardens")
    widget.expect_step("When suits you?")  # there is one service, so it is chosen
    jo.page.get_by_role("button", name=re.compile(r"\d+ times? free")).first.click()
    jo.page.get_by_role("button", name=re.compile(r"^\d+:\d\d [ap]m, ")).first.click()
    widget.expect_step("Your details")
    widget.fill_in(customer)
    widget.send()
    widget.pay()
    widget.expect_booked()
    post.wait_for_mail(EMAIL, about="Fay First")

    booking_id, _ = booking_of(stack, customer.email)
    change(stack, ITS_TIME_CAME, booking_id)
    page.goto(f"{stack.site_url}/dashboard/")
    expect(page.get_by_text("Before customers can book")).to_have_count(0)
    page.goto(f"{stack.site_url}/dashboard/bookings/{booking_id}")
    thumb.press("Mark done")
    expect(page.get_by_role("button", name="Mark done")).to_have_count(0)
    assert status_of(stack, customer.email) == "completed"
    assert {where: problems for where, problems in found.items() if problems} == {}
