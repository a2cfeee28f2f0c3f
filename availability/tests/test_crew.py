"""Who can be booked: people and vans are added, named, put in order, stopped and started again."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.models import Service, Tradie
from availability import crew
from availability.catalogue import add_service, change_service
from availability.crew import (
    add_calendar,
    change_calendar,
    let_customers_choose,
    reorder_calendar,
    services_nobody_does,
    start_calendar,
    stop_calendar,
)
from availability.models import Calendar
from local.testing.cast import make_service
from peepopay.errors import ValidationFailed


@pytest.fixture
def first(sam: Tradie) -> Calendar:
    return sam.calendars.get()


@pytest.fixture
def van(sam: Tradie, first: Calendar) -> Calendar:
    return add_calendar(sam, "Van 2")


def names(tradie: Tradie) -> list[str]:
    return [calendar.name for calendar in tradie.calendars.all()]


def test_one_more_goes_to_the_end_with_the_rules_of_the_first_and_no_hours(
    sam: Tradie, first: Calendar
) -> None:
    Calendar.objects.filter(pk=first.pk).update(
        slot_step_minutes=15, minimum_notice_minutes=60, max_bookings_per_day=4
    )
    added = add_calendar(sam, "Kim", first_name="Sam")
    assert names(sam) == ["Sam", "Kim"]
    assert (added.slot_step_minutes, added.minimum_notice_minutes, added.max_bookings_per_day) == (15, 60, 4)
    assert not added.working_hours.exists()


@pytest.mark.parametrize(
    ("name", "first_name", "field"),
    [
        ("van 2", "", "name"),
        ("Lee", "VAN 2", "first_name"),
        ("Lee", "lee", "name"),
    ],
)
def test_no_two_have_one_name(sam: Tradie, van: Calendar, name: str, first_name: str, field: str) -> None:
    with pytest.raises(ValidationFailed) as refused:
        add_calendar(sam, name, first_name=first_name)
    assert refused.value.fields == {field: [crew.NAME_TAKEN]}
    assert names(sam) == ["Sam's Plumbing", "Van 2"]


def test_the_database_keeps_names_apart_too(sam: Tradie, van: Calendar) -> None:
    with pytest.raises(IntegrityError, match="calendar_name_once_per_business"), transaction.atomic():
        Calendar.objects.create(tradie=sam, name="VAN 2")


def test_another_business_may_use_the_name(van: Calendar, alex: Tradie) -> None:
    assert add_calendar(alex, "Van 2").name == "Van 2"


def test_a_name_can_be_changed_also_to_itself_in_capitals(sam: Tradie, van: Calendar) -> None:
    change_calendar(van, name="VAN 2")
    assert names(sam) == ["Sam's Plumbing", "VAN 2"]
    with pytest.raises(ValidationFailed) as refused:
        change_calendar(van, name="sam's plumbing")
    assert refused.value.fields == {"name": [crew.NAME_TAKEN]}


def test_there_is_an_end_to_it(sam: Tradie, van: Calendar, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crew, "MOST_CALENDARS", 3)
    add_calendar(sam, "Third")
    with pytest.raises(ValidationFailed) as refused:
        add_calendar(sam, "Fourth")
    assert list(refused.value.fields) == ["name"]


def test_they_move_up_and_down_and_stop_at_the_ends(sam: Tradie, van: Calendar) -> None:
    for by, after in (
        (-1, ["Van 2", "Sam's Plumbing"]),
        (-1, ["Van 2", "Sam's Plumbing"]),
        (1, ["Sam's Plumbing", "Van 2"]),
    ):
        reorder_calendar(van, by=by)
        assert names(sam) == after


def test_the_last_that_takes_bookings_cannot_stop(sam: Tradie, first: Calendar, van: Calendar) -> None:
    stop_calendar(first)
    with pytest.raises(ValidationFailed, match=r"Somebody has to take bookings\."):
        stop_calendar(van)
    start_calendar(first)
    stop_calendar(van)
    assert [(c.name, c.is_active) for c in sam.calendars.all()] == [
        ("Sam's Plumbing", True),
        ("Van 2", False),
    ]


@pytest.mark.django_db(transaction=True)
def test_of_two_that_stop_at_once_one_is_left(sam: Tradie, first: Calendar, van: Calendar) -> None:
    gate = threading.Barrier(2)

    def stop(calendar: Calendar) -> None:
        gate.wait()
        try:
            stop_calendar(calendar)
        except ValidationFailed:
            pass
        finally:
            connection.close()

    for _ in range(10):
        threads = [threading.Thread(target=stop, args=[calendar]) for calendar in (first, van)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sam.calendars.filter(is_active=True).count() == 1
        for calendar in (first, van):
            start_calendar(calendar)


def test_who_can_do_a_service_is_set_with_it(sam: Tradie, drain: Service, van: Calendar) -> None:
    assert not drain.calendars.exists()
    change_service(sam, drain, [van])
    assert list(drain.calendars.all()) == [van]
    change_service(sam, drain)
    assert list(drain.calendars.all()) == [van]
    change_service(sam, drain, [])
    assert not drain.calendars.exists()
    new = add_service(sam, Service(name="Gas check", price_cents=0), [van])
    assert list(new.calendars.all()) == [van]


def test_it_is_seen_which_services_nobody_does(
    sam: Tradie, drain: Service, first: Calendar, van: Calendar
) -> None:
    by_both = make_service(sam, name="By both")
    by_both.calendars.set([first, van])
    only_van, not_offered = (
        make_service(sam, name="Only the van"),
        make_service(sam, name="Gone", is_active=False),
    )
    for service in (only_van, not_offered):
        service.calendars.add(van)
    assert not services_nobody_does(sam).exists()
    stop_calendar(van)
    assert list(services_nobody_does(sam)) == [only_van]


@pytest.mark.parametrize(
    "change",
    [
        lambda sam, van: add_calendar(sam, "Lee"),
        lambda sam, van: change_calendar(van, name="Lee"),
        lambda sam, van: reorder_calendar(van, by=-1),
        lambda sam, van: stop_calendar(van),
        lambda sam, van: let_customers_choose(sam, True),
    ],
    ids=["add", "change", "reorder", "stop", "choose"],
)
def test_every_change_is_marked_once_and_forgets_the_profile(
    change: Callable[[Tradie, Calendar], Any],
    sam: Tradie,
    van: Calendar,
    django_capture_on_commit_callbacks: Any,
) -> None:
    sam.refresh_from_db()
    before = sam.calendar_version
    with django_capture_on_commit_callbacks() as after_commit:
        change(sam, van)
    sam.refresh_from_db()
    assert sam.calendar_version == before + 1
    assert len(after_commit) == 2  # the slot cache and the profile


def test_starting_again_is_marked_once_and_only_if_it_had_stopped(sam: Tradie, van: Calendar) -> None:
    stop_calendar(van)
    sam.refresh_from_db()
    before = sam.calendar_version
    for _ in range(2):
        start_calendar(van)
    sam.refresh_from_db()
    assert sam.calendar_version == before + 1
