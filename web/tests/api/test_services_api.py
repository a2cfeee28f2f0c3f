"""GET and POST /api/services, GET, PATCH and DELETE /api/services/:id."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from accounts.models import AuditEntry, Service, Tradie, User
from availability.models import Calendar
from local.testing.cast import make_booking, make_service, owner_of, soon
from web.tests.api.tradie_client import TradieClient, refused

pytestmark = pytest.mark.django_db(transaction=True)

TAP = {"name": "Leaking tap", "price_cents": 9_000, "deposit_kind": "percent", "deposit_percent": 20}


@pytest.fixture
def sams(sam: Tradie) -> TradieClient:
    return TradieClient(owner_of(sam))


def changes(tradie: Tradie) -> list[str]:
    return list(AuditEntry.objects.filter(tradie=tradie).order_by("id").values_list("kind", flat=True))


def test_one_is_told_whole(sams: TradieClient, drain: Service, van: Calendar) -> None:
    drain.calendars.set([van])
    answer = sams.get(f"/api/services/{drain.pk}").json()
    assert answer == {
        "id": str(drain.pk),
        "name": "Blocked drain",
        "description": "",
        "duration_minutes": 60,
        "buffer_before_minutes": 0,
        "buffer_after_minutes": 0,
        "arrival_window_minutes": 0,
        "price_cents": 12_000,
        "price_from": False,
        "deposit_kind": "fixed",
        "deposit_fixed_cents": 3_000,
        "deposit_percent": 0,
        "deposit_cents": 3_000,
        "deposit_is": "security",
        "is_residential_building": False,
        "cap_override_reason": "",
        "requires_approval": False,
        "questions": [],
        "follows_business_policy": False,
        "free_cancellation_hours": 24,
        "late_fee_kind": "fixed",
        "late_fee_cents": 0,
        "late_fee_percent": 0,
        "no_refund_hours": 2,
        "no_show_fee_cents": 0,
        "no_show_card_required": False,
        "is_active": True,
        "calendars": [str(van.pk)],
    }
    assert sams.get("/api/services").json() == {"services": [answer], "page": 1, "next_page": None}


def test_the_list_costs_the_same_however_many(
    sams: TradieClient, drain: Service, django_assert_num_queries: Any
) -> None:
    sams.get("/api/services")
    with django_assert_num_queries(4):  # user, businesses, services, who can do them
        sams.get("/api/services")
    for number in range(27):
        make_service(drain.tradie, name=f"Job {number}", position=number + 1)
    with django_assert_num_queries(4):
        first = sams.get("/api/services").json()
    assert (len(first["services"]), first["next_page"]) == (25, 2)
    assert len(sams.get("/api/services?page=2").json()["services"]) == 3


def test_a_new_one_goes_by_the_usual_terms_and_to_the_end_of_the_list(
    sams: TradieClient, drain: Service
) -> None:
    made = sams.post("/api/services", TAP)
    assert made.status_code == 201
    assert made.json()["deposit_cents"] == 1_800
    assert made.json()["follows_business_policy"] is True
    listed = sams.get("/api/services").json()["services"]
    assert [service["name"] for service in listed] == ["Blocked drain", "Leaking tap"]
    assert changes(drain.tradie) == ["service_added"]


def test_sent_twice_it_is_one_and_with_other_details_a_conflict(sams: TradieClient, sam: Tradie) -> None:
    key = str(uuid.uuid4())
    first, again = (sams.post("/api/services", TAP, Idempotency_Key=key) for _ in range(2))
    assert first.json() == again.json()
    other = sams.post("/api/services", {**TAP, "price_cents": 1_000}, Idempotency_Key=key)
    assert refused(other) == (409, "IDEMPOTENCY_CONFLICT")
    assert refused(sams.post("/api/services", TAP, Idempotency_Key="1")) == (400, "MALFORMED_REQUEST")
    assert Service.objects.get().price_cents == 9_000
    assert changes(sam) == ["service_added"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": None}, "name"),
        ({"name": " "}, "name"),
        ({"price_cents": "9000"}, "price_cents"),
        ({"price_cents": -1}, "price_cents"),
        ({"price_cents": True}, "price_cents"),
        ({"price_from": "yes"}, "price_from"),
        ({"duration_minutes": 721}, "duration_minutes"),
        ({"deposit_kind": "half"}, "deposit_kind"),
        ({"deposit_percent": 0}, "deposit_percent"),  # the table's: 1 to 99 of a percentage
        ({"deposit_kind": "fixed", "deposit_fixed_cents": 9_001}, "deposit_fixed_cents"),
        ({"no_refund_hours": 48}, "no_refund_hours"),
        ({"late_fee_cents": 1_801}, "late_fee_cents"),
        (
            {"is_residential_building": True},
            "cap_override_reason",
        ),  # a fifth is above the tenth that NSW allows
        ({"calendars": ["6a2f0d4e-0000-4000-8000-000000000000"]}, "calendars"),
        ({"calendars": "all"}, "calendars"),
    ],
)
def test_what_it_cant_be_names_the_field(
    body: dict[str, Any], field: str, sams: TradieClient, sam: Tradie
) -> None:
    for method, path in (
        ("POST", "/api/services"),
        ("PATCH", f"/api/services/{make_service(sam, **TAP).pk}"),
    ):
        answer = sams.send(method, path, {**TAP, **body})
        assert refused(answer) == (400, "VALIDATION_FAILED")
        assert [name.partition(".")[0] for name in answer.json()["fields"]] == [field]
    assert Service.objects.count() == 1
    assert changes(sam) == []


def test_a_change_is_what_was_sent_and_bookings_keep_their_terms(sams: TradieClient, drain: Service) -> None:
    booking, path = make_booking(drain, soon(drain.tradie)), f"/api/services/{drain.pk}"
    before = sams.get(path).json()
    answer = sams.patch(path, {"price_cents": 15_000, "late_fee_cents": 1_000}).json()
    assert answer == {**before, "price_cents": 15_000, "late_fee_cents": 1_000}
    booking.refresh_from_db()
    assert booking.price_cents == 12_000
    assert sams.send("PATCH", path).status_code == 400  # no body at all
    assert sams.patch(path, answer | {"name": "Drain"}).json() == answer | {
        "name": "Drain"
    }  # all that was told
    entry = AuditEntry.objects.earliest("at")
    assert (entry.kind, entry.user) == ("service_changed", owner_of(drain.tradie))
    assert "price from $120.00 to $150.00" in entry.detail or "price from $120 to $150" in entry.detail


def test_it_is_taken_off_and_offered_again(sams: TradieClient, drain: Service, api: Any) -> None:
    path, profile = f"/api/services/{drain.pk}", f"/api/tradies/{drain.tradie.slug}"
    for is_active in (False, True):
        assert sams.patch(path, {"is_active": is_active}).json()["is_active"] is is_active
        assert bool(api.get(profile).json()["services"]) is is_active
    assert changes(drain.tradie) == ["service_withdrawn", "service_offered"]


def test_who_can_do_it_is_named_and_all_is_anybody(sams: TradieClient, drain: Service, van: Calendar) -> None:
    path, first = f"/api/services/{drain.pk}", drain.tradie.calendars.exclude(pk=van.pk).get()
    assert sams.patch(path, {"calendars": [str(van.pk)]}).json()["calendars"] == [str(van.pk)]
    assert sams.patch(path, {"name": "Drain"}).json()["calendars"] == [str(van.pk)]
    assert sams.patch(path, {"calendars": [str(van.pk), str(first.pk)]}).json()["calendars"] == []


def test_it_is_gone_unless_it_was_booked(sams: TradieClient, drain: Service, quote: Service) -> None:
    make_booking(drain, soon(drain.tradie))
    assert sams.delete(f"/api/services/{quote.pk}").status_code == 204
    kept = sams.delete(f"/api/services/{drain.pk}")
    assert (kept.status_code, kept.json()["is_active"]) == (200, False)
    assert refused(sams.get(f"/api/services/{quote.pk}")) == (404, "NOT_FOUND")
    assert changes(drain.tradie) == ["service_removed", "service_withdrawn"]


def test_who_may_not(sam: Tradie, drain: Service, alex: Tradie, kim: User, lee: User) -> None:
    path = f"/api/services/{drain.pk}"
    for user, wanted in ((None, (401, "UNAUTHORIZED")), (lee, (403, "FORBIDDEN"))):
        client = TradieClient(user)
        for method, address in (("GET", "/api/services"), ("POST", "/api/services"), ("DELETE", path)):
            assert refused(client.send(method, address, TAP)) == wanted
    theirs = TradieClient(owner_of(alex))
    for method in ("GET", "PATCH", "DELETE"):
        assert refused(theirs.send(method, path, {"name": "Mine"})) == (403, "FORBIDDEN")
    kims = TradieClient(kim)
    assert kims.get(path).status_code == 200
    no_token = kims.client.patch(path, {"name": "x"}, content_type="application/json")
    assert no_token.status_code == 403
    drain.refresh_from_db()
    assert drain.name == "Blocked drain"
