"""GET /api/tradies/:slug/opening"""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import quote

import pytest
from django.utils import timezone

from accounts.accent import accents
from local.testing.cast import make_service
from peepopay.local_time import in_zone

pytestmark = pytest.mark.django_db(transaction=True)
ADDRESS = "/api/tradies/sam-plumber/opening"
ACCENTS = ("#FFD400", "red", "#12345", "#ffd400\n")
TIMES = "/api/availability/sam-plumber"


@pytest.fixture
def this_month(sam):
    return f"{in_zone(timezone.now(), sam.timezone):%Y-%m}"


def times_of(month):
    """Of a month in minutes: as the times of a month are written."""
    return [
        f"{day}T{minute // 60:02}:{minute % 60:02}:00{stretch['offset']}"
        for stretch in month["stretches"]
        for day, minutes in stretch["days"].items()
        for minute in minutes
    ]


def test_it_is_the_profile_and_the_first_month_with_a_free_time(api, drain):
    told = api.get(ADDRESS).json()
    assert told["tradie"] == api.get("/api/tradies/sam-plumber").json()
    assert {stretch["zone"] for stretch in told["month"]["stretches"]} <= {"AEDT", "AEST"}
    month = api.get(f"{TIMES}?month={told['month']['month']}").json()
    assert times_of(told["month"]) == [start for day in month["days"] for start in day["starts"]] != []
    rest = ("month", "timezone", "service", "first_free")
    assert {name: told["month"][name] for name in rest} == {name: month[name] for name in rest}
    assert told["month"]["first_free"][:7] == told["month"]["month"]


def test_the_month_is_of_the_service_that_is_asked_for(api, sam, drain):
    other = make_service(sam, name="Tap", position=9)
    for asked, told in ((other.pk, other), (drain.pk, drain), ("", drain), ("nothing", drain)):
        assert api.get(f"{ADDRESS}?service={asked}").json()["month"]["service"] == str(told.pk)


def test_a_page_may_ask_for_a_colour_of_its_own_and_gets_one_that_can_be_read(api, drain):
    its_own = api.get(ADDRESS).json()["tradie"]["accents"]
    asked = {
        wanted: api.get(f"{ADDRESS}?accent={quote(wanted)}").json()["tradie"]["accents"] for wanted in ACCENTS
    }
    assert asked["#FFD400"] == accents("#ffd400")._asdict() != its_own
    assert [asked[wanted] for wanted in ("red", "#12345", "#ffd400\n")] == [its_own] * 3


def test_without_a_way_to_take_cards_only_what_needs_none_is_on_offer(api, sam, drain):
    quote = make_service(sam, name="Quote", deposit_kind="none", position=9)
    sam.connected_account.delete()
    told = api.get(ADDRESS).json()
    assert [service["id"] for service in told["tradie"]["services"]] == [str(quote.pk)]
    assert told["month"]["service"] == str(quote.pk)


def test_a_business_with_nothing_on_offer_has_no_month(api, sam):
    told = api.get(ADDRESS).json()
    assert (told["tradie"]["slug"], told["month"]) == ("sam-plumber", None)
    assert api.get("/api/tradies/nobody/opening").json()["code"] == "NOT_FOUND"


def test_where_this_month_has_no_time_it_is_the_next_that_has_one(api, sam, drain, this_month):
    now = timezone.now()
    next_month = (in_zone(now, sam.timezone).replace(day=1) + timedelta(days=32)).replace(
        day=1, hour=0, minute=0
    )
    sam.calendars.get().time_off.create(starts_at=now, ends_at=next_month)
    month = api.get(ADDRESS).json()["month"]
    assert month["month"] == f"{next_month:%Y-%m}" > this_month
    assert month["first_free"] == min(day for stretch in month["stretches"] for day in stretch["days"])


def test_where_nothing_is_free_it_is_this_month(api, sam, drain, this_month):
    sam.calendars.get().working_hours.all().delete()
    month = api.get(ADDRESS).json()["month"]
    assert (month["month"], month["stretches"], month["first_free"]) == (this_month, [], None)


def test_a_second_look_costs_no_query_and_an_unchanged_one_no_body(api, drain, django_assert_num_queries):
    first = api.get(ADDRESS)
    with django_assert_num_queries(0):
        again = api.get(ADDRESS, **{"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content, first["Cache-Control"]) == (304, b"", "no-cache")


def test_a_month_in_minutes_is_told_in_a_quarter_of_the_bytes(api, drain, this_month):
    in_times, in_minutes = (api.get(f"{TIMES}?month={this_month}{form}") for form in ("", "&times=minutes"))
    assert times_of(in_minutes.json()) == [
        start for day in in_times.json()["days"] for start in day["starts"]
    ]
    if in_minutes.json()["stretches"]:
        assert len(in_minutes.content) < len(in_times.content) / 4


def test_only_a_month_is_told_in_minutes(api, drain):
    today = timezone.now().date() + timedelta(days=1)
    for asked in (f"date={today}&times=minutes", f"month={today:%Y-%m}&times=hours"):
        refused = api.get(f"{TIMES}?{asked}")
        assert (refused.status_code, list(refused.json()["fields"])) == (400, ["times"])
