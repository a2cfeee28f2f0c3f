"""Another time zone or state: what moves is said first, and nothing is stored before somebody says yes to that."""

from __future__ import annotations

from datetime import datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Tradie
from availability.public_holidays import public_holidays
from bookings import moved_clock
from bookings.models import Status
from bookings.moved_clock import Place, what_moves
from local.testing.cast import at, make_booking, make_service, owner_of, soon
from peepopay.local_time import moment
from web.tests.page_forms import PageForm, forms_of

URL = "/dashboard/business"
BRISBANE, PERTH = Place("QLD", "Australia/Brisbane"), Place("WA", "Australia/Perth")  # no daylight saving


@pytest.fixture
def brisbane(sam: Tradie) -> Tradie:
    Tradie.objects.filter(pk=sam.pk).update(state="QLD", timezone="Australia/Brisbane")
    sam.refresh_from_db()
    return sam


@pytest.fixture
def dashboard(client: Client, brisbane: Tradie) -> Client:
    client.force_login(owner_of(brisbane))
    return client


def form_in(response: Any) -> PageForm:
    return next(form for form in forms_of(response) if "version" in form.fields)


def save(client: Client, **changes: str) -> Any:
    return client.post(URL, form_in(client.get(URL)).fields | changes)


def zone_of(tradie: Tradie) -> str:
    return Tradie.objects.get(pk=tradie.pk).timezone


def text_of(response: Any) -> str:
    return " ".join(unescape(response.content.decode()).split())


def test_bookings_are_listed_as_they_read_and_will_read_before_anything_is_saved(
    dashboard: Client, brisbane: Tradie
) -> None:
    starts = soon(brisbane, hour=9)
    make_booking(make_service(brisbane), starts)
    asked = save(dashboard, timezone=PERTH.timezone)
    text = text_of(asked)
    assert zone_of(brisbane) == BRISBANE.timezone
    assert "1 booking keeps its moment and so reads 2 hours earlier" in text
    assert f"{moment(starts, BRISBANE.timezone)}</a> becomes <strong>{moment(starts, PERTH.timezone)}" in text
    assert "7:00 am stays 7:00 am, by the clock in Perth." in text

    form = form_in(asked)
    assert dashboard.post(URL, form.fields | {"sure": "QLD Australia/Perth"}).status_code == 302
    assert zone_of(brisbane) == PERTH.timezone
    assert brisbane.bookings.get().starts_at == starts


def test_who_changes_their_mind_has_the_form_again_with_what_they_typed(
    dashboard: Client, brisbane: Tradie
) -> None:
    asked = save(dashboard, timezone=PERTH.timezone, suburb="Fremantle")
    again = form_in(dashboard.post(URL, form_in(asked).fields | {"change": ""}))
    assert (again.fields["timezone"], again.fields["suburb"]) == (PERTH.timezone, "Fremantle")
    assert zone_of(brisbane) == BRISBANE.timezone


def test_a_yes_to_one_zone_is_none_to_another(dashboard: Client, brisbane: Tradie) -> None:
    asked = save(dashboard, timezone=PERTH.timezone, sure="QLD Australia/Darwin")
    assert "Go by the clock in Perth?" in text_of(asked)
    assert zone_of(brisbane) == BRISBANE.timezone


def test_another_state_says_which_public_holidays_come_and_go(dashboard: Client, brisbane: Tradie) -> None:
    Tradie.objects.update(closed_on_public_holidays=True)
    text = text_of(save(dashboard, state="WA"))
    assert "Public holidays of Western Australia instead" in text
    assert "Western Australia Day" in text.partition("Off from now on")[2].partition("A working day")[0]
    assert text_of(save(dashboard, state="QLD", suburb="Ipswich")) == ""  # saved: nothing moves


def test_where_holidays_are_worked_no_day_changes(dashboard: Client, brisbane: Tradie) -> None:
    assert "no day changes" in text_of(save(dashboard, state="WA"))


def test_a_list_is_bounded_and_says_how_many_more(dashboard: Client, brisbane: Tradie) -> None:
    drain = make_service(brisbane)
    for days in range(22):
        make_booking(drain, soon(brisbane, hour=9) + timedelta(days=days))
    text = text_of(save(dashboard, timezone=PERTH.timezone))
    assert "22 bookings keep their moment and so read 2 hours earlier" in text
    assert text.count("becomes") == moved_clock.MOST_SHOWN
    assert "… and 2 more." in text


def test_time_off_and_its_repeats_keep_their_moment_too(brisbane: Tradie) -> None:
    calendar, now = brisbane.calendars.get(), timezone.now()

    def off(starts: datetime, **fields: Any) -> Any:
        return calendar.time_off.create(starts_at=starts, ends_at=starts + timedelta(hours=1), **fields)

    over, ahead = off(now - timedelta(days=30)), off(now + timedelta(days=3))
    weekly = off(now - timedelta(days=30), repeats="weekly")
    ended = off(now - timedelta(days=30), repeats="weekly", repeat_until=now.date() - timedelta(days=9))
    moved = what_moves(brisbane, BRISBANE, PERTH, now=now)
    assert {block.pk for block in moved.time_off} == {weekly.pk, ahead.pk}
    assert not {over.pk, ended.pk} & {block.pk for block in moved.time_off}


def test_what_is_over_or_off_and_what_the_clocks_show_alike_do_not_count(brisbane: Tradie) -> None:
    drain, now = make_service(brisbane), timezone.now()
    make_booking(drain, now - timedelta(days=3))
    make_booking(drain, status=Status.CANCELLED)
    make_booking(drain)
    assert what_moves(brisbane, BRISBANE, PERTH, now=now).job_count == 1
    alike = what_moves(
        brisbane, Place("NSW", "Australia/Sydney"), Place("VIC", "Australia/Melbourne"), now=now
    )
    assert (alike.job_count, alike.shifts, alike.moves_the_clock) == (0, [], True)


def test_half_hours_and_daylight_saving_are_told_apart(brisbane: Tradie) -> None:
    drain = make_service(brisbane)
    for day in ("2030-01-10", "2030-01-11", "2030-07-10"):
        make_booking(drain, at(f"{day} 09:00 +10:00"))
    moved = what_moves(
        brisbane, BRISBANE, Place("SA", "Australia/Adelaide"), now=at("2029-12-30 09:00 +10:00")
    )
    assert moved.shifts == ["30 minutes later", "30 minutes earlier"]


def test_the_days_that_both_states_keep_are_not_listed(brisbane: Tradie) -> None:
    Tradie.objects.update(closed_on_public_holidays=True)
    brisbane.refresh_from_db()
    moved = what_moves(brisbane, BRISBANE, PERTH, now=timezone.now())
    listed = {(day.month, day.day) for day, _ in moved.newly_off + moved.no_longer_off}
    assert listed
    assert (12, 25) not in listed


def test_holidays_are_called_as_australians_call_them() -> None:
    names = {name for state in ("NSW", "WA", "QLD") for name in public_holidays(state, 2030).values()}
    assert "Labour Day" in names
    assert "Labor Day" not in names
