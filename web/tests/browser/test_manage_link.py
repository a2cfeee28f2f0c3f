"""The customer's own page, from the link in their mail."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import requests
from playwright.sync_api import FrameLocator, Page, expect

from local.ports import wait_until
from local.stack import Stack
from local.testing.pictures import camera_photo

from .accessibility import violations
from .booking_widget import Customer
from .database import booking_of, change, status_of
from .demo_stripe import DemoStripe
from .free_days import FreeDays
from .post import Post, manage_link
from .visitor import Visitor

Visit = Callable[..., Visitor]
IS_SEEN_FROM_ITS_BEGINNING = """() => {
  const frame = document.querySelector("peepopay-booking").shadowRoot.querySelector("iframe");
  const { top } = frame.getBoundingClientRect();
  return top >= -1 && top < innerHeight;
}"""


def test_it_opens_in_the_widgets_frame_shows_the_exact_refund_and_a_button_cancels(
    visit: Visit, stack: Stack, free_days: FreeDays, post: Post, stripe: DemoStripe
) -> None:
    customer = Customer("cancels@example.com", name="Can Cels")
    visitor = visit(width=375, dark=True)
    widget = visitor.open_website()
    widget.hold("Blocked drain", free_days(), "2:00 pm", customer)
    widget.pay()
    widget.expect_booked()
    link = manage_link(post.wait_for_mail(customer.email, about="Booked"))

    for address in (link, f"{link}/cancel"):  # as a mail scanner would
        assert requests.get(address, timeout=10).status_code == 200
    assert status_of(stack, customer.email) == "confirmed"

    page = widget.inside
    page.get_by_role("link", name="See, move or cancel").click()
    expect(page.get_by_text("Comes back if you cancel now")).to_be_visible()
    fits_its_frame(visitor.page)
    expect(page.get_by_role("banner")).to_be_hidden()  # the page around it has said whose it is,
    assert light(page)  # and is light
    expect(page.get_by_role("link", name="Calendar file")).to_have_attribute("href", re.compile("^/manage/"))
    page.get_by_role("link", name="Move to another time").click()
    expect(page.get_by_role("heading", name="Move your booking")).to_be_visible()
    fits_its_frame(visitor.page)
    page.get_by_role("link", name="Back to the booking").click()
    page.get_by_role("link", name="Cancel this booking").click()
    expect(page.get_by_text("$50 of the $50 you paid comes back to your card")).to_be_visible()
    fits_its_frame(visitor.page)
    assert status_of(stack, customer.email) == "confirmed"
    page.get_by_role("button", name="Cancel booking, get $50 back").click()
    expect(page.get_by_role("heading", name="Cancelled")).to_be_visible()
    fits_its_frame(visitor.page)
    again = page.get_by_role("link", name="Book another time")
    expect(again).to_have_attribute("href", re.compile(r"/book/joe-plumber\?embed=1"))
    assert (
        visitor.context.cookies() == []
    )  # none is set, and none is needed: in a frame browsers keep them back

    post.wait_for_mail(customer.email, about="Cancelled", text="$50 goes back to your card")
    refunds = (
        "SELECT r.status FROM payments_refund r JOIN payments_payment p ON p.id = r.payment_id"
        " WHERE p.booking_id = %s"
    )
    booking_id, status = booking_of(stack, customer.email)
    assert status == "cancelled"
    assert wait_until(lambda: stack.query(refunds, booking_id) == [("succeeded",)], seconds=20)
    (intent,) = stripe.intents_of(booking_id)
    assert [refund["amount"] for refund in stripe.refunds_of(intent["id"])] == [5000]
    assert (
        len([mail for mail in post.mails_to(customer.email) if "efund" in mail.subject]) == 0
    )  # one said it all
    visitor.page.goto(link)
    expect(visitor.page.get_by_text("$50 was sent back to your card.")).to_be_visible()

    joe = visit()
    joe.sign_in()
    joe.page.goto(f"{stack.site_url}/dashboard/bookings/{booking_id}")
    expect(joe.page.get_by_role("region", name="Money")).to_contain_text(re.compile(r"Refunded\s*\$50"))
    expect(joe.page.get_by_role("region", name="What happened")).to_contain_text("Cancelled")


def fits_its_frame(page: Page) -> None:
    """It is as high as what is in it, to the pixel, in a page of another origin that shows where it begins."""
    element = page.locator("peepopay-booking iframe")
    frame = element.element_handle().content_frame()
    assert frame
    frame.wait_for_load_state()
    frame.wait_for_function("() => Math.abs(document.body.getBoundingClientRect().height - innerHeight) <= 1")
    assert frame.evaluate("origin") != page.evaluate("origin")
    assert frame.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.wait_for_function(IS_SEEN_FROM_ITS_BEGINNING)


def light(page: FrameLocator | Page) -> bool:
    return bool(page.locator("html").evaluate("html => getComputedStyle(html).colorScheme === 'light'"))


def shows_the_job(page: Page, folder: Path) -> None:
    """Two photos, one of them far larger than what is shown, and a file that is none."""
    (folder / "tap.png").write_bytes(camera_photo(4000, 3000, kind="PNG", noise=True))
    (folder / "drain.jpg").write_bytes(camera_photo())
    (folder / "quote.jpg").write_bytes(b"%PDF-1.7")
    page.get_by_role("link", name="Add photos").click()
    page.get_by_label("Photos").set_input_files(
        [folder / "tap.png", folder / "drain.jpg", folder / "quote.jpg"]
    )
    page.get_by_role("button", name="Add photos").click()
    expect(page.get_by_role("alert")).to_contain_text("“quote.jpg” isn't a photo that we can read.")
    assert wait_until(lambda: pictures_of(page) == 2, seconds=20)
    assert violations(page) == []


def pictures_of(page: Page) -> int:
    page.goto(page.url)
    return page.locator(".photos img").count()


def test_after_the_free_window_the_fee_is_shown_before_the_button_and_kept(
    visit: Visit, stack: Stack, free_days: FreeDays, post: Post, stripe: DemoStripe, tmp_path: Path
) -> None:
    customer = Customer("too-late@example.com", name="Tula Teh")
    visitor = visit(width=375)
    widget = visitor.open_website()
    widget.hold("Blocked drain", free_days(), "10:00 am", customer)
    widget.pay()
    widget.expect_booked()
    link = manage_link(post.wait_for_mail(customer.email, about="Booked"))
    change(  # as if the customer had waited until the free window was over
        stack,
        """UPDATE bookings_booking SET policy = policy || '{"free_cancellation_hours": 2400, "no_refund_hours": 2,
           "late_fee_cents": 2000, "late_fee_percent": null}' WHERE customer_email = %s""",
        customer.email,
    )

    page = visitor.page
    page.goto(link)
    expect(page.get_by_role("link", name="Move to another time")).to_have_count(0)
    visitor.expects("400")  # of the file that is no photo
    shows_the_job(page, tmp_path)
    page.get_by_role("link", name="Back to the booking").click()
    page.get_by_role("link", name="Cancel this booking").click()
    expect(page.get_by_text("$30 of the $50 you paid comes back to your card")).to_be_visible()
    page.get_by_role("button", name="Cancel booking, get $30 back").click()
    expect(page.get_by_role("heading", name="Cancelled")).to_be_visible()

    post.wait_for_mail(customer.email, about="Cancelled", text="$30 goes back to your card")
    (intent,) = stripe.intents_of(booking_of(stack, customer.email)[0])
    assert wait_until(
        lambda: (
            [(refund["amount"], refund["status"]) for refund in stripe.refunds_of(intent["id"])]
            == [(3000, "succeeded")]
        ),
        seconds=20,
    )
