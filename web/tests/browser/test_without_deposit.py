"""Services that cost nothing to book."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from local.ports import wait_until
from local.stack import Stack
from local.testing.pictures import camera_photo

from .booking_widget import Customer
from .database import booking_of, change, status_of
from .free_days import FreeDays
from .post import Post
from .test_moving_by_page import look_at
from .test_no_show import ITS_TIME_CAME
from .visitor import Visitor

Visit = Callable[..., Visitor]
ASKS_ONCE = "4000003800000446"
ITS_PHOTOS = """SELECT photo.question = booking.questions->0->>'id', photo.state
    FROM bookings_photo photo JOIN bookings_booking booking ON booking.id = booking_id WHERE booking_id = %s"""
SET_FEE = "UPDATE accounts_service SET no_show_fee_cents = %s, no_show_card_required = %s WHERE name = %s"


@pytest.fixture
def photo_asked(visit: Visit, stack: Stack) -> Iterator[None]:
    """By Joe, for as long as the test lasts: others share the stack."""
    joe = visit()
    joe.sign_in()
    page = joe.page
    [(service_id,)] = stack.query("SELECT id FROM accounts_service WHERE name = %s", "Free quote")
    page.goto(f"{stack.site_url}/dashboard/services/{service_id}/questions")
    page.get_by_label("What you ask").fill("The wall")
    page.get_by_label("They answer with photos").check()
    page.get_by_label("It must be answered").check()
    assert look_at(page, "photo-question-1280") == []
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("with photos")).to_be_visible()
    yield
    page.get_by_role("link", name="Change the questions").click()
    page.get_by_role("button", name="Remove question 1").click()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("None yet. Ask what you need to know")).to_be_visible()


def test_without_a_deposit_it_is_booked_at_once_and_photos_follow(
    visit: Visit, stack: Stack, free_days: FreeDays, post: Post, photo_asked: None, tmp_path: Path
) -> None:
    """A photo that is asked for is chosen in the form, and sent when there is a booking to send it to."""
    customer = Customer("free-quote@example.com")
    visitor = visit(width=375)
    widget = visitor.open_booking_page()
    widget.choose_service("Free quote")
    widget.choose_time("9:30 am", free_days())
    widget.fill_in(customer)
    widget.send()
    expect(widget.inside.get_by_text("Please fill this in.")).to_be_visible()
    (tmp_path / "wall.png").write_bytes(camera_photo(2400, 1800, kind="PNG", noise=True))
    widget.inside.get_by_label("The wall").set_input_files(tmp_path / "wall.png")
    assert look_at(visitor.page, "photo-asked-375") == []
    widget.send()
    widget.expect_booked()
    booking_id, status = booking_of(stack, customer.email)
    assert status == "confirmed"
    expect(widget.inside.get_by_text("Your photos are on their way")).to_have_count(0)
    assert wait_until(lambda: stack.query(ITS_PHOTOS, booking_id) == [(True, "ready")], seconds=20)
    mail = post.wait_for_mail(customer.email, about="Booked: Free quote")
    assert "No deposit" in mail.text
    assert "receipt" not in mail.text


@pytest.fixture
def fee(stack: Stack) -> Iterator[str]:
    """A card is asked of everybody for as long as the test lasts: others share the stack."""
    change(stack, SET_FEE, 6_000, True, "Free quote")
    yield "$60"
    change(stack, SET_FEE, 0, False, "Free quote")


def test_a_card_is_saved_when_booking_and_charged_when_nobody_is_there(
    visit: Visit, stack: Stack, free_days: FreeDays, post: Post, fee: str
) -> None:
    customer, books = Customer("card@example.com", name="Cara Dee"), visit(width=375)
    widget = books.open_booking_page()
    widget.choose_service("Free quote")
    widget.choose_time("9:30 am", free_days())
    widget.fill_in(customer)
    widget.send()
    widget.expect_step("Save a card to confirm")
    expect(widget.card.get_by_label("Card number")).to_have_count(0)
    agree = widget.inside.get_by_role("checkbox", name=re.compile(rf"may charge up to \{fee} to this card"))
    expect(agree).not_to_be_checked()
    agree.press("Space")
    expect(agree).to_be_checked()
    widget.type_card(ASKS_ONCE)
    assert look_at(books.page, "save-card-375") == []
    save = widget.inside.get_by_role("button", name="Save card and book")
    expect(save).to_be_enabled()
    save.press("Enter")
    widget.answer_bank("Complete")
    widget.expect_booked()
    booking_id, status = booking_of(stack, customer.email)
    assert status == "confirmed"
    post.wait_for_mail(customer.email, about="Booked: Free quote")

    change(stack, ITS_TIME_CAME.replace("9 hours", "6 hours"), booking_id)  # the other's is taken
    joe = visit(width=375)
    joe.sign_in()
    joe.page.goto(f"{stack.site_url}/dashboard/bookings/{booking_id}")
    joe.page.get_by_role("link", name="No-show").click()
    joe.page.get_by_role("button", name=f"No-show, and charge {fee}").click()
    post.wait_for_mail(customer.email, about="No-show fee paid")
    joe.page.reload()
    expect(joe.page.get_by_text(f"The no-show fee of {fee} was paid.")).to_be_visible()


def test_a_request_is_booked_once_the_tradie_says_yes(
    visit: Visit, stack: Stack, free_days: FreeDays, post: Post
) -> None:
    customer = Customer(
        "request@example.com", name="Rae Quest", answers={"How big is the bathroom?": "6 square metres"}
    )
    widget = visit().open_website()
    widget.choose_service("Bathroom renovation visit")
    widget.choose_time("9:00 am", free_days())
    widget.fill_in(customer)
    widget.send()
    widget.expect_step("Request sent")
    assert status_of(stack, customer.email) == "requested"
    post.wait_for_mail(customer.email, about="Asked: Bathroom")

    joe = visit(width=375)
    joe.sign_in()
    asked = joe.page.get_by_role("region", name="Waiting for your yes")
    asked.get_by_role("button", name="Approve Rae Quest").click()
    expect(joe.page.get_by_text("Approved. We're telling Rae Quest.")).to_be_visible()
    assert status_of(stack, customer.email) == "confirmed"
    mail = post.wait_for_mail(customer.email, about="Booked: Bathroom")
    assert re.search(r"9:00 am to 11:00 am", mail.text)
