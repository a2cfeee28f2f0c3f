"""A business says where it goes, on which days and for what fee."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.audit import changes_of
from accounts.call_out_zones import CallOutZone, zones_of
from accounts.models import Service, Tradie
from local.testing.cast import make_booking, owner_of, soon
from web.tests.page_forms import forms_of

PAGE = "/dashboard/services/zones"


@pytest.fixture
def dashboard(client: Client, sam: Tradie) -> Client:
    client.force_login(owner_of(sam))
    return client


def save(client: Client, **typed: Any) -> Any:
    return client.post(PAGE, forms_of(client.get(PAGE))[-1].fields | typed)


def test_there_are_none_at_first_and_none_again(dashboard: Client, sam: Tradie) -> None:
    assert save(dashboard).status_code == 302
    assert Tradie.objects.get().call_out_zones == []
    assert changes_of(sam).count() == 0
    far = {"zone_1_name": "Mountains", "zone_1_postcodes": "2780 \u2013 2786, 2773"}
    near = {"zone_2_name": "Near", "zone_2_at": "1", "zone_2_km": "15", "zone_2_from": "2204"}
    more = {"zone_1_fee": "82.50", "zone_1_days": ["1", "3"], "zone_1_minutes": "20"}
    assert save(dashboard, **far, **more).status_code == 302
    assert save(dashboard, **near, zone_1_at="2", zone_1_days=["1", "3"]).status_code == 302
    assert zones_of(Tradie.objects.get()) == [
        CallOutZone("Near", km=15, measured_from="2204"),
        CallOutZone("Mountains", ("2773", "2780-2786"), 0, "", 8_250, (1, 3), 20),
    ]
    assert changes_of(sam)[0].detail.startswith("call-out zones")
    assert "Mountains" in dashboard.get(PAGE).content.decode()
    save(
        dashboard,
        zone_1_name="",
        zone_1_km="",
        zone_2_name="",
        zone_2_postcodes="",
        zone_2_fee="",
        zone_2_days=[],
    )
    assert Tradie.objects.get().call_out_zones == []


def test_an_invoice_begins_with_the_fee_as_a_line_of_its_own(dashboard: Client, drain: Service) -> None:
    started = timezone.now() - timedelta(hours=2)
    of_it = {"price_cents": 16_500, "call_out_fee_cents": 4_500, "call_out_zone": "North"}
    booking = make_booking(drain, started, **of_it)
    page = dashboard.get(f"/dashboard/bookings/{booking.pk}/invoice")
    lines = {name: typed for name, typed in forms_of(page)[-1].fields.items() if "line" in name}
    told = [value for name, value in lines.items() if name.endswith(("description", "unit_price_cents"))]
    assert told == ["Blocked drain", "120", "Call-out fee", "45"]


def test_drives_count_once_there_is_a_speed(dashboard: Client, sam: Tradie) -> None:
    assert save(dashboard, travel_kmh="35", travel_slack="10", near_days="on").status_code == 302
    sam.refresh_from_db()
    assert (sam.travel_kmh, sam.travel_slack_minutes, sam.shows_near_days) == (35, 10, True)
    assert save(dashboard, travel_kmh="4").status_code == 400
    assert save(dashboard, travel_kmh="").status_code == 302
    sam.refresh_from_db()
    assert sam.travel_kmh is None


def test_a_name_is_of_one_zone(dashboard: Client) -> None:
    save(dashboard, zone_1_name="North")
    answer = save(dashboard, zone_2_name="north")
    assert (answer.status_code, "Two zones have this name." in answer.content.decode()) == (400, True)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"zone_1_postcodes": "2042"}, "Give it a name."),
        (
            {"zone_1_name": "A", "zone_1_postcodes": "204"},
            "Write postcodes such as 2042, or 2040-2050 for all between.",
        ),
        ({"zone_1_name": "A", "zone_1_postcodes": "0001"}, "no postcode 0001"),
        ({"zone_1_name": "A", "zone_1_postcodes": "2050-2040"}, "the lower postcode comes first"),
        ({"zone_1_name": "A", "zone_1_km": "9", "zone_1_from": ""}, "Give the postcode in its middle."),
        ({"zone_1_name": "A", "zone_1_fee": "1000.50"}, "At most $1,000."),
    ],
)
def test_what_cannot_be_is_refused(dashboard: Client, typed: dict[str, str], said: str) -> None:
    answer = save(dashboard, **typed)
    assert answer.status_code == 400
    assert said in answer.content.decode()
    assert Tradie.objects.get().call_out_zones == []


def why(client: Client, drain: Service, at: datetime, postcode: str) -> list[tuple[str, str]]:
    asked = {"service": drain.pk, "date": f"{at:%Y-%m-%d}", "time": f"{at:%H:%M}", "postcode": postcode}
    page = client.get("/dashboard/hours/why-not", asked)
    return [(answer.sentence, address) for answer, address in page.context["answers"]]


def test_why_a_time_is_not_offered_knows_the_zones(dashboard: Client, sam: Tradie, drain: Service) -> None:
    save(dashboard, zone_1_name="Near", zone_1_postcodes="2042", zone_1_minutes="30")
    make_booking(drain, soon(sam, hour=9))
    assert why(dashboard, drain, soon(sam, hour=12), "2042") == [("Customers can book it.", "")]
    assert why(dashboard, drain, soon(sam, hour=12), "2600") == [
        ("2600 is in none of your zones. Customers there are asked to call.", PAGE)
    ]
    ((said, _),) = why(dashboard, drain, soon(sam, hour=10), "2042")
    assert "is too near: there are buffers between jobs." in said


def test_why_a_time_is_not_offered_knows_how_far_the_business_goes(
    dashboard: Client, sam: Tradie, drain: Service
) -> None:
    Tradie.objects.update(area_km=20, area_postcode="2042")
    assert why(dashboard, drain, soon(sam), "2600") == [
        (
            "2600 is too far: you work within 20 km of 2042. Customers there are asked to call.",
            "/dashboard/business",
        )
    ]
