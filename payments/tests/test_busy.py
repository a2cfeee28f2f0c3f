"""Too many are waiting for Stripe, or it hangs: who is told so loses nothing, and is told in time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta

import pytest
from django.utils import timezone

from bookings.models import Booking, BookingEvent, Status
from local.testing.cast import Api, make_service, soon
from payments import expiry, reconciliation, stripe_gateway
from payments.bulkhead import Bulkhead
from payments.models import Payment, PaymentStatus

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def full_house(monkeypatch) -> Callable[[], AbstractContextManager[None]]:
    """`with full_house():` somebody else has the only place."""
    bulkhead = Bulkhead(1, most_wait=0.05, hangs_after=30)
    monkeypatch.setattr(stripe_gateway, "_bulkhead", bulkhead)

    @contextmanager
    def occupied() -> Iterator[None]:
        came, may_go = threading.Event(), threading.Event()

        def occupy() -> None:
            with bulkhead.place(30):
                came.set()
                may_go.wait(30)

        occupant = threading.Thread(target=occupy)
        occupant.start()
        came.wait(30)
        try:
            yield
        finally:
            may_go.set()
            occupant.join()

    return occupied


def is_told_to_try_again(answer) -> bool:
    return (answer.status_code, answer.json()["code"], bool(answer.headers["Retry-After"])) == (
        503,
        "PAYMENT_PROVIDER_UNAVAILABLE",
        True,
    )


def the_hold() -> tuple[str, str]:
    booking = Booking.objects.get()
    return booking.status, booking.starts_at.isoformat()


def test_a_booking_that_finds_no_place_at_stripe_holds_nothing(api, sam, drain, stripe_app, full_house):
    with full_house():
        assert is_told_to_try_again(api.book(drain, soon(sam)))
    assert (Booking.objects.count(), BookingEvent.objects.count(), Payment.objects.count()) == (0, 0, 0)
    assert stripe_app.requests() == []
    assert api.book(drain, soon(sam)).status_code == 201


def test_a_customer_who_chooses_again_keeps_the_hold_they_have(api, sam, drain, stripe_app, full_house):
    held, other = api.book(drain, soon(sam)).json(), make_service(sam, name="Gutters")
    before = the_hold()
    with full_house():
        assert is_told_to_try_again(api.book(drain, soon(sam, hour=11), hold=held["token"]))
        assert is_told_to_try_again(api.book(other, soon(sam, hour=11), hold=held["token"]))
    assert the_hold() == before


def test_at_the_pay_step_the_hold_stays(api, sam, drain, stripe_app, full_house):
    held = api.book(drain, soon(sam)).json()
    with full_house():
        asked = {"booking": held["booking"]["id"]}
        assert is_told_to_try_again(api.post("/api/payments/intent", asked, held["token"]))
        paid = api.patch(f"/api/bookings/{held['booking']['id']}", {"status": "confirmed"}, held["token"])
        assert is_told_to_try_again(paid)
    assert the_hold()[0] == Status.PENDING
    assert api.post("/api/payments/intent", asked, held["token"]).json()["client_secret"]


def test_a_booking_without_a_deposit_needs_no_place(api, sam, drain, quote, stripe_app, full_house):
    with full_house():
        assert api.book(quote, soon(sam)).status_code == 201


def test_sweeps_that_find_no_place_give_up_nothing(api, sam, drain, stripe_app, full_house):
    api.book(drain, soon(sam))
    later = timezone.now() + timedelta(minutes=12)
    with full_house():
        assert (reconciliation.sync_unsettled_payments(now=later), expiry.expire_holds(now=later)) == (0, 0)
    assert (Booking.objects.get().status, Payment.objects.get().status) == (
        Status.EXPIRING,
        PaymentStatus.OPEN,
    )
    assert expiry.expire_holds(now=later) == 1


def test_all_that_one_request_asks_of_a_stripe_that_hangs_ends_in_one_time(
    api: Api, sam, drain, stripe_app, monkeypatch
):
    """To let go of the hold for another service, and then to open the new one's payment."""
    held, other = api.book(drain, soon(sam)).json(), make_service(sam, name="Gutters")
    monkeypatch.setattr(stripe_gateway, "TIME_LIMIT_SECONDS", 1.5)
    stripe_app.fault("/v1/payment_intents", hang=20, times=0)
    started = time.monotonic()
    assert is_told_to_try_again(api.book(other, soon(sam, hour=11), hold=held["token"]))
    assert time.monotonic() - started < 2.5
