"""The days on which the business is near anyway, where it shows them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.models import Tradie
from local.testing.cast import make_booking, soon
from peepopay.local_time import in_zone

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def near_jobs(sam, drain):
    """In two days in Marrickville, 2 km from Newtown; in three in Mosman, 10 km away."""
    Tradie.objects.filter(pk=sam.pk).update(shows_near_days=True)
    make_booking(drain, soon(sam, days=2), address_postcode="2204")
    make_booking(drain, soon(sam, days=3), address_postcode="2088")


def date_in(sam, days):
    return in_zone(soon(sam, days=days), sam.timezone).date()


def test_a_list_of_times_by_postcode_names_them(api, sam, near_jobs, django_assert_num_queries):
    day = date_in(sam, 2)
    address = f"/api/availability/{sam.slug}?month={day:%Y-%m}"
    with django_assert_num_queries(1):
        assert api.get(f"{address}&postcode=2042").json()["near"] == [str(day)]
    assert api.get(f"{address}&postcode=2042&times=minutes").json()["near"] == [str(day)]
    assert "near" not in api.get(address).json()
    assert "near" not in api.get(f"{address}&postcode=3000").json()
    of_day = f"/api/availability/{sam.slug}?postcode=2042&date="
    assert api.get(f"{of_day}{day}").json()["near"] is True
    assert "near" not in api.get(f"{of_day}{day + timedelta(days=1)}").json()


def test_switched_off_nothing_is_said(api, sam, near_jobs):
    Tradie.objects.update(shows_near_days=False)
    assert "near" not in api.get(f"/api/availability/{sam.slug}?date={date_in(sam, 2)}&postcode=2042").json()


def test_of_more_places_than_a_customer_has_nothing_is_said(api, sam, near_jobs, settings):
    settings.RATE_LIMITS = True
    address = f"/api/availability/{sam.slug}?date={date_in(sam, 2)}&postcode="
    for postcode in ("2000", "2010", "2031", "2088"):
        api.get(f"{address}{postcode}")
    assert "near" not in api.get(f"{address}2042").json()


def test_who_moves_a_booking_reads_those_days_first(api, sam, drain, near_jobs, stripe_app):
    token = api.book(drain, soon(sam, days=4)).json()["token"]
    sam.bookings.update(status="confirmed", held_until=None)
    day = date_in(sam, 2)
    page = api.client.get(f"/manage/{token}/move?month={day:%Y-%m}").content.decode()
    said = page.partition("near you anyway on")[2].partition("</p>")[0]
    assert f"{day:%A} {day.day} {day:%B}" in said
    assert said.count("<a ") == 1
