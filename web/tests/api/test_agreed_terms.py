"""What was agreed stays agreed, whatever becomes of the service."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Service, Tradie
from accounts.service_rules import DepositKind
from bookings.message_context import answers_of
from bookings.models import Booking, Status
from bookings.terms import terms_of
from bookings.tokens import token_of
from local.testing.cast import Api, make_booking, make_service, owner_of, soon
from local.testing.sent import Sent, body, deliver_all
from local.testing.stripe_world import StripeWorld
from notifications.models import Message
from payments import expiry
from payments.models import Payment

pytestmark = pytest.mark.django_db(transaction=True)
GATE = {"id": "gate", "label": "Gate code?", "required": True}
HOUR = timedelta(hours=1)


@pytest.fixture
def job(sam: Tradie) -> Service:
    """Everything a service can say: an hour from $120 with $30 deposit, half an hour's drive, and a question."""
    return make_service(
        sam,
        price_from=True,
        buffer_before_minutes=15,
        buffer_after_minutes=30,
        late_fee_cents=1_000,
        questions=[GATE],
    )


@pytest.fixture
def visit(sam: Tradie) -> Service:
    """The same hour without a deposit."""
    return make_service(sam, deposit_kind=DepositKind.NONE, deposit_fixed_cents=0, questions=[GATE])


@pytest.fixture
def held(api: Api, sam: Tradie, job: Service, stripe_app: StripeWorld) -> Any:
    """Jo holds that job: {booking, token, payment}."""
    return api.book(job, soon(sam), answers={"gate": "1234"}).json()


def change(service: Service, **fields: Any) -> None:
    Service.objects.filter(pk=service.pk).update(**fields)
    service.refresh_from_db()


def everything_changes(service: Service) -> None:
    change(
        service,
        name="Something else",
        duration_minutes=120,
        buffer_before_minutes=60,
        buffer_after_minutes=120,
        price_cents=99_000,
        price_from=not service.price_from,
        deposit_kind=DepositKind.FULL,
        free_cancellation_hours=168,
        no_refund_hours=160,
        late_fee_cents=2_500,
        questions=[{"id": "roof", "label": "How high is the roof?", "required": True}],
    )


def length_of(answer: dict[str, Any]) -> timedelta:
    return datetime.fromisoformat(answer["end"]) - datetime.fromisoformat(answer["start"])


def test_a_booking_reads_back_the_very_terms_it_was_made_on(held: Any, job: Service) -> None:
    agreed = terms_of(job)
    everything_changes(job)
    assert Booking.objects.get().terms == agreed != terms_of(job)


# ---- a hold moves


def test_a_hold_of_a_service_made_shorter_keeps_its_length_and_the_opening_hours(
    api: Api, sam: Tradie, held: Any, job: Service
) -> None:
    change(job, duration_minutes=30)
    moved = {"hold": held["token"]}
    late = api.book(
        job, soon(sam, hour=15, minute=30), **moved
    )  # it would end at half past four; Sam closes at four
    assert (late.status_code, list(late.json()["fields"])) == (400, ["start"])
    fits = api.book(job, soon(sam, hour=15), **moved)
    assert (fits.status_code, length_of(fits.json()["booking"])) == (201, HOUR)


def test_a_hold_of_a_service_made_longer_still_fits_where_it_fitted(
    api: Api, sam: Tradie, held: Any, job: Service
) -> None:
    change(job, duration_minutes=180)
    answer = api.book(job, soon(sam, hour=15), hold=held["token"])
    assert (answer.status_code, length_of(answer.json()["booking"])) == (201, HOUR)


def test_whoever_moves_a_hold_is_offered_the_times_that_can_be_had(
    api: Api, sam: Tradie, held: Any, job: Service
) -> None:
    change(job, duration_minutes=30)
    asked = f"/api/availability/{sam.slug}?date={soon(sam).date()}&service={job.pk}"
    last = {path: api.get(path).json()["slots"][-1] for path in (asked, f"{asked}&hold={held['token']}")}
    assert [slot["start"] for slot in last.values()] == [
        soon(sam, hour=15, minute=30).isoformat(),
        soon(sam, hour=15).isoformat(),
    ]
    assert length_of(last[f"{asked}&hold={held['token']}"]) == HOUR


