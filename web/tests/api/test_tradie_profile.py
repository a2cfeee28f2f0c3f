"""GET /api/tradies/:slug"""

from __future__ import annotations

import pytest
from django.core.cache import caches
from django.db import transaction

from accounts.profiles import forget_profile
from local.testing.cast import make_service

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_profile_has_what_the_widget_shows(api, sam, drain, settings):
    answer = api.get("/api/tradies/sam-plumber")
    assert answer.status_code == 200
    assert answer.json() == {
        "slug": "sam-plumber",
        "business_name": "Sam's Plumbing",
        "timezone": "Australia/Sydney",
        "phone": "(02) 9550 1234",
        "suburb": "Marrickville",
        "state": "NSW",
        "licence_number": "",
        "abn": "",
        "logo_url": "",
        "accent_colour": "#0f6fde",
        "accents": {"on_light": "#0e68d0", "on_dark": "#5799e4"},
        "bookable": True,
        "stripe": {
            "publishable_key": settings.STRIPE_PUBLISHABLE_KEY,
            "account": "acct_demo_joe",
            "js_url": settings.STRIPE_JS_URL,
        },
        "services": [
            {
                "id": str(drain.pk),
                "name": "Blocked drain",
                "description": "",
                "duration_minutes": 60,
                "arrival_window_minutes": 0,
                "price_cents": 12_000,
                "price_from": False,
                "deposit_cents": 3_000,
                "deposit_kind": "fixed",
                "requires_approval": False,
                "price_text": "$120",
                "in_short": "1 h, $30 deposit now",
                "bookable": True,
                "questions": [],
                "policy": {
                    "free_cancellation_hours": 24,
                    "late_fee_cents": 0,
                    "late_fee_percent": None,
                    "no_refund_hours": 2,
                    "no_show_fee_cents": 0,
                },
            }
        ],
    }


def test_only_active_services_in_the_tradies_order(api, sam):
    for name, position, active in [("Second", 2, True), ("First", 1, True), ("Gone", 0, False)]:
        make_service(sam, name=name, position=position, is_active=active)
    assert [s["name"] for s in api.get("/api/tradies/sam-plumber").json()["services"]] == ["First", "Second"]


@pytest.mark.parametrize(
    ("kind", "fields", "cents"),
    [
        ("percent", {"deposit_percent": 25, "price_cents": 9_990}, 2_498),
        ("full", {"price_cents": 9_900}, 9_900),
        ("none", {}, 0),
    ],
)
def test_the_deposit_is_computed_here(api, sam, kind, fields, cents):
    make_service(sam, deposit_kind=kind, **fields)
    assert api.get("/api/tradies/sam-plumber").json()["services"][0]["deposit_cents"] == cents


def test_what_an_older_version_of_the_product_keeps_is_left_alone(api, sam, drain):
    caches["redis"].set("profile:sam-plumber", (0, b"{}", "etag"))
    assert api.get("/api/tradies/sam-plumber/opening").json()["tradie"]["services"]


def test_an_unknown_tradie_is_404(api):
    answer = api.get("/api/tradies/nobody")
    assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")


def test_a_business_that_is_closed_online_says_who_it_is_and_how_to_call(api, sam, drain):
    sam.is_open = False
    sam.save()
    answer = api.get("/api/tradies/sam-plumber")
    assert answer.status_code == 200
    told = answer.json()
    assert (told["business_name"], told["phone"]) == ("Sam's Plumbing", "(02) 9550 1234")
    assert (told["bookable"], told["services"]) == (False, [])


def test_without_an_account_only_services_without_deposit_make_it_bookable(api, sam, drain):
    sam.connected_account.delete()
    assert api.get("/api/tradies/sam-plumber").json()["bookable"] is False


def test_a_second_look_costs_no_query_and_an_unchanged_one_no_body(
    api, sam, drain, django_assert_num_queries
):
    with django_assert_num_queries(3):  # the tradie, their services, the account
        first = api.get("/api/tradies/sam-plumber")
    with django_assert_num_queries(0):
        again = api.get("/api/tradies/sam-plumber", **{"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_a_change_is_visible_in_the_very_next_answer(api, sam, drain):
    api.get("/api/tradies/sam-plumber")
    with transaction.atomic():
        drain.name = "Blocked toilet"
        drain.save()
        forget_profile(sam)
    assert api.get("/api/tradies/sam-plumber").json()["services"][0]["name"] == "Blocked toilet"


def test_without_redis_it_comes_from_postgresql(api, sam, drain, settings):
    from django.core.cache import caches

    settings.CACHES = {
        **settings.CACHES,
        "redis": {**settings.CACHES["redis"], "LOCATION": "redis://127.0.0.1:1"},
    }
    assert caches["redis"].get("anything") is None
    assert api.get("/api/tradies/sam-plumber").status_code == 200


def test_any_site_may_read_it_and_no_cookie_is_set(api, sam):
    answer = api.get("/api/tradies/sam-plumber", Origin="https://joes-website.example")
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in answer.headers
    assert not answer.cookies
