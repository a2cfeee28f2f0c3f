"""The list of bookings, one booking, and what its buttons do."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.test import Client
from django.utils import timezone

from accounts.models import Service, Tradie, User
from accounts.people import remove_member
from bookings.models import Booking, BookingEvent, EventKind, Status
from local.testing.cast import make_booking, owner_of
from local.testing.sent import Sent, body, deliver
from notifications.models import Message
from payments.models import Refund
from peepopay.local_time import in_zone

from .test_today_page import pay


@pytest.fixture
def dashboard(client: Client, sam: Tradie) -> Client:
    client.force_login(owner_of(sam))
    return client


def shown(client: Client, **query: str) -> list[str]:
    return [b.customer_name for b in client.get("/dashboard/bookings", query).context["page"].items]


def past(service: Service, hours: int, **fields: Any) -> Booking:
    start = timezone.now().replace(minute=0, second=0, microsecond=0) - timedelta(hours=hours)
    return make_booking(service, start, **fields)


def test_each_tab_shows_what_it_says(dashboard: Client, drain: Service) -> None:
    make_booking(drain, customer_name="Soon")
    make_booking(drain, customer_name="Asked", status=Status.REQUESTED)
    make_booking(drain, customer_name="Unpaid", status=Status.PENDING)
    make_booking(drain, customer_name="Cancelled", status=Status.CANCELLED)
    past(drain, 30, customer_name="Done", status=Status.COMPLETED)
    past(drain, 50, customer_name="Forgotten")
    assert shown(dashboard) == ["Soon", "Asked"]
    assert sorted(shown(dashboard, show="action")) == ["Asked", "Forgotten"]
    assert shown(dashboard, show="past") == ["Done", "Forgotten"]
    assert sorted(shown(dashboard, show="all")) == ["Asked", "Cancelled", "Done", "Forgotten", "Soon"]
    assert shown(dashboard, show="nonsense", page="x") == ["Soon", "Asked"]


@pytest.mark.parametrize(
    "text",
    [
        "zoë",
        "0412 999 888",
        "(0412) 999-888",
        "+61 412 999",
        "bondi",
        "zoë bondi",
        "999888 bondi zoë",
    ],
)
def test_search_finds_by_name_phone_and_suburb(text: str, dashboard: Client, drain: Service) -> None:
    make_booking(drain, customer_name="Somebody Else")
    make_booking(drain, customer_name="Zoë 🔧 كريم", customer_phone="+61412999888", address_suburb="Bondi")
    assert shown(dashboard, q=text) == ["Zoë 🔧 كريم"]


@pytest.mark.parametrize("text", ["Kim@Reilly.example", "<kim@reilly.example>", "reilly.example o'reilly"])
def test_search_finds_by_email(text: str, dashboard: Client, drain: Service) -> None:
    make_booking(drain)
    make_booking(drain, customer_name="Kim O’Reilly", customer_email="kim@reilly.example")
    assert shown(dashboard, q=text) == ["Kim O’Reilly"]


@pytest.mark.parametrize("stored", ["Kim O'Reilly", "Kim O\u2019Reilly", "Kim O\u02bcReilly"])
def test_search_takes_any_apostrophe(stored: str, dashboard: Client, drain: Service) -> None:
    make_booking(drain)
    make_booking(drain, customer_name=stored)
    for typed in ("o'reilly", "o\u2019reilly", "o\u2018reilly", "oreilly"):
        assert shown(dashboard, q=typed) == [stored]


def test_a_cancelled_booking_says_nothing_of_cancelling(dashboard: Client, drain: Service) -> None:
    for status, says in {Status.CONFIRMED: True, Status.CANCELLED: False, Status.DECLINED: False}.items():
        page = dashboard.get(f"/dashboard/bookings/{make_booking(drain, status=status).pk}")
        assert ("If the customer cancels" in page.content.decode()) == says, status


def test_search_finds_by_reference_and_treats_signs_as_letters(dashboard: Client, drain: Service) -> None:
    booking = make_booking(drain)
    assert shown(dashboard, q=booking.reference.lower()) == ["Jo Citizen"]
    assert shown(dashboard, q=booking.reference.replace("-", "")) == ["Jo Citizen"]
    assert shown(dashboard, q=f"citizen {booking.reference[:6]}") == ["Jo Citizen"]
    assert shown(dashboard, q=f"smith {booking.reference}") == []
    assert shown(dashboard, q="%") == []
    assert shown(dashboard, q="x" * 500, show="all") == ["Jo Citizen"]  # too long to be a search: not one


def test_pages_are_bounded_and_next_leads_on(dashboard: Client, drain: Service) -> None:
    for _ in range(27):
        make_booking(drain)
    first = dashboard.get("/dashboard/bookings")
    assert (len(first.context["page"].items), 'href="?page=2"' in first.content.decode()) == (25, True)
    assert len(shown(dashboard, page="2")) == 2
    assert shown(dashboard, page="9999") == []


def test_a_booking_shows_its_money_history_and_messages(
    dashboard: Client, sam: Tradie, drain: Service
) -> None:
    booking = make_booking(drain, notes="<b>gate</b> code 1234")
    payment = pay(booking, refunded_cents=1_000, reserved_cents=500)
    Refund.objects.create(payment=payment, amount_cents=1_000, reason="x", created_at=timezone.now())
    Message.objects.create(
        tradie=sam,
        about=booking.pk,
        kind="booking_confirmed",
        audience="customer",
        channel="sms",
        recipient="+61412345678",
        dedupe_key="k",
        sent_at=timezone.now(),
    )
    page = dashboard.get(f"/dashboard/bookings/{booking.pk}").content.decode()
    for text in ("$30", "$10", "$5", "Time held", "SMS to", "sent", "0412 345 678", "Free to cancel until"):
        assert text in page, text
    assert "&lt;b&gt;gate&lt;/b&gt;" in page


def test_it_takes_as_many_queries_however_long_its_history(
    dashboard: Client, drain: Service, django_assert_num_queries: Any
) -> None:
    booking = make_booking(drain)
    payment = pay(booking)
    url = f"/dashboard/bookings/{booking.pk}"
    Refund.objects.create(payment=payment, amount_cents=100, reason="x", created_at=timezone.now())
    dashboard.get(url)
    with django_assert_num_queries(14):
        dashboard.get(url)
    for _ in range(2):
        Refund.objects.create(payment=payment, amount_cents=100, reason="x", created_at=timezone.now())
        booking.events.create(kind=EventKind.NOTED, actor="tradie", at=timezone.now())
    with django_assert_num_queries(14):
        dashboard.get(url)


def test_cancelling_shows_the_exact_refund_first_and_then_gives_everything_back(
    dashboard: Client, drain: Service
) -> None:
    booking = make_booking(drain)
    payment = pay(booking)
    url = f"/dashboard/bookings/{booking.pk}/cancel"
    assert "Cancel booking and refund $30" in dashboard.get(url).content.decode()
    booking.refresh_from_db()
    assert booking.status == Status.CONFIRMED
    assert (
        dashboard.post(url, {"reason": "Van broke down"})["Location"] == f"/dashboard/bookings/{booking.pk}"
    )
    booking.refresh_from_db()
    payment.refresh_from_db()
    assert (booking.status, booking.cancel_reason, payment.reserved_cents) == (
        Status.CANCELLED,
        "Van broke down",
        3_000,
    )


def test_a_booking_that_is_over_cannot_be_cancelled(dashboard: Client, drain: Service) -> None:
    booking = past(drain, 30, status=Status.COMPLETED)
    for method in ("get", "post"):
        response = getattr(dashboard, method)(f"/dashboard/bookings/{booking.pk}/cancel", follow=True)
        assert "has changed in the meantime" in response.content.decode()
    booking.refresh_from_db()
    assert booking.status == Status.COMPLETED


@pytest.mark.parametrize(("button", "status"), [("done", Status.COMPLETED), ("no-show", Status.NO_SHOW)])
def test_a_job_is_closed_once_it_has_begun(
    button: str, status: str, dashboard: Client, drain: Service
) -> None:
    ahead, over = make_booking(drain), past(drain, 5)
    for booking in (ahead, over, over):
        dashboard.post(f"/dashboard/bookings/{booking.pk}/{button}")
    ahead.refresh_from_db()
    over.refresh_from_db()
    assert (ahead.status, over.status) == (Status.CONFIRMED, status)
    assert over.events.filter(kind__in=[EventKind.COMPLETED, EventKind.NO_SHOW]).count() == 1


def mailed(sent: Sent, booking: Booking, kind: str) -> tuple[str, str]:
    """As its customer reads it: as plain text and as HTML."""
    deliver(Message.objects.get(about=booking.pk, kind=kind, channel="email"), now=timezone.now())
    return body(sent.mails[-1], "plain"), body(sent.mails[-1], "html")


def test_declining_asks_why_tells_the_customer_and_frees_the_time(
    dashboard: Client, drain: Service, sent: Sent
) -> None:
    booking = make_booking(drain, status=Status.REQUESTED)
    url = f"/dashboard/bookings/{booking.pk}/decline"
    asks = dashboard.get(url).content.decode()
    assert "Why? The customer reads this." in asks
    assert "It can’t be taken back, since their card would have to hold the deposit again" in asks
    dashboard.post(url, {"reason": "Too far out for us."})
    booking.refresh_from_db()
    assert (booking.status, booking.cancel_reason) == (Status.DECLINED, "Too far out for us.")
    assert all("Too far out for us." in part for part in mailed(sent, booking, "booking_declined"))
    assert dashboard.get(url)["Location"] == f"/dashboard/bookings/{booking.pk}"
    (again,) = re.findall(
        r'href="([^"]+)">Book it anew<', dashboard.get(f"/dashboard/bookings/{booking.pk}").content.decode()
    )
    page = dashboard.get(unescape(again))
    initial = page.context["form"].initial
    assert (initial["customer_name"], initial["day"]) == (
        booking.customer_name,
        in_zone(booking.starts_at, booking.tradie.timezone).date(),
    )


def test_what_was_declined_by_mistake_is_booked_after_all_for_a_day(
    dashboard: Client, quote: Service, sent: Sent
) -> None:
    """While its time is ahead and free; its customer, who was told no, is told."""
    booking = make_booking(quote, status=Status.REQUESTED)
    url = f"/dashboard/bookings/{booking.pk}"
    assert "you can book it after all for a day" in dashboard.get(f"{url}/decline").content.decode()
    dashboard.post(f"{url}/decline", {"reason": "Too far out for us."})
    assert "Book it after all</button>" in dashboard.get(url).content.decode()
    dashboard.post(f"{url}/after-all")
    booking.refresh_from_db()
    assert (booking.status, booking.cancel_reason, booking.cancelled_at) == (Status.CONFIRMED, "", None)
    assert booking.confirmed_at is not None
    assert booking.events.latest("id").detail == "after it was declined"
    assert "You're booked in" in mailed(sent, booking, "booking_confirmed")[0]
    dashboard.post(f"{url}/after-all")
    assert booking.events.count() == 3


def test_what_was_declined_stays_so_where_it_can_not_be_taken_back(
    dashboard: Client, quote: Service, drain: Service
) -> None:
    def may(booking: Booking) -> bool:
        return "Book it after all" in dashboard.get(f"/dashboard/bookings/{booking.pk}").content.decode()

    def declined(service: Service) -> Booking:
        booking = make_booking(service, status=Status.REQUESTED)
        dashboard.post(f"/dashboard/bookings/{booking.pk}/decline", {"reason": ""})
        return booking

    paid, old, lapsed, taken = (declined(service) for service in (drain, quote, quote, quote))
    old.events.update(at=timezone.now() - timedelta(days=1))
    lapsed.events.update(actor="system", user=None)
    assert [may(booking) for booking in (paid, old, lapsed, taken)] == [False, False, False, True]
    make_booking(quote, taken.starts_at)
    for booking, said in ((paid, "has changed in the meantime"), (taken, "Somebody else has that time")):
        page = dashboard.post(f"/dashboard/bookings/{booking.pk}/after-all", follow=True)
        assert said in page.content.decode()
        booking.refresh_from_db()
        assert booking.status == Status.DECLINED


def test_the_reason_of_a_cancellation_is_in_the_mail(dashboard: Client, drain: Service, sent: Sent) -> None:
    booking = make_booking(drain)
    dashboard.post(f"/dashboard/bookings/{booking.pk}/cancel", {"reason": "My van <broke> down."})
    text, html = mailed(sent, booking, "booking_cancelled_by_tradie")
    assert "My van <broke> down." in text
    assert "My van &lt;broke&gt; down." in html


def test_done_can_be_taken_back_for_a_day(dashboard: Client, drain: Service) -> None:
    booking = past(drain, 5)
    url = f"/dashboard/bookings/{booking.pk}"
    dashboard.post(f"{url}/done")
    assert "Not done after all</button>" in dashboard.get(url).content.decode()
    dashboard.post(f"{url}/done/undo")
    booking.refresh_from_db()
    assert booking.status == Status.CONFIRMED
    assert booking.events.latest("id").kind == EventKind.COMPLETED_UNDONE
    dashboard.post(f"{url}/done")
    booking.events.update(at=timezone.now() - timedelta(days=1))
    assert "Not done after all</button>" not in dashboard.get(url).content.decode()
    dashboard.post(f"{url}/done/undo")
    booking.refresh_from_db()
    assert booking.status == Status.COMPLETED


def test_the_history_says_who_it_was_even_after_they_left(
    client: Client, drain: Service, sam: Tradie, kim: User, lee: User
) -> None:
    asked = make_booking(drain, status=Status.REQUESTED, deposit_cents=0)
    over, ahead = past(drain, 5), make_booking(drain)
    for user, booking, button in (
        (kim, asked, "approve"),
        (lee, over, "no-show"),
        (kim, ahead, "cancel"),
        (lee, ahead, "notes"),
    ):
        client.force_login(user)
        client.post(f"/dashboard/bookings/{booking.pk}/{button}", {"tradie_notes": "x", "reason": ""})
    told = [(e.kind, e.who) for e in BookingEvent.objects.exclude(kind=EventKind.HELD).order_by("id")]
    assert told == [("confirmed", "Kim"), ("no_show", "Lee"), ("cancelled", "Kim"), ("noted", "Lee")]
    remove_member(lee.memberships.get())
    client.force_login(owner_of(sam))
    page = client.get(f"/dashboard/bookings/{over.pk}").content.decode()
    assert 'Marked as a no-show <span class="muted">· Lee</span>' in page
    assert 'Time held <span class="muted">· Customer</span>' in page


def test_only_what_the_business_did_has_a_person(drain: Service, kim: User) -> None:
    booking = make_booking(drain)
    with pytest.raises(IntegrityError, match="booking_event_user_acts_for_the_tradie"), transaction.atomic():
        booking.events.create(kind=EventKind.MOVED, actor="customer", user=kim, at=timezone.now())
    booking.events.create(kind=EventKind.MOVED, actor="tradie", user=kim, at=timezone.now())
    kim.memberships.all().delete()
    with pytest.raises(ProtectedError):
        kim.delete()


def test_notes_are_kept_once_in_the_history_and_bounded(dashboard: Client, drain: Service) -> None:
    booking = make_booking(drain)
    url = f"/dashboard/bookings/{booking.pk}/notes"
    for text in ("Bring ladder", "Bring ladder", "x" * 4001):
        dashboard.post(url, {"tradie_notes": text})
    booking.refresh_from_db()
    assert booking.tradie_notes == "Bring ladder"
    assert booking.events.filter(kind=EventKind.NOTED).count() == 1