def test_a_lapsed_hold_offers_the_service_as_it_is_now(
    api: Api, sam: Tradie, held: Any, job: Service
) -> None:
    expiry.expire_holds(now=timezone.now() + timedelta(minutes=12))
    change(job, duration_minutes=30)
    asked = f"/api/availability/{sam.slug}?date={soon(sam).date()}&service={job.pk}&hold={held['token']}"
    assert api.get(asked).json()["slots"][-1]["start"] == soon(sam, hour=15, minute=30).isoformat()
    again = api.book(job, soon(sam, hour=15, minute=30), hold=held["token"], answers={"gate": "1234"}).json()
    assert again["booking"]["id"] != held["booking"]["id"]
    assert length_of(again["booking"]) == timedelta(minutes=30)


def test_a_moved_hold_keeps_its_buffers(
    api: Api, sam: Tradie, held: Any, job: Service, quote: Service
) -> None:
    make_booking(quote, soon(sam, hour=12))  # until half past; Jo's drive needs a quarter of an hour before
    change(job, buffer_before_minutes=0, buffer_after_minutes=0)
    assert api.book(job, soon(sam, hour=12, minute=30), hold=held["token"]).status_code == 409
    assert api.book(job, soon(sam, hour=13), hold=held["token"]).status_code == 201
    period, starts_at = Booking.objects.values_list("period", "starts_at").get(pk=held["booking"]["id"])
    assert (starts_at - period.lower, period.upper - starts_at) == (
        timedelta(minutes=15),
        timedelta(minutes=90),
    )


@pytest.mark.parametrize(
    "fields",
    [
        {"price_cents": 50_000},
        {"deposit_fixed_cents": 9_000},
        {"deposit_kind": DepositKind.FULL},
        {"deposit_kind": DepositKind.NONE},
        {"deposit_kind": DepositKind.NONE, "requires_approval": True},
        {"late_fee_cents": 2_900, "free_cancellation_hours": 300},
    ],
)
def test_a_moved_hold_keeps_its_money(
    api: Api, sam: Tradie, held: Any, job: Service, stripe_app: StripeWorld, fields: dict[str, Any]
) -> None:
    """What the customer was told when the time was held is what the one intent charges."""
    agreed = terms_of(job)
    change(job, **fields)
    moved = api.book(job, soon(sam, hour=11), hold=held["token"]).json()
    assert moved["booking"]["id"] == held["booking"]["id"]
    assert moved["booking"]["status"] == "pending"
    assert moved["booking"]["service"]["price_cents"] == 12_000
    assert moved["booking"]["deposit_cents"] == moved["payment"]["amount_cents"] == 3_000
    assert moved["payment"]["client_secret"] == held["payment"]["client_secret"]
    assert [intent["amount"] for intent in stripe_app.intents()] == [3_000]
    assert Booking.objects.get().terms == agreed


def test_without_a_hold_the_terms_are_todays(api: Api, sam: Tradie, held: Any, job: Service) -> None:
    change(job, price_cents=50_000, deposit_fixed_cents=9_000)
    body = api.book(job, soon(sam, hour=12), answers={"gate": "1234"}).json()
    assert body["booking"]["service"]["price_cents"] == 50_000
    assert body["payment"]["amount_cents"] == 9_000


def test_a_hold_that_lapses_as_it_moves_is_made_again_on_its_terms(
    api: Api, sam: Tradie, held: Any, job: Service
) -> None:
    agreed = terms_of(job)
    Booking.objects.update(status=Status.EXPIRING)
    change(job, duration_minutes=30, price_cents=50_000, deposit_fixed_cents=9_000)
    body = api.book(job, soon(sam, hour=12), hold=held["token"]).json()
    again = Booking.objects.get(pk=body["booking"]["id"])
    assert again.terms == agreed
    assert Payment.objects.get(booking=again).amount_cents == 3_000


@pytest.mark.parametrize(
    ("questions", "sent"),
    [
        ([], {}),
        ([{"id": "gate", "label": "Colour of the gate?", "required": False}], {"gate": "1234"}),
        ([{"id": "roof", "label": "How high is the roof?", "required": True}], {"roof": "5 m"}),
    ],
)
def test_a_moved_hold_keeps_its_questions(
    api: Api, sam: Tradie, held: Any, job: Service, questions: list[Any], sent: dict[str, str]
) -> None:
    change(job, questions=questions)
    answer = api.book(job, soon(sam, hour=11), hold=held["token"], answers=sent)
    assert answer.status_code == 201
    assert answers_of(Booking.objects.get()) == [("Gate code?", "1234")]


