"""GET /api/tradies/:slug/statement: what cancelling would cost, before anything is held."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Service, Tradie
from bookings.actors import By
from bookings.models import Actor, Booking
from bookings.statements import policy_statement
from local.testing.cast import Api, make_service, soon
from payments import approvals
from peepopay.local_time import iso, moment

pytestmark = pytest.mark.django_db(transaction=True)
PATH = "/api/tradies/sam-plumber/statement"


def ask(api: Api, service: Service, start: Any, **more: str) -> Any:
    return api.client.get(PATH, {"service": str(service.pk), "start": start, **more})


def sentences(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    said: list[str] = answer.json()["policy_statement"]
    return said


def test_it_has_the_dates_and_the_dollars_of_the_chosen_time(api, sam, drain):
    start = soon(sam)
    until = moment(start - timedelta(hours=2), "Australia/Sydney")
    assert sentences(ask(api, drain, start.isoformat())) == [
        f"Free to cancel until {until}: all of $30 comes back.",
        "After that nothing comes back.",
    ]


def test_a_deadline_that_has_passed_is_not_promised(api, sam):
    job = make_service(sam, late_fee_cents=1_000)
    in_five_hours = iso(timezone.now() + timedelta(hours=5), "Australia/Sydney")
    in_an_hour = iso(timezone.now() + timedelta(hours=1), "Australia/Sydney")
    assert sentences(ask(api, job, in_five_hours))[0].startswith("If you cancel before ")
    assert sentences(ask(api, job, in_an_hour)) == ["Nothing comes back if you cancel now."]


def test_whoever_moves_a_hold_reads_the_terms_it_was_made_on(api, sam, drain, stripe_app):
    held = api.book(drain, soon(sam)).json()
    Service.objects.update(deposit_fixed_cents=9_000)
    later = soon(sam, hour=11)
    assert "$90" in sentences(ask(api, drain, later.isoformat()))[0]
    before = sentences(ask(api, drain, later.isoformat(), hold=held["token"]))
    moved = api.book(drain, later, hold=held["token"]).json()
    assert before == moved["booking"]["policy_statement"]
    assert "$30" in before[0]


def test_it_costs_one_query_and_nothing_is_sent_twice(api, sam, drain, django_assert_num_queries):
    start = soon(sam).isoformat()
    with django_assert_num_queries(1):
        first = ask(api, drain, start)
    again = api.client.get(
        PATH, {"service": str(drain.pk), "start": start}, headers={"If-None-Match": first["ETag"]}
    )
    assert (again.status_code, again.content) == (304, b"")
    assert first["Cache-Control"] == again["Cache-Control"] == "private, no-cache"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        *(
            ({"start": start}, "start")
            for start in ("", "soon", "2027-01-14T08:00:00", "9999-12-31T23:59:59Z")
        ),
        *(({"service": service}, "service") for service in ("", "drain", str(uuid.UUID(int=7)))),
        ({"hold": "x" * 65}, "hold"),
    ],
)
def test_what_cannot_be_asked(api, sam, drain, change, field):
    asked = {"service": str(drain.pk), "start": soon(sam).isoformat(), **change}
    answer = api.client.get(PATH, asked)
    assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])


def test_a_service_of_another_tradie_or_no_longer_sold_is_not_told_of(api, sam, alex, drain):
    Service.objects.filter(pk=drain.pk).update(is_active=False)
    for service in (drain, make_service(alex)):
        answer = ask(api, service, soon(sam).isoformat())
        assert (answer.status_code, list(answer.json()["fields"])) == (400, ["service"])


def test_a_closed_tradie_is_404(api, sam, drain):
    Tradie.objects.update(is_open=False)
    answer = ask(api, drain, soon(sam).isoformat())
    assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")


def test_any_site_may_read_it_and_no_cookie_is_set(api, sam, drain):
    asked = {"service": str(drain.pk), "start": soon(sam).isoformat()}
    answer = api.client.get(PATH, asked, headers={"Origin": "https://sams-plumbing.example"})
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert not answer.cookies


def test_until_a_request_is_answered_cancelling_costs_nothing(api, sam):
    job = make_service(sam, name="Bathroom", requires_approval=True, deposit_kind="none")
    first = "Until your request is answered, cancelling costs nothing. Once it is booked:"
    start = soon(sam)
    before = sentences(ask(api, job, start.isoformat()))
    asked = api.book(job, start).json()["booking"]
    assert (asked["status"], before[0]) == ("requested", first)
    assert asked["policy_statement"] == before
    approvals.approve(Booking.objects.get(), by=By(Actor.TRADIE), now=timezone.now())
    booking = Booking.objects.get()
    assert policy_statement(booking, now=timezone.now(), left_cents=None) == before[1:]
