"""The business calls a booking off: its customer gets all back, and books again before others on the terms they had."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Service, Tradie
from bookings.actors import CUSTOMER, By
from bookings.customers import assign_missing
from bookings.models import Actor, Booking, Customer, Status
from bookings.rebooking import rebook
from bookings.tokens import token_of
from local.testing.cast import make_booking, make_service, soon
from local.testing.sent import Sent, body, deliver_all
from payments.cancellations import cancel_booking
from payments.models import PaymentStatus
from peepopay.errors import BookingNotChangeable
from peepopay.local_time import iso
from web.tests.customer.test_manage_page import url_of
from web.tests.dashboard.test_today_page import pay
from web.tests.page_forms import forms_of

TRADIE = By(Actor.TRADIE)


def call_off(booking: Booking, by: By = TRADIE, **ago: Any) -> Booking:
    return cancel_booking(booking, by=by, now=timezone.now() - timedelta(**ago))


@pytest.fixture
def off(drain: Service) -> Booking:
    """Jo's drain in ten days at nine, which Sam called off."""
    booking = make_booking(drain, soon(drain.tradie, days=10, hour=9))
    pay(booking)
    return call_off(booking)


@pytest.fixture
def free(quote: Service) -> Booking:
    """The same of a visit without a deposit."""
    return call_off(make_booking(quote, soon(quote.tradie, days=10, hour=9)))


def choose(client: Client, booking: Booking, starts: Any = None) -> Any:
    starts = starts or soon(booking.tradie, days=11, hour=10)
    return client.post(url_of(booking, "/rebook"), {"start": iso(starts, booking.tradie.timezone)})


def test_whom_the_business_wants_to_talk_to_first_does_not_book_again(client: Client, free: Booking) -> None:
    assign_missing(now=timezone.now())
    Customer.objects.update(blocked_at=timezone.now())
    assert choose(client, free).status_code == 409
    assert not Booking.objects.filter(rebooks=free).exists()


def test_all_is_given_back_and_the_mail_has_the_link(client: Client, off: Booking, sent: Sent) -> None:
    (refund,) = off.payments.get().refunds.all()
    assert refund.amount_cents == 3_000
    deliver_all(now=timezone.now())
    mail, sms = sent.mails[0], sent.sms[0]["body"]
    assert "all of $30 comes back" in body(mail, "plain")
    for text in (body(mail, "plain"), body(mail, "html"), sms):
        (link,) = re.findall(r"https://[^\s\"<]+/rebook", text)
        assert client.get(link.removeprefix("https://book.example.com.au")).status_code == 200
    assert len(sms) <= 160


def test_one_press_holds_a_time_on_the_terms_that_were_agreed(client: Client, off: Booking) -> None:
    Service.objects.update(price_cents=99_900, deposit_fixed_cents=9_000, duration_minutes=240)
    page = client.get(url_of(off, "/rebook"))
    assert "$120" in page.content.decode()
    assert "$30" in page.content.decode()
    (form,) = forms_of(page)
    answer = client.post(form.action, form.presses()[0])
    again = Booking.objects.get(rebooks=off)
    assert answer["Location"].endswith(f"#booking={again.pk}&token={token_of(again)}")
    assert (again.status, again.price_cents, again.deposit_cents) == (Status.PENDING, 12_000, 3_000)
    assert (again.duration_minutes, again.policy, again.customer_name) == (60, off.policy, "Jo Citizen")
    assert again.starts_at == page.context["times"][0]


def test_where_a_card_is_saved_without_a_payment_the_page_says_so(client: Client, sam: Tradie) -> None:
    service = make_service(
        sam, deposit_kind="none", deposit_fixed_cents=0, no_show_fee_cents=5_000, no_show_card_required=True
    )
    off = call_off(make_booking(service, soon(sam, days=10, hour=9)))
    page = " ".join(client.get(url_of(off, "/rebook")).content.decode().split())
    assert "One press holds it for you; you save a card next, and nothing is charged." in page
    assert "The card that stands for the no-show fee of up to $50: you save it anew for this booking." in page
    assert "deposit" not in page.partition("What stays the same")[2].partition("</main>")[0]


def test_without_a_deposit_one_press_books_and_both_are_told(
    client: Client, free: Booking, sent: Sent
) -> None:
    answer = choose(client, free)
    again = Booking.objects.get(rebooks=free)
    assert answer["Location"] == url_of(again)
    assert again.status == Status.CONFIRMED
    deliver_all(now=timezone.now())
    assert "Booked: Free quote" in " ".join(mail["Subject"] for mail in sent.mails)
    assert "You’ve chosen another time" in client.get(url_of(free)).content.decode()


def test_two_presses_make_one_booking(client: Client, free: Booking) -> None:
    first, second = choose(client, free), choose(client, free, soon(free.tradie, days=12, hour=10))
    assert first["Location"] == second["Location"]
    assert Booking.objects.filter(rebooks=free).count() == 1
    assert client.get(url_of(free, "/rebook"))["Location"] == first["Location"]


