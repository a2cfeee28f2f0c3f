"""Working hours, special dates and booking rules in the dashboard."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import Service, Tradie
from local.testing.cast import make_booking, owner_of, soon

ONE_ROW = {"TOTAL_FORMS": "1", "INITIAL_FORMS": "0", "0-opens": "", "0-closes": ""}
EMPTY_WEEK = {f"day{day}-{name}": value for day in range(7) for name, value in ONE_ROW.items()}
NO_RANGE = {f"range-{name}": value for name, value in ONE_ROW.items()}


@pytest.fixture
def dashboard(client: Client, sam: Tradie) -> Client:
    client.force_login(owner_of(sam))
    return client


def hours_of(tradie: Tradie) -> list[tuple[int, int, int]]:
    return list(tradie.calendars.get().working_hours.values_list("weekday", "opens_minute", "closes_minute"))


def monday(*ranges: tuple[str, str]) -> dict[str, str]:
    rows = {f"day0-{n}-opens": opens for n, (opens, _) in enumerate(ranges)}
    rows |= {f"day0-{n}-closes": closes for n, (_, closes) in enumerate(ranges)}
    return EMPTY_WEEK | rows | {"day0-TOTAL_FORMS": str(len(ranges))}


def test_the_week_is_replaced_as_a_whole(dashboard: Client, sam: Tradie) -> None:
    data = monday(("07:00", "12:00"), ("12:30", "16:00")) | {
        "day6-0-opens": "22:00",
        "day6-0-closes": "00:00",
    }
    assert dashboard.post("/dashboard/hours", data).status_code == 302
    assert hours_of(sam) == [(0, 420, 720), (0, 750, 960), (6, 1320, 1440)]


def test_new_hours_are_offered_in_the_very_next_answer(
    dashboard: Client, sam: Tradie, drain: Any, django_capture_on_commit_callbacks: Any
) -> None:
    day = soon(sam).date()
    url = f"/api/availability/sam-plumber?date={day}"
    assert dashboard.get(url).json()["slots"]
    with django_capture_on_commit_callbacks(execute=True):
        dashboard.post("/dashboard/hours", EMPTY_WEEK)
    assert dashboard.get(url).json()["slots"] == []


@pytest.mark.parametrize(
    ("ranges", "said"),
    [
        ([("07:00", "")], "Fill in both times, or neither."),
        ([("16:00", "07:00")], "This must be later than the start."),
        ([("07:00", "07:00")], "This must be later than the start."),
        ([("25:00", "26:00")], "Enter a valid time."),
        ([("07:00", "12:00"), ("11:00", "16:00")], "Monday: these hours overlap."),
    ],
)
def test_hours_that_make_no_sense_change_nothing(
    ranges: list[tuple[str, str]], said: str, dashboard: Client, sam: Tradie
) -> None:
    before = hours_of(sam)
    page = dashboard.post("/dashboard/hours", monday(*ranges))
    assert said in page.content.decode()
    assert hours_of(sam) == before


def test_ranges_that_touch_become_one(dashboard: Client, sam: Tradie) -> None:
    dashboard.post("/dashboard/hours", monday(("12:00", "16:00"), ("07:00", "12:00")))
    assert hours_of(sam) == [(0, 420, 960)]


def test_rows_are_added_removed_and_copied_without_javascript(dashboard: Client, sam: Tradie) -> None:
    before = hours_of(sam)

    def rows(day: int, **pressed: str) -> list[tuple[str, str]]:
        page = dashboard.post("/dashboard/hours", monday(("07:00", "12:00")) | pressed)
        return list(page.context["form"].days[day].rows)

    assert rows(0, add="day0") == [("07:00", "12:00"), ("", "")]
    assert rows(0, remove="day0-0") == [("", "")]
    ticked = {"copy": "day0", "day0-to4": "on", "day0-to6": "on", "day1-to5": "on"}
    assert [rows(day, **ticked)[0][0] for day in range(7)] == ["07:00", "", "", "", "07:00", "", "07:00"]
    assert rows(3, copy="nonsense") == [("", "")]
    assert hours_of(sam) == before


def test_mondays_hours_go_until_friday_unless_somebody_says_otherwise(dashboard: Client) -> None:
    page = dashboard.get("/dashboard/hours").content.decode()
    ticked = re.findall(r'name="(day\d-to\d)" checked', page)
    assert ticked == ["day0-to1", "day0-to2", "day0-to3", "day0-to4"]


@pytest.mark.parametrize("lost", ["day3-TOTAL_FORMS", "day3-INITIAL_FORMS", "day3-0-opens", "day3-0-closes"])
@pytest.mark.parametrize("pressed", [{}, {"add": "day0"}])
def test_a_day_that_did_not_arrive_is_no_day_off(
    lost: str, pressed: dict[str, str], dashboard: Client, sam: Tradie
) -> None:
    before = hours_of(sam)
    data = {name: value for name, value in monday(("07:00", "12:00")).items() if name != lost}
    page = dashboard.post("/dashboard/hours", data | pressed, follow=True)
    assert "nothing was changed" in page.content.decode()
    assert hours_of(sam) == before


def test_more_rows_than_a_day_may_have_change_nothing(dashboard: Client, sam: Tradie) -> None:
    before = hours_of(sam)
    rows = [(f"{hour:02}:00", f"{hour:02}:30") for hour in range(7, 14)]
    assert dashboard.post("/dashboard/hours", monday(*rows)).status_code == 400
    assert hours_of(sam) == before


def test_a_tradie_without_hours_is_shown_a_suggestion_that_is_not_saved(
    dashboard: Client, sam: Tradie
) -> None:
    sam.calendars.get().working_hours.all().delete()
    page = dashboard.get("/dashboard/hours").content.decode()
    assert 'value="07:00"' in page
    assert "only a suggestion" in page
    assert hours_of(sam) == []


def exceptions_of(tradie: Tradie) -> list[tuple[Any, ...]]:
    return list(
        tradie.calendars.get().date_exceptions.values_list("date", "opens_minute", "closes_minute", "reason")
    )


DAY = date(2027, 1, 27)


def test_a_date_is_closed_then_opened_moved_and_removed(dashboard: Client, sam: Tradie) -> None:
    closed = NO_RANGE | {"date": "2027-01-27", "kind": "closed", "reason": "RDO"}
    assert dashboard.post("/dashboard/hours/dates/new", closed)["Location"] == "/dashboard/hours/dates"
    assert exceptions_of(sam) == [(DAY, None, None, "RDO")]
    opened = closed | {"kind": "open", "range-0-opens": "08:00", "range-0-closes": "10:00"}
    dashboard.post("/dashboard/hours/dates/2027-01-27", opened)
    assert exceptions_of(sam) == [(DAY, 480, 600, "RDO")]
    dashboard.post("/dashboard/hours/dates/2027-01-27", opened | {"date": "2027-01-28"})
    assert exceptions_of(sam) == [(date(2027, 1, 28), 480, 600, "RDO")]
    dashboard.post("/dashboard/hours/dates/2027-01-28/remove")
    assert exceptions_of(sam) == []


def test_hours_that_the_clocks_skip_are_refused(dashboard: Client, sam: Tradie) -> None:
    form = NO_RANGE | {"date": "2027-10-03", "kind": "open", "reason": ""}  # forward at 2:00
    for opens, closes, fits in (("02:30", "10:00", 0), ("00:30", "02:30", 0), ("00:30", "03:00", 1)):
        page = dashboard.post(
            "/dashboard/hours/dates/new", form | {"range-0-opens": opens, "range-0-closes": closes}
        )
        assert len(exceptions_of(sam)) == fits
        assert fits or "The clocks go forward that night" in page.content.decode()


def test_other_hours_need_hours(dashboard: Client, sam: Tradie) -> None:
    form = NO_RANGE | {"date": "2027-01-27", "kind": "open", "reason": ""}
    page = dashboard.post("/dashboard/hours/dates/new", form)
    assert "Fill in the hours you work on that date." in page.content.decode()
    assert exceptions_of(sam) == []


@pytest.mark.parametrize("day", ["2027-02-30", "2027-13-01", "9999-01-01", "nonsense"])
def test_an_address_with_no_such_date_is_unknown(day: str, dashboard: Client) -> None:
    assert dashboard.get(f"/dashboard/hours/dates/{day}").status_code == 404


def test_booking_rules_are_saved_within_their_bounds(dashboard: Client, sam: Tradie) -> None:
    form = {
        "slot_step_minutes": "15",
        "minimum_notice_minutes": "1440",
        "horizon_days": "90",
        "max_bookings_per_day": "",
        "closed_on_public_holidays": "on",
    }
    assert dashboard.post("/dashboard/hours/rules", form).status_code == 302
    sam.refresh_from_db()
    calendar = sam.calendars.get()
    assert (calendar.slot_step_minutes, sam.horizon_days, calendar.max_bookings_per_day) == (15, 90, None)
    rules = form
    for name, value in {
        "slot_step_minutes": "7",
        "horizon_days": "367",
        "minimum_notice_minutes": "43201",
        "max_bookings_per_day": "0",
    }.items():
        forms = dashboard.post("/dashboard/hours/rules", {**rules, name: value}).context["forms"]
        assert [list(form.errors) for form in forms if form.errors] == [[name]]
    sam.refresh_from_db()
    calendar = sam.calendars.get()
    assert (calendar.slot_step_minutes, sam.horizon_days, calendar.max_bookings_per_day) == (15, 90, None)


def test_a_notice_is_chosen_in_words_and_an_odd_one_stays(dashboard: Client, sam: Tradie) -> None:
    sam.calendars.update(minimum_notice_minutes=90)
    page = dashboard.get("/dashboard/hours/rules").content.decode()
    choices = re.findall(
        r'<option value="(\d+)"( selected)?>([^<]+)<',
        page.partition("minimum_notice")[2].partition("</select>")[0],
    )
    said = {words: (value, bool(selected)) for value, selected, words in choices}
    assert (said["None"], said["1 day"], said["2 weeks"]) == (("0", False), ("1440", False), ("20160", False))
    assert said["90 minutes"] == ("90", True)


def holidays(dashboard: Client) -> dict[date, tuple[str, bool, bool]]:
    found = dashboard.get("/dashboard/hours/dates").context["holidays"]
    return {one.day: (one.name, one.is_workday, one.works) for one in found}


def test_each_public_holiday_has_its_own_switch(dashboard: Client, sam: Tradie) -> None:
    sam.calendars.get().working_hours.filter(weekday=6).delete()
    coming = holidays(dashboard)
    workday = next(day for day, (_, is_workday, _) in coming.items() if is_workday)
    name = coming[workday][0]
    assert coming[workday] == (name, True, True)
    press = f"/dashboard/hours/holidays/{workday}"
    dashboard.post(press, {"works": "0"})
    assert exceptions_of(sam) == [(workday, None, None, name)]
    assert holidays(dashboard)[workday] == (name, True, False)
    dashboard.post(press, {"works": "1"})
    assert exceptions_of(sam) == []
    Tradie.objects.filter(pk=sam.pk).update(closed_on_public_holidays=True)
    assert holidays(dashboard)[workday] == (name, True, False)
    for _ in range(2):
        dashboard.post(press, {"works": "1"})
        assert exceptions_of(sam) == [(workday, 420, 960, name)]
    assert holidays(dashboard)[workday] == (name, True, True)
    dashboard.post(press, {"works": "0"})
    assert exceptions_of(sam) == []


def test_a_holiday_on_a_day_that_is_not_worked_has_no_switch(dashboard: Client, sam: Tradie) -> None:
    sam.calendars.get().working_hours.all().delete()
    assert all(not is_workday and not works for _, is_workday, works in holidays(dashboard).values())
    assert "/dashboard/hours/holidays/" not in dashboard.get("/dashboard/hours/dates").content.decode()


@pytest.mark.parametrize(("day", "works"), [("2027-01-27", "1"), ("2027-01-26", ""), ("2027-01-26", "2")])
def test_only_holidays_are_switched(day: str, works: str, dashboard: Client, sam: Tradie) -> None:
    dashboard.post(f"/dashboard/hours/holidays/{day}", {"works": works})
    assert exceptions_of(sam) == []


def test_the_hours_page_shows_the_month_that_customers_see(
    dashboard: Client, sam: Tradie, drain: Service, quote: Service
) -> None:
    day = soon(sam).date()
    shown = dashboard.get(f"/dashboard/hours?month={day:%Y-%m}&service={quote.pk}").context["preview"]
    listed = dashboard.get(f"/api/availability/sam-plumber?month={day:%Y-%m}&service={quote.pk}").json()
    free = {cell.date.isoformat(): len(cell.times) for week in shown.month.weeks for cell in week if cell}
    assert free == {one["date"]: one["slots"] for one in listed["days"]}
    assert free[day.isoformat()] == 18
    first = dashboard.get("/dashboard/hours?service=x&month=9999-99").context["preview"]
    assert first.service == drain
    sam.services.update(is_active=False)
    assert dashboard.get("/dashboard/hours").context["preview"] is None


def test_hours_typed_for_a_date_that_is_closed_are_not_dropped(dashboard: Client, sam: Tradie) -> None:
    typed = {"date": "2027-01-26", "kind": "closed", "reason": "", **NO_RANGE}
    hours = {"range-0-opens": "09:00", "range-0-closes": "12:00"}
    page = dashboard.post("/dashboard/hours/dates/new", typed | hours)
    assert "You typed hours too." in page.content.decode()
    assert 'value="09:00"' in page.content.decode()
    assert not sam.calendars.get().date_exceptions.exists()
    dashboard.post("/dashboard/hours/dates/new", typed | hours | {"kind": "open"})
    dashboard.post("/dashboard/hours/dates/2027-01-26", typed | hours)  # as they were: no doubt what is meant
    assert [row.opens_minute for row in sam.calendars.get().date_exceptions.all()] == [None]


@pytest.mark.parametrize("page", ["hours", "date"])
def test_jobs_outside_the_new_hours_are_listed_and_stay(
    page: str, dashboard: Client, sam: Tradie, drain: Service
) -> None:
    starts = soon(sam)
    job = make_booking(drain, starts, customer_name="Outside Olga")
    make_booking(drain, starts + timedelta(days=1), customer_name="Inside Ivy")
    day = starts.date()
    if page == "hours":
        closed = {
            f"day{n}-0-{name}": text
            for n in range(7)
            if n != day.weekday()
            for name, text in {"opens": "00:00", "closes": "00:00"}.items()
        }
        answer = dashboard.post("/dashboard/hours", EMPTY_WEEK | closed, follow=True)
    else:
        typed = {"date": str(day), "kind": "closed", "reason": "", **NO_RANGE}
        answer = dashboard.post("/dashboard/hours/dates/new", typed, follow=True)
    text = answer.content.decode()
    assert "bookings are outside these hours" in text
    assert f'href="/dashboard/bookings/{job.pk}"' in text
    assert "Inside Ivy" not in text
    job.refresh_from_db()
    assert job.status == "confirmed"


def test_what_is_wrong_with_the_week_is_said_on_top_with_links(dashboard: Client, sam: Tradie) -> None:
    page = dashboard.post(
        "/dashboard/hours", monday(("07:00", ""), ("16:00", "12:00")) | {"day3-0-opens": "x"}
    )
    text = page.content.decode()
    assert 'class="error-summary" role="alert" tabindex="-1" autofocus' in text
    assert '<a href="#id_day0-0-closes">Monday: Fill in both times, or neither.</a>' in text
    assert '<a href="#id_day0-1-closes">Monday: This must be later than the start.</a>' in text
    assert '<a href="#id_day3-0-opens">Thursday: Enter a valid time.</a>' in text


def test_a_date_that_is_added_twice_says_that_it_had_other_hours(dashboard: Client) -> None:
    typed = {"date": "2027-01-26", "kind": "closed", "reason": "", **NO_RANGE}
    pages = [dashboard.post("/dashboard/hours/dates/new", typed, follow=True) for _ in range(2)]
    assert ["That date had hours of its own already" in page.content.decode() for page in pages] == [
        False,
        True,
    ]
