"""Services in the dashboard: dollars on the page, cents in the row, and the table's own rules in plain sentences."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts.models import Service, Tradie
from local.testing.cast import make_booking, make_service, owner_of
from local.testing.pressing import ONE_PAGE

FORM = {
    "name": "Gutter clean",
    **ONE_PAGE,
    "description": "Both sides",
    "duration_minutes": "90",
    "arrival_window_minutes": "0",
    "price_cents": "$1,200.50",
    "deposit_kind": "fixed",
    "deposit_fixed_cents": "82.50",
    "deposit_percent": "",
    "buffer_before_minutes": "0",
    "buffer_after_minutes": "15",
    "deposit_is": "security",
    "cap_override_reason": "",
    "follows_business_policy": "False",
    "start_from": "",
    "free_cancellation_hours": "24",
    "late_fee_kind": "fixed",
    "late_fee_cents": "",
    "late_fee_percent": "",
    "no_refund_hours": "2",
    "no_show_fee_cents": "",
}


@pytest.fixture
def dashboard(client: Client, sam: Tradie) -> Client:
    client.force_login(owner_of(sam))
    return client


def test_a_new_service_goes_to_the_end_in_cents(dashboard: Client, sam: Tradie, drain: Service) -> None:
    assert dashboard.post("/dashboard/services/new", FORM)["Location"] == "/dashboard/services"
    service = Service.objects.get(name="Gutter clean")
    assert (service.tradie, service.price_cents, service.deposit_cents, service.late_fee_cents) == (
        sam,
        120_050,
        8_250,
        0,
    )
    assert service.position > drain.position


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"price_cents": "12.345"}, "price_cents", "Write an amount such as 30 or 82.50."),
        ({"price_cents": "12,50"}, "price_cents", "Write an amount such as 30 or 82.50."),
        ({"price_cents": "1,2345"}, "price_cents", "Write an amount such as 30 or 82.50."),
        ({"price_cents": "NaN"}, "price_cents", "Write an amount such as 30 or 82.50."),
        ({"price_cents": "1e3"}, "price_cents", "Write an amount such as 30 or 82.50."),
        ({"price_cents": "-5"}, "price_cents", "Write an amount such as 30 or 82.50."),
        ({"price_cents": "1e99"}, "price_cents", "Write an amount such as 30 or 82.50."),
        ({"duration_minutes": "721"}, "duration_minutes", "less than or equal to 720"),
        ({"deposit_fixed_cents": "0.49"}, "deposit_fixed_cents", "at least $0.50 and at most the price"),
        ({"deposit_fixed_cents": "1200.51"}, "deposit_fixed_cents", "at least $0.50 and at most the price"),
        ({"deposit_kind": "percent", "deposit_percent": "0"}, "deposit_percent", "1 to 99 percent"),
        (
            {"deposit_kind": "percent", "deposit_percent": "10", "price_cents": "4.99"},
            "deposit_percent",
            "1 to 99",
        ),
        ({"deposit_kind": "full", "price_cents": "0.49"}, "price_cents", "at least $0.50"),
        ({"no_refund_hours": "25"}, "no_refund_hours", "can't be longer before the start"),
        (
            {"free_cancellation_hours": "169", "no_refund_hours": "169"},
            "no_refund_hours",
            "at most 168 hours (7 days)",
        ),
        ({"free_cancellation_hours": "721"}, "free_cancellation_hours", "at most 720 hours (30 days)"),
        ({"late_fee_cents": "82.51"}, "late_fee_cents", "can't keep more than the deposit"),
        (
            {"late_fee_cents": "82.50", "free_cancellation_hours": "169"},
            "late_fee_cents",
            "With all of the deposit kept",
        ),
        (
            {"late_fee_kind": "percent", "late_fee_percent": "100", "free_cancellation_hours": "169"},
            "late_fee_percent",
            "With all of the deposit kept",
        ),
        ({"late_fee_percent": "101"}, "late_fee_percent", "less than or equal to 100"),
        ({"no_show_fee_cents": "500.01"}, "no_show_fee_cents", "at most $500"),
        (
            {"no_show_fee_cents": "100.01", "price_cents": "90"},
            "no_show_fee_cents",
            "at most the price, or $100",
        ),
        (
            {"is_residential_building": "on", "deposit_fixed_cents": "120.06"},
            "cap_override_reason",
            "is $120.05.",
        ),
        ({"buffer_after_minutes": "241"}, "buffer_after_minutes", "less than or equal to 240"),
        ({"name": ""}, "name", "This field is required."),
    ],
)
def test_what_cannot_be_sold_is_said_at_its_field(
    changes: dict[str, str], field: str, said: str, dashboard: Client
) -> None:
    page = dashboard.post("/dashboard/services/new", {**FORM, **changes})
    assert said in " ".join(page.context["form"].errors[field])
    assert Service.objects.count() == 0


def test_a_change_shows_in_the_next_answer_and_leaves_bookings_alone(
    dashboard: Client, sam: Tradie, drain: Service, django_capture_on_commit_callbacks: Any
) -> None:
    booking, before = make_booking(drain), sam.calendar_version
    assert dashboard.get("/api/tradies/sam-plumber").json()["services"][0]["price_cents"] == 12_000
    with django_capture_on_commit_callbacks(execute=True):
        dashboard.post(f"/dashboard/services/{drain.pk}", FORM)
    booking.refresh_from_db()
    sam.refresh_from_db()
    assert dashboard.get("/api/tradies/sam-plumber").json()["services"][0]["price_cents"] == 120_050
    assert (booking.price_cents, sam.calendar_version) == (12_000, before + 1)


def test_the_page_shows_the_row_in_dollars(dashboard: Client, drain: Service) -> None:
    form = dashboard.get(f"/dashboard/services/{drain.pk}").context["form"]
    assert (form["price_cents"].value(), form["deposit_fixed_cents"].value()) == ("120", "30")


def test_a_service_can_be_taken_off_and_offered_again(dashboard: Client, drain: Service) -> None:
    for active in ("0", "1"):
        dashboard.post(f"/dashboard/services/{drain.pk}/offer", {"active": active})
        drain.refresh_from_db()
        assert drain.is_active is (active == "1")


def test_services_move_up_and_down_and_stop_at_the_ends(
    dashboard: Client, sam: Tradie, drain: Service
) -> None:
    make_service(sam, name="B", position=7)
    make_service(sam, name="C", position=7)

    def move(name: str, by: str) -> list[str]:
        dashboard.post(f"/dashboard/services/{sam.services.get(name=name).pk}/move", {"by": by})
        return list(sam.services.values_list("name", flat=True))

    assert move("C", "-1") == ["Blocked drain", "C", "B"]
    assert move("C", "-1") == ["C", "Blocked drain", "B"]
    assert move("C", "-1") == ["C", "Blocked drain", "B"]
    assert move("Blocked drain", "1") == ["C", "B", "Blocked drain"]
    assert move("Blocked drain", "1") == ["C", "B", "Blocked drain"]


def test_the_list_takes_as_many_queries_for_three_as_for_one(
    dashboard: Client, sam: Tradie, drain: Service, django_assert_num_queries: Any
) -> None:
    dashboard.get("/dashboard/services")
    with django_assert_num_queries(5):  # user, tradie, services, who there is, who can do which
        dashboard.get("/dashboard/services")
    make_service(sam, name="B", position=1)
    make_service(sam, name="C", position=2)
    with django_assert_num_queries(5):
        dashboard.get("/dashboard/services")


@pytest.mark.parametrize("field", ["deposit_fixed_cents", "deposit_percent"])
def test_a_deposit_that_is_typed_with_no_deposit_chosen_is_not_left_out(
    field: str, dashboard: Client, sam: Tradie
) -> None:
    typed = FORM | {"deposit_kind": "none", "deposit_fixed_cents": "", field: "20"}
    page = dashboard.post("/dashboard/services/new", typed)
    said = "“No deposit” is chosen. Choose how much the customer pays, or empty this."
    assert page.context["form"].errors == {field: [said]}
    assert not Service.objects.exists()


def test_the_amount_of_another_choice_that_was_there_before_stays(
    dashboard: Client, sam: Tradie, drain: Service
) -> None:
    Service.objects.update(deposit_kind="fixed", deposit_fixed_cents=5_000)
    typed = FORM | {"deposit_kind": "none", "deposit_fixed_cents": "50"}
    page = dashboard.post(f"/dashboard/services/{drain.pk}", typed)
    assert page.status_code == 302, page.context["form"].errors
    drain.refresh_from_db()
    assert (drain.deposit_kind, drain.deposit_fixed_cents) == ("none", 5_000)
