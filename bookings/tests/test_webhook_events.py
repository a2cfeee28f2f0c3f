"""What a business's own systems are told of its bookings: with each change, in its transaction, and nothing else."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.models import Service, Tradie
from bookings import lifecycle, remarks
from bookings.actors import CUSTOMER, SYSTEM, By
from bookings.details import Attempt, Details
from bookings.models import Booking, Status
from bookings.moving import move_booking
from bookings.scheduling import request_booking
from local.testing.cast import at, make_booking, soon
from notifications.models import WebhookDelivery, WebhookEvent
from notifications.webhooks import event_types
from notifications.webhooks.endpoints import add_endpoint

NOW = at("2027-01-14 12:00 +11:00")
EIGHT = at("2027-01-14 08:00 +11:00")


@pytest.fixture(autouse=True)
def _sams_system(sam: Tradie) -> None:
    every = [kind.name for kind in event_types.to_choose_from()]
    add_endpoint(sam, url="https://hooks.example.com/", event_types=every, now=NOW)


@pytest.fixture
def booking(drain: Service) -> Booking:
    return make_booking(drain, EIGHT, notes="The dog is friendly.", answers={"gate": "1234"})


def told() -> list[str]:
    return list(WebhookEvent.objects.order_by("created_at", "type").values_list("type", flat=True))


def test_an_event_says_all_of_the_booking_but_what_opens_it(booking: Booking, sam: Tradie) -> None:
    by = By.of(sam.memberships.get())
    assert lifecycle.mark_completed(booking, by=by, now=NOW)
    event = WebhookEvent.objects.get()
    assert (event.type, event.about, event.created_at) == ("booking.completed", booking.pk, NOW)
    assert event.data == {
        "by": "tradie",
        "booking": {
            "id": str(booking.pk),
            "reference": booking.reference,
            "status": "completed",
            "start": "2027-01-14T08:00:00+11:00",
            "end": "2027-01-14T09:00:00+11:00",
            "arrival_window_minutes": 0,
            "timezone": "Australia/Sydney",
            "service": {"id": str(booking.service_id), "name": "Blocked drain"},
            "calendar": {"id": str(booking.calendar_id), "name": "Sam's Plumbing"},
            "customer": {"name": "Jo Citizen", "email": "jo@example.com", "phone": "+61412345678"},
            "address": {
                "line1": "1 George Street",
                "suburb": "Newtown",
                "state": "NSW",
                "postcode": "2042",
            },
            "notes": "The dog is friendly.",
            "answers": {"gate": "1234"},
            "price_cents": 12_000,
            "price_from": False,
            "deposit_cents": 3_000,
            "cancel_reason": "",
            "dashboard_url": f"http://testserver/dashboard/bookings/{booking.pk}",
        },
    }
    assert WebhookDelivery.objects.get().event == event


@pytest.mark.parametrize(
    ("before", "change", "kind"),
    [
        (
            Status.REQUESTED,
            lambda row, by: lifecycle.approve_request(row, by=by, now=EIGHT - timedelta(1)),
            "booking.confirmed",
        ),
        (
            Status.REQUESTED,
            lambda row, by: lifecycle.decline_request(row, by=by, now=NOW),
            "booking.declined",
        ),
        (Status.PENDING, lambda row, by: lifecycle.confirm_booking(row, now=NOW), "booking.confirmed"),
        (
            Status.EXPIRED,
            lambda row, by: lifecycle.revive_booking(row, now=EIGHT - timedelta(1)),
            "booking.confirmed",
        ),
        (
            Status.CONFIRMED,
            lambda row, by: lifecycle.release_booking(
                row, Status.CANCELLED, by=CUSTOMER, now=NOW, reason="Fixed it"
            ),
            "booking.cancelled",
        ),
        (
            Status.CONFIRMED,
            lambda row, by: lifecycle.mark_completed(row, by=by, now=NOW),
            "booking.completed",
        ),
        (Status.CONFIRMED, lambda row, by: lifecycle.mark_no_show(row, by=by, now=NOW), "booking.no_show"),
    ],
)
def test_each_change_is_told_once_and_as_it_is_afterwards(
    drain: Service, sam: Tradie, before: Status, change: object, kind: str
) -> None:
    booking = make_booking(drain, EIGHT, status=before)
    by = By.of(sam.memberships.get())
    assert change(booking, by)  # type: ignore[operator]
    assert not change(booking, by)  # type: ignore[operator]
    assert told() == [kind]
    (event,) = WebhookEvent.objects.all()
    booking.refresh_from_db()
    assert event.data["booking"]["status"] == booking.status
    assert event.data["booking"]["cancel_reason"] == booking.cancel_reason


@pytest.mark.django_db(transaction=True)
def test_asking_booking_and_moving_are_told_and_a_hold_is_not(
    sam: Tradie, drain: Service, quote: Service, jo: Details
) -> None:
    now = timezone.now()

    def request(service: Service, hour: int) -> Booking:
        return request_booking(
            tradie=sam,
            service=service,
            starts_at=soon(sam, hour=hour),
            details=jo,
            attempt=Attempt(),
            now=now,
        )

    held = request(drain, 8)
    assert told() == []
    lifecycle.release_booking(held, Status.EXPIRED, by=SYSTEM, now=now)
    assert told() == []
    booked = request(quote, 10)
    assert told() == ["booking.confirmed"]
    moved = move_booking(booked, soon(sam, hour=14), by=CUSTOMER, now=now)
    event = WebhookEvent.objects.get(type="booking.moved")
    assert event.data["by"] == "customer"
    assert event.data["booking"]["start"] == soon(sam, hour=14).isoformat()
    assert moved.starts_at == soon(sam, hour=14)
    Service.objects.filter(pk=quote.pk).update(requires_approval=True)
    quote.refresh_from_db()
    request(quote, 12)
    assert sorted(told()) == ["booking.confirmed", "booking.moved", "booking.requested"]


def test_a_note_is_nobodys_business(booking: Booking, sam: Tradie) -> None:
    remarks.change_notes(booking, "Ring first", by=By.of(sam.memberships.get()), now=NOW)
    assert told() == []


def test_what_is_rolled_back_is_not_told(booking: Booking) -> None:
    with transaction.atomic():
        lifecycle.mark_completed(booking, by=SYSTEM, now=NOW)
        transaction.set_rollback(True)
    assert told() == []
    assert not WebhookDelivery.objects.exists()
