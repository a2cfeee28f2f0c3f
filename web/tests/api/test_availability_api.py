"""GET /api/availability/:slug."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import orjson
import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Service, Tradie
from availability.crew import add_calendar
from availability.models import Calendar, DateException, TimeOff, WorkingHours
from bookings.models import Status
from bookings.open_slots import list_times
from bookings.tokens import token_of
from local.testing.cast import add_hours, make_booking, make_service, soon
from peepopay.local_time import in_zone

Inputs = Any


def path(tradie: Tradie, **query: Any) -> str:
    return f"/api/availability/{tradie.slug}?" + "&".join(f"{name}={value}" for name, value in query.items())


def starts(answer: Any) -> list[str]:
    return [slot["start"][11:16] for slot in answer.json()["slots"]]


def local_day(tradie: Tradie, days: int) -> date:
    return in_zone(timezone.now(), tradie.timezone).date() + timedelta(days=days)


def test_a_day_lists_its_free_times_with_the_zone_and_offset(
    client: Client, sam: Tradie, drain: Service
) -> None:
    start = soon(sam, days=3, hour=9)
    answer = client.get(path(sam, date=start.date()))
    assert answer.status_code == 200
    body = answer.json()
    assert (body["date"], body["timezone"], body["service"]) == (
        start.date().isoformat(),
        "Australia/Sydney",
        str(drain.pk),
    )
    assert {"start": start.isoformat(), "end": (start + timedelta(hours=1)).isoformat()} in body["slots"]
    assert starts(answer)[0] == "07:00"
    assert starts(answer)[-1] == "15:00"
    assert len(starts(answer)) == 17


def test_a_booking_with_its_buffers_is_not_on_offer(client: Client, sam: Tradie) -> None:
    service = make_service(sam, buffer_after_minutes=30)
    make_booking(service, soon(sam, days=3, hour=9))
    offered = starts(client.get(path(sam, date=local_day(sam, 3))))
    assert [time for time in offered if "07:00" <= time <= "11:00"] == ["07:00", "07:30", "10:30", "11:00"]


@pytest.mark.parametrize("status", [Status.CANCELLED, Status.EXPIRED, Status.LOST, Status.DECLINED])
def test_a_booking_that_holds_no_time_is_on_offer(
    client: Client, sam: Tradie, drain: Service, status: Status
) -> None:
    make_booking(drain, soon(sam, days=3, hour=9), status=status)
    assert "09:00" in starts(client.get(path(sam, date=local_day(sam, 3))))


def test_a_hold_is_free_for_its_holder_only(client: Client, sam: Tradie, drain: Service) -> None:
    held = make_booking(drain, soon(sam, days=3, hour=9), status=Status.PENDING)
    day = local_day(sam, 3)
    assert "09:00" not in starts(client.get(path(sam, date=day)))
    assert "09:00" in starts(client.get(path(sam, date=day, hold=token_of(held))))
    assert "09:00" not in starts(client.get(path(sam, date=day)))


def test_an_overdue_hold_keeps_its_time_until_it_is_released(
    client: Client, sam: Tradie, drain: Service
) -> None:
    overdue = timezone.now() - timedelta(minutes=5)
    make_booking(drain, soon(sam, days=3, hour=9), status=Status.PENDING, held_until=overdue)
    assert "09:00" not in starts(client.get(path(sam, date=local_day(sam, 3))))


def test_another_tradies_bookings_and_hours_do_not_matter(
    client: Client, sam: Tradie, drain: Service, alex: Tradie
) -> None:
    make_booking(make_service(alex), soon(sam, days=3, hour=9))
    WorkingHours.objects.filter(calendar__tradie=alex).delete()
    assert len(starts(client.get(path(sam, date=local_day(sam, 3))))) == 17


def test_exceptions_time_off_and_the_daily_cap_are_kept(client: Client, sam: Tradie, drain: Service) -> None:
    DateException.objects.create(calendar=sam.calendars.get(), date=local_day(sam, 3))
    DateException.objects.create(
        calendar=sam.calendars.get(), date=local_day(sam, 4), opens_minute=600, closes_minute=720
    )
    TimeOff.objects.create(
        calendar=sam.calendars.get(), starts_at=soon(sam, days=4, hour=11), ends_at=soon(sam, days=6, hour=9)
    )
    assert starts(client.get(path(sam, date=local_day(sam, 3)))) == []
    assert starts(client.get(path(sam, date=local_day(sam, 4)))) == ["10:00"]
    assert starts(client.get(path(sam, date=local_day(sam, 5)))) == []
    assert starts(client.get(path(sam, date=local_day(sam, 6))))[0] == "09:00"
    Calendar.objects.update(max_bookings_per_day=1)
    make_booking(drain, soon(sam, days=8, hour=9))
    assert starts(client.get(path(sam, date=local_day(sam, 8)))) == []
    assert starts(client.get(path(sam, date=local_day(sam, 9)))) != []


def test_time_off_repeats_in_the_weeks_after(client: Client, sam: Tradie, drain: Service) -> None:
    first = soon(sam, days=-7, hour=7)
    TimeOff.objects.create(
        calendar=sam.calendars.get(), starts_at=first, ends_at=first + timedelta(hours=8), repeats="weekly"
    )
    assert starts(client.get(path(sam, date=local_day(sam, 7)))) == ["15:00"]
    assert len(starts(client.get(path(sam, date=local_day(sam, 8))))) == 17


def test_a_month_has_every_day_and_the_same_times_as_the_days(
    client: Client, sam: Tradie, drain: Service
) -> None:
    day = local_day(sam, 20)
    month = client.get(path(sam, month=f"{day:%Y-%m}")).json()
    assert month["month"] == f"{day:%Y-%m}"
    assert [d["date"][:7] for d in month["days"]] == [f"{day:%Y-%m}"] * len(month["days"])
    assert month["days"][-1]["date"] > f"{day:%Y-%m}-27"
    assert all(d["slots"] == len(d["starts"]) for d in month["days"])
    of_day = next(d for d in month["days"] if d["date"] == day.isoformat())
    assert of_day["starts"] == [slot["start"] for slot in client.get(path(sam, date=day)).json()["slots"]]


def test_first_free_looks_beyond_the_month_up_to_the_horizon(
    client: Client, sam: Tradie, drain: Service
) -> None:
    today = local_day(sam, 0)
    next_month = (today.replace(day=1) + timedelta(days=32)).replace(day=1)
    assert client.get(path(sam, month=f"{next_month:%Y-%m}")).json()["first_free"] == next_month.isoformat()
    TimeOff.objects.create(
        calendar=sam.calendars.get(),
        starts_at=timezone.now() - timedelta(days=1),
        ends_at=datetime(next_month.year, next_month.month, 2, tzinfo=UTC) + timedelta(hours=12),
    )
    sam.refresh_from_db()
    listing, _ = list_times(sam.slug, None, today.replace(day=1), timezone.now(), whole_month=True)
    assert orjson.loads(listing.body)["first_free"] == next_month.replace(day=3).isoformat()
    far = today + timedelta(days=200)
    assert client.get(path(sam, month=f"{far:%Y-%m}")).json()["first_free"] is None


def test_a_month_costs_one_query_whatever_is_in_it(
    client: Client, sam: Tradie, drain: Service, django_assert_num_queries: Any
) -> None:
    for name in ("Kim", "Lee", "Max", "Noa"):
        add_hours(add_calendar(sam, name))
    month = f"{local_day(sam, 20):%Y-%m}"
    with django_assert_num_queries(1):
        client.get(path(sam, month=month, postcode=2042))
    for days in range(5, 30):
        for calendar in sam.calendars.all():
            make_booking(drain, soon(sam, days=days, hour=9), calendar=calendar)
            DateException.objects.create(
                calendar=calendar, date=local_day(sam, days), opens_minute=480, closes_minute=900
            )
    with django_assert_num_queries(1):
        client.get(path(sam, month=month, service=drain.pk))


def test_without_a_service_it_is_the_tradies_first_active_one(client: Client, sam: Tradie) -> None:
    make_service(sam, position=0, is_active=False)
    second = make_service(sam, position=1, duration_minutes=120)
    make_service(sam, position=2)
    assert client.get(path(sam, date=local_day(sam, 3))).json()["service"] == str(second.pk)


def test_a_tradie_without_services_has_no_times(client: Client, sam: Tradie) -> None:
    assert client.get(path(sam, date=local_day(sam, 3))).json()["slots"] == []


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("", "date"),
        ("date=2027-01-14&month=2027-01", "date"),
        ("date=tomorrow", "date"),
        ("date=2027-02-29", "date"),
        ("date=20270114", "date"),
        ("date=2027-W02-4", "date"),
        ("date=-001-01-01", "date"),
        ("date=\u0662\u0660\u0662\u0667-01-14", "date"),
        ("month=2027-13", "month"),
        ("month=0000-01", "month"),
        ("month=2027", "month"),
        ("date=2027-01-14&service=42", "service"),
        ("date=2027-01-14&service=0b9d5e2c-7d0c-4f44-9a53-0f3f6f3c7a10", "service"),
    ],
)
def test_a_bad_question_answers_400_and_names_the_field(
    client: Client, sam: Tradie, drain: Service, query: str, field: str
) -> None:
    answer = client.get(f"/api/availability/{sam.slug}?{query}")
    assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_FAILED")
    assert list(answer.json()["fields"]) == [field]


def test_inactive_and_other_peoples_services_are_not_on_offer(
    client: Client, sam: Tradie, alex: Tradie
) -> None:
    for service in (make_service(sam, is_active=False), make_service(alex)):
        assert client.get(path(sam, date=local_day(sam, 3), service=service.pk)).status_code == 400


def test_unknown_and_closed_tradies_answer_404(client: Client, sam: Tradie, drain: Service) -> None:
    assert client.get("/api/availability/nobody?month=2027-01").json()["code"] == "NOT_FOUND"
    Tradie.objects.update(is_open=False)
    assert client.get(path(sam, month="2027-01")).status_code == 404


@pytest.mark.parametrize(
    "when", ["date=0001-01-01", "date=9999-12-31", "month=0001-01", "month=9999-12", "date=2020-01-06"]
)
def test_dates_that_can_not_be_on_offer_are_empty_and_not_kept(
    client: Client, sam: Tradie, drain: Service, when: str, django_assert_num_queries: Any
) -> None:
    for _ in range(2):
        with django_assert_num_queries(1):
            body = client.get(f"/api/availability/{sam.slug}?{when}").json()
        assert not body.get("slots")
        assert not any(day["slots"] for day in body.get("days", []))


def test_an_answer_that_the_client_has_is_not_sent_again(client: Client, sam: Tradie, drain: Service) -> None:
    address = path(sam, date=local_day(sam, 3))
    first = client.get(address)
    assert first["Cache-Control"] == "no-cache"
    again = client.get(address, headers={"If-None-Match": f"W/{first['ETag']}"})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    make_booking(drain, soon(sam, days=4, hour=9))
    assert client.get(address, headers={"If-None-Match": '"another"'}).status_code == 200


@pytest.mark.parametrize(
    ("day", "now", "expected"),
    [
        # Clocks go forward at 2:00, back at 3:00.
        ("2027-10-03", "2027-09-20", ["T01:30:00+10:00", "T03:00:00+11:00", "T03:30:00+11:00"]),
        (
            "2027-04-04",
            "2027-03-20",
            [
                "T01:30:00+11:00",
                "T02:00:00+11:00",
                "T02:30:00+11:00",
                "T02:00:00+10:00",
                "T02:30:00+10:00",
                "T03:00:00+10:00",
                "T03:30:00+10:00",
            ],
        ),
    ],
)
def test_change_over_days_show_real_offsets(sam: Tradie, day: str, now: str, expected: list[str]) -> None:
    WorkingHours.objects.update(opens_minute=90, closes_minute=240)
    service = make_service(sam, duration_minutes=30)
    moment = datetime.fromisoformat(now).replace(tzinfo=UTC)
    listing, _ = list_times(sam.slug, service.pk, date.fromisoformat(day), moment)
    assert [slot["start"] for slot in orjson.loads(listing.body)["slots"]] == [
        day + text for text in expected
    ]