def test_of_two_times_chosen_in_two_tabs_the_first_is_booked(free: Booking) -> None:
    """As the rule sees them that looked at the same moment."""
    made = [rebook(free, soon(free.tradie, days=11, hour=hour), now=timezone.now()) for hour in (10, 13)]
    assert made[0] == made[1]
    assert Booking.objects.filter(rebooks=free).count() == 1


def test_a_hold_that_lapsed_unpaid_uses_nothing_up(client: Client, off: Booking) -> None:
    choose(client, off)
    Booking.objects.filter(rebooks=off).update(status=Status.EXPIRED)
    choose(client, off, soon(off.tradie, days=12, hour=10))
    assert [row.status for row in off.rebookings.order_by("created_at")] == [Status.EXPIRED, Status.PENDING]


def test_who_cancels_the_second_has_used_the_link_up(client: Client, free: Booking) -> None:
    choose(client, free)
    cancel_booking(Booking.objects.get(rebooks=free), by=CUSTOMER, now=timezone.now())
    choose(client, free)
    assert Booking.objects.filter(rebooks=free).count() == 1


def test_it_is_sooner_than_others_can_book_but_not_at_once(client: Client, sam: Tradie) -> None:
    sam.calendars.update(minimum_notice_minutes=60 * 24 * 7)
    booking = call_off(make_booking(make_service(sam, deposit_kind="none"), soon(sam, days=1, hour=12)))
    times = client.get(url_of(booking, "/rebook")).context["times"]
    assert times
    assert min(times) < timezone.now() + timedelta(days=3)
    assert min(times) >= timezone.now() + timedelta(hours=2)
    assert choose(client, booking, times[0]).status_code == 302


def test_a_time_taken_meanwhile_is_said_with_others(client: Client, free: Booking, drain: Service) -> None:
    wanted = soon(free.tradie, days=11, hour=10)
    make_booking(drain, wanted)
    answer = choose(client, free, wanted)
    assert answer.status_code == 409
    assert "That time has just been taken." in answer.content.decode()
    assert wanted not in answer.context["times"]
    assert not Booking.objects.filter(rebooks=free).exists()


@pytest.mark.parametrize("start", ["", "tomorrow", "2020-01-14T08:00:00+11:00", "9999-12-31T23:59:59-12:00"])
def test_nonsense_books_nothing(start: str, client: Client, free: Booking) -> None:
    assert client.post(url_of(free, "/rebook"), {"start": start}).status_code == 400
    assert not Booking.objects.filter(rebooks=free).exists()


def test_who_asked_for_approval_and_had_it_is_not_asked_again(sam: Tradie) -> None:
    service = make_service(sam, deposit_kind="none", requires_approval=True)
    booking = call_off(make_booking(service, soon(sam, days=10, hour=9)))
    again = rebook(booking, soon(sam, days=11, hour=9), now=timezone.now())
    assert again.status == Status.CONFIRMED


class TestWhoMayNot:
    def nowhere(self, client: Client, booking: Booking) -> bool:
        shown = client.get(url_of(booking)).content.decode()
        page, pressed = client.get(url_of(booking, "/rebook")), choose(client, booking)
        with pytest.raises(BookingNotChangeable):
            rebook(booking, soon(booking.tradie, days=11, hour=10), now=timezone.now())
        made = Booking.objects.filter(rebooks=booking).exists()
        return "/rebook" not in shown and (page.status_code, pressed.status_code) == (200, 409) and not made

    def test_who_cancelled_themselves(self, client: Client, drain: Service) -> None:
        booking = make_booking(drain, soon(drain.tradie, days=10, hour=9))
        assert self.nowhere(client, call_off(booking, CUSTOMER))

    def test_after_two_weeks(self, client: Client, quote: Service) -> None:
        booking = make_booking(quote, soon(quote.tradie, days=10, hour=9))
        assert self.nowhere(client, call_off(booking, days=15))

    def test_of_what_is_not_offered_any_more(self, client: Client, free: Booking) -> None:
        Service.objects.update(is_active=False)
        free = Booking.objects.get(pk=free.pk)
        assert self.nowhere(client, free)

    @pytest.mark.parametrize("status", [status for status in Status if status != Status.CANCELLED])
    def test_of_what_is_not_cancelled(self, status: Status, client: Client, drain: Service) -> None:
        assert self.nowhere(client, make_booking(drain, soon(drain.tradie, days=10), status=status))


def test_cards_must_be_taken_where_a_deposit_is_due(client: Client, off: Booking) -> None:
    off.tradie.connected_account.delete()
    answer = choose(client, Booking.objects.get(pk=off.pk))
    assert (answer.status_code, "call instead" in answer.content.decode()) == (409, True)
    assert off.payments.get().status == PaymentStatus.SUCCEEDED
