"""/api/working-hours, /api/special-dates and /api/time-off."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import AuditEntry, Service, Tradie, User
from availability import hours
from availability.models import Calendar, TimeOff, WorkingHours
from local.testing.cast import owner_of, soon
from web.tests.api.tradie_client import TradieClient, refused

pytestmark = pytest.mark.django_db(transaction=True)

HOURS, DATES, OFF = "/api/working-hours", "/api/special-dates", "/api/time-off"
LUNCH = [{"opens": "07:00", "closes": "09:00"}, {"opens": "11:00", "closes": "24:00"}]
EVENING = {"weekday": "monday", "opens": "18:00", "closes": "24:00"}


@pytest.fixture
def sams(sam: Tradie) -> TradieClient:
    return TradieClient(owner_of(sam))


@pytest.fixture
def first(sam: Tradie) -> Calendar:
    return sam.calendars.get()


def changes(tradie: Tradie) -> list[str]:
    return list(AuditEntry.objects.filter(tradie=tradie).order_by("id").values_list("kind", flat=True))


def free(api: Any, service: Service, day: Any) -> list[str]:
    found = api.get(f"/api/availability/{service.tradie.slug}?date={day:%Y-%m-%d}&service={service.pk}")
    return [slot["start"][11:16] for slot in found.json()["slots"]]


def test_the_week_of_everybody_in_three_queries(
    sams: TradieClient, first: Calendar, django_assert_num_queries: Any
) -> None:
    sams.get(HOURS)
    with django_assert_num_queries(4):  # user, businesses, calendars, hours
        answer = sams.get(HOURS).json()
    assert answer["calendars"] == [{"id": str(first.pk), "name": "Sam's Plumbing", "is_active": True}]
    monday = first.working_hours.get(weekday=0)
    assert answer["working_hours"][0] == {
        "id": str(monday.pk),
        "calendar": str(first.pk),
        "weekday": "monday",
        "opens": "07:00",
        "closes": "16:00",
    }
    assert [row["weekday"] for row in answer["working_hours"]][1:] == [
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
    ]


def test_a_range_is_added_changed_and_removed_and_customers_see_it_at_once(
    sams: TradieClient, quote: Service, api: Any
) -> None:
    day = soon(quote.tradie, days=7 - soon(quote.tradie, days=0).weekday() + 7)
    assert day.weekday() == 0
    made = sams.post(HOURS, EVENING)
    assert made.status_code == 201
    assert free(api, quote, day)[-1] == "23:30"
    path = f"{HOURS}/{made.json()['id']}"
    changed = sams.patch(path, {"closes": "19:00"}).json()
    assert changed == {**made.json(), "closes": "19:00"}
    assert free(api, quote, day)[-1] == "18:30"
    assert sams.delete(path).status_code == 204
    assert free(api, quote, day)[-1] == "15:30"
    assert changes(quote.tradie) == ["hours_changed"] * 3


def test_the_same_range_twice_is_one(sams: TradieClient, sam: Tradie) -> None:
    assert sams.post(HOURS, EVENING).json() == sams.post(HOURS, EVENING).json()
    assert changes(sam) == ["hours_changed"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"weekday": "Mon"}, "weekday"),
        ({"weekday": 0}, "weekday"),
        ({"opens": "6pm"}, "opens"),
        ({"opens": "15:00"}, "opens"),  # over the hours until 16:00
        ({"opens": "19:00", "closes": "18:00"}, "closes"),
        ({"closes": "24:30"}, "closes"),
        ({"calendar": str(uuid.UUID(int=0))}, "calendar"),
        ({"calendar": "me"}, "calendar"),
    ],
)
def test_hours_that_cant_be_name_the_field(body: dict[str, Any], field: str, sams: TradieClient) -> None:
    before = WorkingHours.objects.count()
    answer = sams.post(HOURS, {**EVENING, **body})
    assert refused(answer) == (400, "VALIDATION_FAILED")
    assert list(answer.json()["fields"]) == [field]
    assert WorkingHours.objects.count() == before


def test_a_day_has_six_ranges_at_most(sams: TradieClient) -> None:
    for hour in range(17, 22):
        sams.post(HOURS, {"weekday": "monday", "opens": f"{hour}:00", "closes": f"{hour}:30"})
    answer = sams.post(HOURS, {"weekday": "monday", "opens": "22:00", "closes": "23:00"})
    assert answer.json()["fields"] == {"weekday": ["A day has at most 6 ranges of hours."]}


def block(tradie: Tradie, **changes: Any) -> dict[str, Any]:
    starts = soon(tradie, days=5, hour=0)
    return {"start": starts.isoformat(), "end": soon(tradie, days=7, hour=0).isoformat(), **changes}


def test_a_date_gets_other_hours_is_closed_and_is_as_usual_again(
    sams: TradieClient, api: Any, sam: Tradie, first: Calendar, quote: Service
) -> None:
    day = soon(sam).date()
    told = {"calendar": str(first.pk), "date": f"{day}", "hours": LUNCH, "reason": "Show day"}
    for _ in range(2):
        answer = sams.send("PUT", f"{DATES}/{day}", {"hours": LUNCH, "reason": "Show day"})
        assert (answer.status_code, answer.json()) == (200, told)
    assert "10:00" not in free(api, quote, day)
    assert "22:00" in free(api, quote, day)
    assert sams.get(DATES).json() == {"special_dates": [told], "page": 1, "next_page": None}
    assert sams.send("PUT", f"{DATES}/{day}", {"hours": []}).json()["hours"] == []
    assert free(api, quote, day) == []
    assert sams.delete(f"{DATES}/{day}?calendar={first.pk}").status_code == 204
    assert "10:00" in free(api, quote, day)
    assert refused(sams.delete(f"{DATES}/{day}")) == (404, "NOT_FOUND")
    assert changes(sam) == ["hours_changed"] * 3


def test_special_dates_ahead_are_told_by_page_and_person_in_as_many_queries(
    sams: TradieClient, sam: Tradie, first: Calendar, van: Calendar, django_assert_num_queries: Any
) -> None:
    today = soon(sam, days=0).date()
    for days in (-1, *range(26)):
        hours.replace_date(first, today + timedelta(days), [(420, 540), (660, 1_440)])
    hours.replace_date(van, today, [])
    with django_assert_num_queries(4):  # user, businesses, dates, their hours
        answer = sams.get(DATES).json()
    assert (len(answer["special_dates"]), answer["next_page"]) == (25, 2)
    assert [(row["calendar"], len(row["hours"])) for row in answer["special_dates"][:3]] == [
        (str(first.pk), 2),
        (str(van.pk), 0),
        (str(first.pk), 2),
    ]
    assert len(sams.get(f"{DATES}?page=2").json()["special_dates"]) == 2
    assert [row["date"] for row in sams.get(f"{DATES}?calendar={van.pk}").json()["special_dates"]] == [
        f"{today}"
    ]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "hours"),
        ({"hours": "all day"}, "hours"),
        ({"hours": LUNCH * 4}, "hours"),
        ({"hours": [{"opens": "09:00", "closes": "09:00"}]}, "hours.0.closes"),
        ({"hours": [{"opens": "25:00", "closes": "26:00"}]}, "hours.0.opens"),
        ({"hours": [], "reason": "x" * 121}, "reason"),
        ({"hours": [], "calendar": str(uuid.UUID(int=0))}, "calendar"),
    ],
)
def test_a_special_date_that_cant_be_names_the_field(
    body: dict[str, Any], field: str, sams: TradieClient, first: Calendar
) -> None:
    answer = sams.send("PUT", f"{DATES}/2027-01-26", body)
    assert refused(answer) == (400, "VALIDATION_FAILED")
    assert next(iter(answer.json()["fields"])) == field
    assert not first.date_exceptions.exists()


def test_hours_that_the_clocks_skip_are_refused_and_what_is_no_date_is_not_there(
    sams: TradieClient, first: Calendar
) -> None:
    answer = sams.send("PUT", f"{DATES}/2027-10-03", {"hours": [{"opens": "02:30", "closes": "05:00"}]})
    assert "The clocks go forward that night" in answer.json()["message"]
    for day in ("2027-02-30", "today", "1999-01-01"):
        assert refused(sams.send("PUT", f"{DATES}/{day}", {"hours": []})) == (404, "NOT_FOUND")
    assert not first.date_exceptions.exists()


def test_time_off_is_added_changed_and_removed_and_customers_see_it_at_once(
    sams: TradieClient, quote: Service, api: Any, first: Calendar
) -> None:
    tradie, day = quote.tradie, soon(quote.tradie, days=6)
    made = sams.post(OFF, block(tradie, reason="Show day"))
    assert made.json() == {
        "id": str(TimeOff.objects.get().pk),
        "calendar": str(first.pk),
        "start": soon(tradie, days=5, hour=0).isoformat(),
        "end": soon(tradie, days=7, hour=0).isoformat(),
        "repeats": "never",
        "repeat_until": None,
        "reason": "Show day",
    }
    assert free(api, quote, day) == []
    path = f"{OFF}/{made.json()['id']}"
    assert sams.get(path).json() == made.json()
    assert sams.get(OFF).json() == {"time_off": [made.json()], "page": 1, "next_page": None}
    shorter = soon(tradie, days=6, hour=0).isoformat()
    assert sams.patch(path, {"end": shorter}).json() == {**made.json(), "end": shorter}
    assert free(api, quote, day)
    assert sams.delete(path).status_code == 204
    assert refused(sams.get(path)) == (404, "NOT_FOUND")
    assert changes(tradie) == ["time_off_changed"] * 3


def test_what_is_over_is_left_out_unless_it_repeats(
    sams: TradieClient, first: Calendar, van: Calendar
) -> None:
    now = timezone.now()
    for days, repeats, calendar in ((-9, "never", first), (-8, "weekly", first), (3, "never", van)):
        TimeOff.objects.create(
            calendar=calendar,
            starts_at=now + timedelta(days=days),
            ends_at=now + timedelta(days=days, hours=1),
            repeats=repeats,
        )
    assert [row["repeats"] for row in sams.get(OFF).json()["time_off"]] == ["weekly", "never"]
    assert [row["repeats"] for row in sams.get(f"{OFF}?calendar={van.pk}").json()["time_off"]] == ["never"]


def test_the_list_of_time_off_costs_the_same_however_many(
    sams: TradieClient, first: Calendar, django_assert_num_queries: Any
) -> None:
    now = timezone.now()
    for count in (1, 27):
        TimeOff.objects.bulk_create(
            TimeOff(calendar=first, starts_at=now, ends_at=now + timedelta(days=1)) for _ in range(count)
        )
        sams.get(OFF)
        with django_assert_num_queries(3):  # user, businesses, time off
            sams.get(OFF)
    assert sams.get(OFF).json()["next_page"] == 2


def test_a_block_sent_twice_is_one(sams: TradieClient, sam: Tradie) -> None:
    key, body = str(uuid.uuid4()), block(sam)
    first, again = (sams.post(OFF, body, Idempotency_Key=key) for _ in range(2))
    assert first.json() == again.json()
    other = sams.post(OFF, {**body, "reason": "Flu"}, Idempotency_Key=key)
    assert refused(other) == (409, "IDEMPOTENCY_CONFLICT")
    assert TimeOff.objects.count() == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"end": "2027-01-01T00:00:00+11:00", "start": "2027-01-01T00:00:00+11:00"}, "end"),
        ({"end": "2029-01-01T00:00:00+11:00"}, "end"),
        ({"end": "2027-01-01"}, "end"),
        ({"repeats": "daily"}, "repeats"),
        ({"repeats": "weekly", "repeat_until": "2026-01-01"}, "repeat_until"),
        ({"repeat_until": 3}, "repeat_until"),
        ({"reason": "x" * 121}, "reason"),
        ({"calendar": str(uuid.UUID(int=0))}, "calendar"),
    ],
)
def test_time_off_that_cant_be_names_the_field(
    body: dict[str, Any], field: str, sams: TradieClient, sam: Tradie
) -> None:
    answer = sams.post(OFF, {**block(sam), **body})
    assert refused(answer) == (400, "VALIDATION_FAILED")
    assert list(answer.json()["fields"]) == [field]
    assert not TimeOff.objects.exists()


def test_who_may_not(sam: Tradie, first: Calendar, alex: Tradie, kim: User, lee: User) -> None:
    off = TimeOff.objects.create(
        calendar=first, starts_at=timezone.now(), ends_at=timezone.now() + timedelta(days=1)
    )
    paths = [f"{OFF}/{off.pk}", f"{HOURS}/{first.working_hours.all()[0].pk}"]
    nobody, lees, theirs = TradieClient(None), TradieClient(lee), TradieClient(owner_of(alex))
    for method in ("PUT", "DELETE"):
        assert refused(nobody.send(method, f"{DATES}/2027-01-26", {})) == (401, "UNAUTHORIZED")
        assert refused(lees.send(method, f"{DATES}/2027-01-26", {})) == (403, "FORBIDDEN")
    assert (
        theirs.send("PUT", f"{DATES}/2027-01-26", {"hours": [], "calendar": str(first.pk)}).status_code == 400
    )
    for address in (OFF, HOURS):
        for method in ("GET", "POST"):
            assert refused(nobody.send(method, address, {})) == (401, "UNAUTHORIZED")
            assert refused(lees.send(method, address, {})) == (403, "FORBIDDEN")
        assert TradieClient(kim).get(address).status_code == 200
    for path in paths:
        for method in ("PATCH", "DELETE"):
            assert refused(nobody.send(method, path, {})) == (401, "UNAUTHORIZED")
            assert refused(lees.send(method, path, {})) == (403, "FORBIDDEN")
            assert refused(theirs.send(method, path, {})) == (403, "FORBIDDEN")
    # A calendar of somebody else's is none of theirs.
    answer = theirs.post(OFF, {**block(sam), "calendar": str(first.pk)})
    assert answer.json()["fields"]["calendar"] == ["That isn't one of the people or vans of your business."]
    assert theirs.get(f"{OFF}?calendar={first.pk}").status_code == 400
    assert first.working_hours.count() == 7