def test_an_answer_may_be_given_anew_with_the_move(api: Api, sam: Tradie, held: Any, job: Service) -> None:
    assert api.book(job, soon(sam, hour=11), hold=held["token"], answers={"gate": "9"}).status_code == 201
    assert answers_of(Booking.objects.get()) == [("Gate code?", "9")]


def test_a_refused_form_lets_go_of_no_hold(api: Api, sam: Tradie, held: Any, visit: Service) -> None:
    answer = api.book(
        visit, soon(sam), hold=held["token"], answers={}
    )  # another service, its question unanswered
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["answers.gate"])
    assert Booking.objects.get().status == Status.PENDING


def test_an_overdue_hold_is_cleared_for_the_time_that_was_agreed(
    api: Api, sam: Tradie, held: Any, job: Service
) -> None:
    """Shortened to half an hour, the service alone would not meet the hold that blocks the second half."""
    other = api.book(
        make_service(sam, name="Tap", position=3), soon(sam, hour=12), customer=SOMEONE_ELSE
    ).json()
    Booking.objects.filter(pk=other["booking"]["id"]).update(held_until=timezone.now() - timedelta(minutes=2))
    change(job, duration_minutes=30, buffer_before_minutes=0, buffer_after_minutes=0)
    assert api.book(job, soon(sam, hour=11, minute=30), hold=held["token"]).status_code == 201


SOMEONE_ELSE = {"name": "Kim", "email": "kim@example.com", "phone": "0411 111 111"}


# ---- a booking moves, is read, is cancelled


def test_a_moved_booking_keeps_its_length_and_buffers(api: Api, sam: Tradie, job: Service) -> None:
    booking = make_booking(job, soon(sam))
    everything_changes(job)
    path = f"/api/bookings/{booking.pk}"
    late = api.patch(path, {"start": soon(sam, hour=15, minute=30).isoformat()}, token_of(booking))
    assert late.status_code == 400
    moved = api.patch(path, {"start": soon(sam, hour=15).isoformat()}, token_of(booking))
    assert (moved.status_code, length_of(moved.json())) == (200, HOUR)
    booking.refresh_from_db()
    assert (booking.period.lower, booking.period.upper) == (
        booking.starts_at - timedelta(minutes=15),
        booking.ends_at + timedelta(minutes=30),
    )


def test_other_times_offered_for_a_booking_have_its_length(api: Api, sam: Tradie, visit: Service) -> None:
    mine = make_booking(visit, soon(sam, hour=12))
    make_booking(visit, soon(sam, hour=9))
    change(visit, duration_minutes=30)
    refused = api.patch(f"/api/bookings/{mine.pk}", {"start": soon(sam).isoformat()}, token_of(mine))
    assert refused.status_code == 409
    assert {length_of(slot) for slot in refused.json()["alternatives"]} == {HOUR}


def test_a_booking_answers_the_same_whatever_becomes_of_the_service(
    api: Api, sam: Tradie, job: Service, visit: Service
) -> None:
    for booking in (make_booking(job, soon(sam)), make_booking(visit, soon(sam, hour=12))):
        path, token = f"/api/bookings/{booking.pk}", token_of(booking)
        before = api.get(path, token).json()
        everything_changes(booking.service)
        assert api.get(path, token).json() == before


def test_its_pages_and_messages_say_the_same_whatever_becomes_of_the_service(
    api: Api, client: Client, sent: Sent, sam: Tradie, visit: Service
) -> None:
    change(visit, price_from=True)
    api.book(visit, soon(sam), answers={"gate": "1234"})
    booking = Booking.objects.get()
    client.force_login(owner_of(sam))
    pages = [f"/manage/{token_of(booking)}", f"/dashboard/bookings/{booking.pk}"]
    before = [client.get(page).content.decode() for page in pages]
    everything_changes(visit)
    for page, said in zip(pages, before, strict=True):
        assert steady(client.get(page).content.decode()) == steady(said)
    assert "from $120" in before[0]
    assert "Gate code?" in before[1]
    deliver_all(now=timezone.now())
    assert Message.objects.filter(sent_at=None).count() == 0
    customers, tradies = sent.mails
    assert "The price is from $120, GST included." in body(customers, "plain")
    assert "Gate code?" in body(tradies, "plain")


def steady(page: str) -> str:
    """Without what is new in every answer."""
    return "\n".join(line for line in page.splitlines() if "csrf" not in line and "nonce" not in line)
