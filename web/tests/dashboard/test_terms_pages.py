"""Cancellation terms: the business's usual ones, a service's own, what suits a trade, and what can't be."""

from __future__ import annotations

from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import AuditEntry, Service, Tradie
from accounts.policy_templates import TEMPLATES, Trade
from bookings.terms import terms_of
from local.testing.cast import make_service, owner_of
from peepopay.local_time import short_day
from web.dashboard.as_read import NOT_YET

from .test_services_pages import FORM

TERMS = {
    "start_from": "",
    "free_cancellation_hours": "48",
    "late_fee_kind": "percent",
    "late_fee_cents": "12.50",
    "late_fee_percent": "40",
    "no_refund_hours": "12",
    "no_show_fee_cents": "",
}
RESIDENTIAL = {"is_residential_building": "on", "price_cents": "1000", "deposit_fixed_cents": "100.01"}


@pytest.fixture
def dashboard(client: Client, sam: Tradie) -> Client:
    client.force_login(owner_of(sam))
    return client


def errors(page: Any) -> dict[str, list[str]]:
    return dict(page.context["form"].errors)


def test_the_usual_terms_hold_for_services_without_their_own(dashboard: Client, sam: Tradie) -> None:
    follows, own = make_service(sam, follows_business_policy=True), make_service(sam, name="Own", position=1)
    assert dashboard.post("/dashboard/services/usual-terms", TERMS)["Location"] == "/dashboard/services"
    frozen = terms_of(Service.objects.get(pk=follows.pk))
    assert (frozen.policy.free_cancellation_hours, frozen.policy.no_refund_hours) == (48, 12)
    assert (frozen.policy.late_fee_percent, frozen.late_fee_cents) == (40, 1_200)
    assert terms_of(Service.objects.get(pk=own.pk)).policy.free_cancellation_hours == 24
    assert Tradie.objects.get().late_fee_cents == 1_250  # not chosen, and kept


def test_a_new_service_has_the_usual_terms_unless_it_gets_its_own(dashboard: Client) -> None:
    form = dashboard.get("/dashboard/services/new").context["form"]
    assert form["follows_business_policy"].value() is True
    dashboard.post(
        "/dashboard/services/new", {**FORM, "follows_business_policy": "True", "late_fee_cents": "7"}
    )
    service = Service.objects.get()
    assert (service.follows_business_policy, service.late_fee_cents) == (True, 700)


@pytest.mark.parametrize("address", ["/dashboard/services/new", "/dashboard/services/usual-terms"])
@pytest.mark.parametrize("trade", Trade.values)
def test_what_suits_a_trade_is_filled_in_and_nothing_is_saved(
    dashboard: Client, sam: Tradie, address: str, trade: str
) -> None:
    page = dashboard.post(address, {**FORM, **TERMS, "start_from": trade, "fill_in": "1"})
    form, template = page.context["form"], TEMPLATES[trade]
    assert form["free_cancellation_hours"].value() == template.free_cancellation_hours
    assert (form["late_fee_kind"].value(), form["late_fee_percent"].value()) == (
        "percent",
        template.late_fee_percent,
    )
    assert form["late_fee_cents"].value() == "12.50"  # what was typed stays
    assert not form.errors
    assert Service.objects.count() == 0
    assert Tradie.objects.get().free_cancellation_hours == 24


@pytest.mark.parametrize("trade", Trade.values)
def test_every_template_can_be_saved(dashboard: Client, trade: str) -> None:
    typed = {name: str(value) for name, value in TEMPLATES[trade].columns.items()}
    assert dashboard.post("/dashboard/services/usual-terms", {**TERMS, **typed}).status_code == 302
    assert dashboard.post("/dashboard/services/new", {**FORM, **typed}).status_code == 302


