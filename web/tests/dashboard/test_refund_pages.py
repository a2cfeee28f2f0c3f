"""Money back by hand: how much, the figure, then it goes, once; what failed, once more."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Service, Tradie, User
from bookings.models import Booking
from local.testing.cast import make_booking, owner_of
from payments.models import Payment, Refund
from web.tests.page_forms import PageForm, forms_of

from .test_today_page import pay


@pytest.fixture
def dashboard(client: Client, sam: Tradie) -> Client:
    client.force_login(owner_of(sam))
    return client


@pytest.fixture
def booking(drain: Service) -> Booking:
    """Jo paid $30 for it, of which $10 went back."""
    booking = make_booking(drain)
    payment = pay(booking, refunded_cents=1_000)
    Refund.objects.create(
        payment=payment,
        amount_cents=1_000,
        status="succeeded",
        created_at=timezone.now(),
        done_at=timezone.now(),
    )
    return booking


def url(booking: Booking) -> str:
    return f"/dashboard/bookings/{booking.pk}/refund"


def forms(response: Any) -> list[PageForm]:
    """Of the page itself: every page has one to sign out."""
    return [form for form in forms_of(response) if not form.action.startswith("/accounts/")]


def text(response: Any) -> str:
    return response.content.decode()


def given(client: Client, booking: Booking, **changes: str) -> dict[str, str]:
    """What the first page would send."""
    (form,) = forms(client.get(url(booking)))
    return form.presses()[0] | changes


def made() -> list[tuple[int, str]]:
    return list(Refund.objects.exclude(status="succeeded").values_list("amount_cents", "status"))


def test_the_page_shows_what_is_left_and_proposes_it(dashboard: Client, booking: Booking) -> None:
    page = text(dashboard.get(url(booking)))
    for figure in ("<dt>Paid</dt><dd>$30", "<dt>Refunded</dt><dd>$10", "<dt>Left</dt><dd>$20"):
        assert figure in page
    assert given(dashboard, booking)["amount_cents"] == "20"


@pytest.mark.parametrize(
    ("typed", "cents", "said"), [("12.50", 1_250, "$12.50"), ("$ 5", 500, "$5"), ("20", 2_000, "$20")]
)
def test_first_comes_the_figure_and_only_then_the_refund(
    dashboard: Client, booking: Booking, typed: str, cents: int, said: str
) -> None:
    sure = dashboard.post(url(booking), given(dashboard, booking, amount_cents=typed, note="It was <quick>."))
    assert f"<strong>{said}</strong> goes back to Jo Citizen" in text(sure)
    assert "It was &lt;quick&gt;." in text(sure)
    assert made() == []
    (form,) = forms(sure)
    sent = dashboard.post(form.action, form.presses()[0], follow=True)
    assert f"{said} is on its way back to Jo Citizen." in text(sent)
    assert made() == [(cents, "requested")]


def test_it_can_be_changed_before_it_is_sent(dashboard: Client, booking: Booking) -> None:
    sure = dashboard.post(url(booking), given(dashboard, booking, amount_cents="12.50", note="Quick."))
    (form,) = forms(sure)
    (again,) = forms(dashboard.post(form.action, form.presses()[1]))
    assert (again.fields["amount_cents"], again.fields["note"]) == ("12.50", "Quick.")
    assert made() == []


def test_a_double_press_is_one_refund_and_looks_like_one(dashboard: Client, booking: Booking) -> None:
    (form,) = forms(dashboard.post(url(booking), given(dashboard, booking)))
    answers = [dashboard.post(form.action, form.presses()[0], follow=True) for _ in range(2)]
    assert ["$20 is on its way back" in text(answer) for answer in answers] == [True, True]
    assert made() == [(2_000, "requested")]


def test_two_visits_of_the_page_are_two_refunds(dashboard: Client, booking: Booking) -> None:
    for _ in range(2):
        dashboard.post(url(booking), {**given(dashboard, booking, amount_cents="5"), "send": ""})
    assert made() == [(500, "requested"), (500, "requested")]


@pytest.mark.parametrize("button", ["look", "send"])
def test_an_amount_that_cannot_be_is_said_at_its_field(
    dashboard: Client, booking: Booking, button: str
) -> None:
    asked = given(dashboard, booking)
    for typed in ("20.01", "0", "", "-5", "5.005", "much", "999999999"):
        answer = dashboard.post(url(booking), {**asked, "amount_cents": typed, button: ""})
        assert (answer.status_code, list(answer.context["form"].errors)) == (400, ["amount_cents"]), typed
    assert made() == []


def test_what_went_back_meanwhile_is_not_sent_again(dashboard: Client, booking: Booking) -> None:
    (form,) = forms(dashboard.post(url(booking), given(dashboard, booking)))
    Payment.objects.update(reserved_cents=500)
    answer = dashboard.post(form.action, form.presses()[0])
    assert (answer.status_code, "Only $15 is left to give back." in text(answer)) == (400, True)
    assert made() == []


@pytest.mark.parametrize(
    ("paid", "said"), [(True, "All that was paid has gone back"), (False, "Nothing was paid online")]
)
def test_where_nothing_is_left_there_is_nothing_to_press(
    dashboard: Client, drain: Service, paid: bool, said: str
) -> None:
    booking = make_booking(drain)
    if paid:
        pay(booking, refunded_cents=3_000)
    page = dashboard.get(url(booking))
    assert said in text(page)
    assert forms(page) == []
    assert url(booking) not in text(dashboard.get(f"/dashboard/bookings/{booking.pk}"))


def test_the_booking_says_whose_refund_it_was_and_what_it_waits_for(
    dashboard: Client, booking: Booking
) -> None:
    payment, now = booking.payments.get(), timezone.now()
    for fields in (
        {"origin": "external", "status": "succeeded", "stripe_id": "re_1"},
        {"status": "submitted", "short_since": now},
    ):
        Refund.objects.create(payment=payment, amount_cents=700, created_at=now, **fields)
    page = text(dashboard.get(f"/dashboard/bookings/{booking.pk}"))
    assert "$7 refunded by you in Stripe" in page
    assert "Your Stripe balance is too low to send $7 back to Jo Citizen." in page


def test_a_failed_refund_is_sent_again_once_by_its_button(dashboard: Client, booking: Booking) -> None:
    failed = Refund.objects.create(
        payment=booking.payments.get(), amount_cents=500, status="failed", created_at=timezone.now()
    )
    page = f"/dashboard/bookings/{booking.pk}"
    action = f"{page}/refunds/{failed.pk}/again"
    assert action in [form.action for form in forms(dashboard.get(page))]
    for _ in range(2):
        assert "$5 is on its way back" in text(dashboard.post(action, follow=True))
    assert made() == [(500, "failed"), (500, "requested")]
    assert action not in [form.action for form in forms(dashboard.get(page))]


def test_the_refund_of_another_booking_is_not_found(
    dashboard: Client, drain: Service, booking: Booking
) -> None:
    other = Refund.objects.get()
    elsewhere = make_booking(drain)
    assert dashboard.post(f"/dashboard/bookings/{elsewhere.pk}/refunds/{other.pk}/again").status_code == 404
    assert dashboard.post(f"/dashboard/bookings/{booking.pk}/refunds/{uuid4()}/again").status_code == 404


def test_a_worker_sees_the_money_and_no_button(client: Client, lee: User, booking: Booking) -> None:
    client.force_login(lee)
    Refund.objects.update(status="failed")
    page = client.get(f"/dashboard/bookings/{booking.pk}")
    assert "$10 refund: failed" in text(page)
    assert url(booking) not in text(page)
    assert not [form for form in forms(page) if "again" in form.action]
