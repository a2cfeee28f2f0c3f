"""The job's clock counts, wherever the customer's browser is."""

from __future__ import annotations

from collections.abc import Callable
from zoneinfo import ZoneInfo

from playwright.sync_api import expect

from local.stack import Stack

from .booking_widget import Customer, day_in_words
from .free_days import FreeDays
from .post import Post, calendar_entry, manage_link
from .visitor import Visitor

PERTH = ZoneInfo("Australia/Perth")
Visit = Callable[..., Visitor]


def test_a_job_in_perth_booked_from_london_is_in_perth_time_everywhere(
    visit: Visit, stack: Stack, free_days: FreeDays, post: Post
) -> None:
    day, customer = (
        free_days("alex-electric"),
        Customer("london@example.com", name="Lon Donner", suburb="Fremantle", postcode="6160"),
    )
    visitor = visit(zone="Europe/London")
    widget = visitor.open_booking_page("alex-electric")
    widget.choose_service("Power point installation")
    expect(widget.inside.get_by_text("AWST, Perth time")).to_be_visible()
    widget.choose_time("8:00 am", day)
    widget.fill_in(customer)
    widget.send()
    widget.expect_step("Pay to confirm")
    expect(widget.summary).to_contain_text("8:00 am")
    expect(widget.summary).to_contain_text("AWST, Perth time")
    widget.pay()
    widget.expect_booked()
    expect(widget.inside.get_by_text(f"{day_in_words(day)}, 8:00 am")).to_be_visible()
    expect(widget.inside.get_by_text("AWST, Perth time")).to_be_visible()

    mail = post.wait_for_mail(customer.email, about="8:00 am")
    assert "AWST, Perth time" in mail.text
    assert f"{calendar_entry(mail).astimezone(PERTH):%Y-%m-%d %H:%M}" == f"{day} 08:00"
    visitor.page.goto(manage_link(mail))
    expect(visitor.page.get_by_text("8:00 am to 9:00 am")).to_be_visible()
    expect(visitor.page.get_by_text("AWST, Perth time")).to_be_visible()

    alex = visit(zone="Europe/London", width=375)
    alex.sign_in("alex@example.com")
    alex.page.goto(f"{stack.site_url}/dashboard/bookings?q=donner")
    expect(alex.page.get_by_text("8:00 am")).to_be_visible()
    expect(alex.page.get_by_text("Times are in AWST, Perth time.")).to_be_visible()