def test_there_is_always_a_time_in_which_cancelling_is_free(dashboard: Client, sam: Tradie) -> None:
    Tradie.objects.update(horizon_days=7)
    week = {"free_cancellation_hours": "168"}
    for address, form in (("/dashboard/services/new", FORM), ("/dashboard/services/usual-terms", TERMS)):
        page = dashboard.post(address, {**form, **week})
        assert errors(page) == {
            "free_cancellation_hours": [
                "Customers book up to 7 days ahead, so cancelling would never be free. Choose less than 168 hours, or"
                " let them book further ahead."
            ]
        }
        assert dashboard.post(address, {**form, "free_cancellation_hours": "167"}).status_code == 302


def test_usual_terms_keep_no_more_than_the_deposit_of_a_service(dashboard: Client, sam: Tradie) -> None:
    make_service(sam, follows_business_policy=True)
    page = dashboard.post(
        "/dashboard/services/usual-terms", {**TERMS, "late_fee_kind": "fixed", "late_fee_cents": "30.01"}
    )
    assert errors(page) == {
        "late_fee_cents": [
            "Blocked drain: The late fee of $30.01 in your usual terms is more than the deposit of $30. Choose less, or"
            " a part of the deposit."
        ]
    }
    assert Tradie.objects.get().late_fee_cents == 0
    Tradie.objects.update(late_fee_cents=9_000)
    page = dashboard.post("/dashboard/services/new", {**FORM, "follows_business_policy": "True"})
    assert list(errors(page)) == ["follows_business_policy"]


def test_a_deposit_above_the_cap_needs_a_reason_which_is_kept_on_record(
    dashboard: Client, sam: Tradie
) -> None:
    page = dashboard.post("/dashboard/services/new", {**FORM, **RESIDENTIAL})
    [said] = errors(page)["cap_override_reason"]
    assert said.startswith(
        "New South Wales: a deposit for residential building work is at most 10% of the price."
    )
    assert said.endswith(
        "Here that is $100. Ask for less, or write down why more is allowed: it is kept on record"
        " with your name."
    )
    assert Service.objects.count() == 0
    reason = {"cap_override_reason": "Between licensees, section 8 (4) (a)"}
    assert dashboard.post("/dashboard/services/new", {**FORM, **RESIDENTIAL, **reason}).status_code == 302
    entry = AuditEntry.objects.get(kind="deposit_cap_overridden")
    assert (entry.user, entry.about, entry.detail) == (
        owner_of(sam),
        "Gutter clean",
        "$100.01 of $1,000: Between licensees, section 8 (4) (a)",
    )
    assert entry.at


@pytest.mark.parametrize(
    "fields",
    [
        {"deposit_fixed_cents": "100"},
        {"is_residential_building": ""},
        {"deposit_kind": "none", "deposit_fixed_cents": ""},
    ],
)
def test_within_the_cap_and_outside_of_building_work_nothing_is_asked(
    dashboard: Client, fields: dict[str, str]
) -> None:
    form = {**FORM, **RESIDENTIAL, **fields}
    if not form["is_residential_building"]:
        del form["is_residential_building"]
    assert dashboard.post("/dashboard/services/new", form).status_code == 302
    assert not AuditEntry.objects.filter(kind="deposit_cap_overridden").exists()


def test_where_sources_contradict_each_other_it_is_saved_with_a_warning(
    dashboard: Client, sam: Tradie
) -> None:
    Tradie.objects.update(state="QLD")
    page = dashboard.post(
        "/dashboard/services/new", {**FORM, **RESIDENTIAL, "deposit_fixed_cents": "200.01"}, follow=True
    )
    assert "The deposit may be above what the law allows. Queensland:" in page.content.decode()
    assert "General information, not advice." in page.content.decode()
    assert Service.objects.count() == 1


def test_the_form_shows_the_law_with_its_date_and_source(dashboard: Client) -> None:
    page = dashboard.get("/dashboard/services/new").content.decode()
    assert "General information, not advice. Ask your state regulator" in page
    assert "Home Building Act 1989 (NSW), section 8" in page
    assert "Since 1 October 2026" in page


