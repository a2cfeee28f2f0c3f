"""What a job came to: invoiced on a phone, paid by card behind the link in the mail."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from local.stack import Stack

from .booking_widget import BookingWidget
from .post import Post, manage_link
from .test_moving_by_page import look_at
from .visitor import Visitor

Visit = Callable[..., Visitor]
# The oldest job of the demo data: $180, of which $50 were paid as the deposit.
DONE = """SELECT b.id, b.customer_email FROM bookings_booking b JOIN accounts_tradie t ON t.id = b.tradie_id
WHERE t.slug = 'joe-plumber' AND b.status = 'completed' AND b.deposit_cents = 5000 ORDER BY b.starts_at LIMIT 1"""


def test_a_job_is_invoiced_and_its_balance_paid_from_the_mail(visit: Visit, stack: Stack, post: Post) -> None:
    ((booking_id, email),) = stack.query(DONE)
    joe = visit(width=375)
    joe.sign_in()
    joe.page.goto(f"{stack.site_url}/dashboard/bookings/{booking_id}")
    expect(joe.page.get_by_role("link", name="Deposit receipt")).to_be_visible()
    joe.page.get_by_role("link", name="Final price and invoice").click()
    assert look_at(joe.page, "invoice-375") == []
    joe.page.get_by_role("button", name="Go on").click()
    expect(joe.page.get_by_role("heading", name="$130 left to pay")).to_be_visible()
    assert look_at(joe.page, "invoice-sure-375") == []
    joe.page.get_by_role("button", name="Send the invoice").click()
    expect(joe.page.get_by_text("is on its way to")).to_be_visible()

    mail = post.wait_for_mail(email, about=r"^(Tax i|I)nvoice INV-\d+ from Joe's Plumbing: \$130 to pay")
    assert [file.name for file in mail.attachments if file.name.startswith("INV-")]
    customer = visit(width=375)
    customer.page.goto(manage_link(mail))
    assert look_at(customer.page, "to-pay-375") == []
    with customer.page.expect_download() as receipt:
        customer.page.get_by_role("link", name="Deposit receipt").click()
    assert receipt.value.suggested_filename.startswith("Deposit receipt ")
    assert look_at(customer.page, "receipt-375") == []
    customer.page.get_by_role("link", name="Back to the booking").click()
    customer.page.get_by_role("link", name="Pay $130 by card").click()
    BookingWidget(customer.page, customer.page).pay()
    expect(customer.page.get_by_role("heading", name="Paid, thank you")).to_be_visible()
    assert look_at(customer.page, "balance-paid-375") == []
    post.wait_for_mail(email, about=r"^Paid: \$130 to Joe's Plumbing")
    joe.page.reload()
    expect(joe.page.get_by_text("nothing, it is paid")).to_be_visible()
