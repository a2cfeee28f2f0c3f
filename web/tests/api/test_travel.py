"""The times on offer, and the bookings that are taken, where the business says how fast it drives."""

from __future__ import annotations

import pytest
from django.test import RequestFactory
from django.utils import timezone

from accounts.models import Tradie
from availability import asked_places
from bookings.models import Booking
from bookings.open_slots import Wish
from bookings.overriding import slot_with_override
from bookings.places import at
from bookings.terms import terms_of
from bookings.why_not import why_not_offered
from local.testing.cast import make_booking, owner_of, soon
from peepopay.client_address import address_hash
from peepopay.errors import ValidationFailed
from peepopay.local_time import in_zone

pytestmark = pytest.mark.django_db(transaction=True)

MOSMAN = {"address_suburb": "Mosman", "address_postcode": "2088"}  # 10.4 km from Newtown, 2042


@pytest.fixture
def driving(sam):
    Tradie.objects.filter(pk=sam.pk).update(travel_kmh=30, travel_slack_minutes=10)
    sam.refresh_from_db()
    return sam


@pytest.fixture
def in_mosman(driving, drain):
    """9:00 to 10:00: half an hour and a minute from Newtown."""
    return make_booking(drain, soon(driving), **MOSMAN)


def this_address():
    return address_hash(RequestFactory(REMOTE_ADDR="127.0.0.1").get("/"))


def clocks(answer, sam):
    return [slot["start"][11:16] for slot in answer.json()["slots"]]


def day_of(api, sam, query=""):
    day = in_zone(soon(sam), sam.timezone).date()
    return clocks(api.get(f"/api/availability/{sam.slug}?date={day}{query}"), sam)


def test_what_cannot_be_driven_to_is_not_offered_there(api, sam, drain, in_mosman, django_assert_num_queries):
    anywhere = day_of(api, sam)
    assert {"08:00", "10:00"} <= set(anywhere)
    with django_assert_num_queries(1):
        there = day_of(api, sam, "&postcode=2042")
    assert there == [clock for clock in anywhere if clock < "07:30" or clock > "10:30"]
    assert day_of(api, sam, "&postcode=2088") == [
        clock for clock in anywhere if clock <= "07:50" or clock >= "10:10"
    ]
    in_mosman.delete()
    assert set(there) < set(day_of(api, sam, "&postcode=2042"))


def test_a_time_chosen_before_the_address_was_known_is_refused_with_the_next(
    api, sam, drain, in_mosman, stripe_app
):
    answer = api.book(drain, soon(sam, hour=10))
    assert (answer.status_code, answer.json()["code"]) == (409, "SLOT_UNAVAILABLE")
    assert answer.json()["message"].startswith("We can't get to that address in time")
    assert Booking.objects.count() == 1
    others = [other["start"] for other in answer.json()["alternatives"]]
    assert all(clock[11:16] > "10:30" or clock[11:16] < "07:30" for clock in others)
    there = {"line1": "1 Military Rd", "suburb": "Mosman", "state": "NSW", "postcode": "2088"}
    assert api.book(drain, soon(sam, hour=10, minute=30), address=there).status_code == 201


def test_what_is_told_of_a_place_is_kept_for_nobody_and_of_few_places(api, sam, in_mosman, settings):
    settings.RATE_LIMITS = True
    anywhere, by_place = day_of(api, sam), day_of(api, sam, "&postcode=2042")
    assert by_place != anywhere
    for postcode in ("2000", "2010", "2204"):
        day_of(api, sam, f"&postcode={postcode}")
    assert day_of(api, sam, "&postcode=2031") == anywhere
    assert day_of(api, sam, "&postcode=2042") == by_place
    other = {"REMOTE_ADDR": "203.0.113.9"}
    day = in_zone(soon(sam), sam.timezone).date()
    page = api.client.get(f"/api/availability/{sam.slug}?date={day}&postcode=2031", **other)
    assert clocks(page, sam) != anywhere


def test_nobody_tries_by_booking_either(api, sam, drain, in_mosman, settings, stripe_app):
    settings.RATE_LIMITS = True
    for postcode in range(2000, 2000 + asked_places.MOST_BOOKED):
        asked_places.may_ask(sam.slug, str(postcode), this_address(), most=asked_places.MOST_BOOKED)
    answer = api.book(drain, soon(sam, hour=13))
    assert (answer.status_code, answer.json()["code"]) == (429, "CALL_INSTEAD")


def test_why_not_names_the_job_that_is_too_far(sam, drain, in_mosman, client):
    drain.refresh_from_db()
    [answer] = why_not_offered(drain, soon(sam, hour=10), timezone.now(), postcode="2042")
    assert answer.booking == in_mosman
    assert answer.sentence == (
        "No time for the drive: Blocked drain for Jo Citizen in Mosman, 9:00 am to 10:00 am, is 31 min from 2042 at"
        " 30 km/h, 10 min of it to spare."
    )
    client.force_login(owner_of(sam))
    local = in_zone(soon(sam, hour=10), sam.timezone)
    asked = {"service": drain.pk, "date": f"{local:%Y-%m-%d}", "time": "10:00", "postcode": "2042"}
    page = client.get("/dashboard/hours/why-not", asked).content.decode()
    assert "No time for the drive" in page
    assert (
        "Customers can book it."
        in client.get("/dashboard/hours/why-not", asked | {"postcode": ""}).content.decode()
    )


def test_why_not_names_the_nearer_of_two_jobs(sam, drain, in_mosman):
    drain.refresh_from_db()
    nearer = make_booking(drain, soon(sam, hour=10), address_postcode=in_mosman.address_postcode)
    [answer] = why_not_offered(drain, soon(sam, hour=11), timezone.now(), postcode="2600")
    assert answer.booking == nearer


def test_the_business_books_it_all_the_same_and_says_why(sam, drain, in_mosman):
    drain.refresh_from_db()
    job = at(terms_of(drain).job, drain.tradie, "2042")
    wish = Wish(drain.tradie, drain.pk, job, soon(sam, hour=10))
    with pytest.raises(ValidationFailed, match=r"."):
        slot_with_override(wish, "", now=timezone.now())
    assert slot_with_override(wish, "Van is there", now=timezone.now())[1] == "without time for the drive"


def test_off_the_address_changes_nothing(api, sam, drain):
    make_booking(drain, soon(sam), **MOSMAN)
    assert day_of(api, sam, "&postcode=2042") == day_of(api, sam)