def test_moving_to_a_state_with_a_lower_cap_names_the_service(dashboard: Client, sam: Tradie) -> None:
    Tradie.objects.update(state="QLD")
    make_service(sam, is_residential_building=True)  # a quarter of the price
    page = dashboard.get("/dashboard/business")
    typed = {name: page.context["form"][name].value() for name in page.context["form"].fields}
    sure = {"state": "NSW", "sure": f"NSW {sam.timezone}"}
    answer = dashboard.post(
        "/dashboard/business", {**{key: value or "" for key, value in typed.items()}, **sure}
    )
    assert errors(answer) == {
        "state": ["Blocked drain: its deposit is above what is allowed there. Change it first."]
    }
    assert Tradie.objects.get().state == "QLD"


def test_a_big_price_with_a_percentage_is_no_fault(dashboard: Client) -> None:
    big = {"price_cents": "1000000", "deposit_kind": "percent", "deposit_percent": "99"}
    assert dashboard.post("/dashboard/services/new", {**FORM, **big}).status_code == 302


# ---- what customers read of them


def read_of(page: Any) -> str:
    return " ".join(
        unescape(page.content.decode()).partition('id="as-read"')[2].partition("</div>")[0].split()
    )


def the_day(sam: Tradie, days: int) -> str:
    return short_day(timezone.now() + timedelta(days=days), sam.timezone)


@pytest.mark.parametrize("address", ["new", "usual-terms", "{drain}"])
def test_terms_are_shown_as_customers_read_them_before_they_are_saved(
    dashboard: Client, sam: Tradie, drain: Service, address: str
) -> None:
    url = f"/dashboard/services/{address.format(drain=drain.pk)}"
    typed = {**FORM, "price_cents": "120", "deposit_fixed_cents": "30", **TERMS, "look": "1"}
    said = read_of(dashboard.post(url, typed))
    amount = "$50" if address == "usual-terms" else "$30"
    day, free, last = the_day(sam, 7), the_day(sam, 5), the_day(sam, 6)
    assert f"Booked today for {day}, 9:00 am, with {amount} paid:" in said
    assert f"Free to cancel until {free}, 9:00 am: all of {amount} comes back." in said
    assert f"Nothing comes back after {last}, 9:00 pm." in said
    assert Service.objects.values().get(pk=drain.pk)["free_cancellation_hours"] == 24
    assert (Service.objects.count(), Tradie.objects.get().free_cancellation_hours) == (1, 24)


def test_the_script_gets_the_sentences_alone(dashboard: Client, drain: Service) -> None:
    url, only = f"/dashboard/services/{drain.pk}", {"Accept": "application/json"}
    typed = {**FORM, **TERMS, "deposit_kind": "none", "deposit_fixed_cents": "30", "look": "1"}
    told = dashboard.post(url, {**typed, "requires_approval": "on"}, headers=only).json()
    assert told["about"].endswith(", without a deposit:")
    assert told["sentences"][0].startswith("Until your request is answered, cancelling costs nothing.")
    assert dashboard.post(url, {**typed, "duration_minutes": "x"}, headers=only).json() == {
        "about": NOT_YET,
        "sentences": [],
    }


def test_what_is_stored_and_what_a_trade_fills_in_is_shown_too(
    dashboard: Client, sam: Tradie, drain: Service
) -> None:
    url = f"/dashboard/services/{drain.pk}"
    assert f"Free to cancel until {the_day(sam, 7)}, 7:00 am" in read_of(dashboard.get(url))
    typed = {**FORM, **TERMS, "start_from": "cleaner", "fill_in": "1"}
    assert "After that $41.25 is kept" in read_of(dashboard.post(url, typed))
    del typed["fill_in"]
    assert NOT_YET in read_of(dashboard.post(url, {**typed, "look": "1", "price_cents": "x"}))


def test_a_job_long_ahead_is_shown_where_cancelling_is_free_for_longer_than_a_week(
    dashboard: Client, sam: Tradie
) -> None:
    terms = {**TERMS, "free_cancellation_hours": "240", "look": "1"}
    assert f"Booked today for {the_day(sam, 11)}" in read_of(
        dashboard.post("/dashboard/services/usual-terms", terms)
    )
