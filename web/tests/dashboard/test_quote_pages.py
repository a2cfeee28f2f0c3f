"""The quotes of a business: its list, one of them, the form, and the buttons."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Service, Tradie
from invoicing import quotes
from invoicing.quote_models import Quote, QuoteStatus
from local.testing.cast import make_booking, owner_of
from local.testing.quoting import reread, sent_quote, writing
from notifications.models import Message
from web.tests.page_forms import forms_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(client: Client, sam: Tradie) -> Client:
    client.force_login(owner_of(sam))
    return client


def text_of(page: Any) -> str:
    return re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", page.content.decode()))


def filled_in(client: Client, service: Service, url: str = "/dashboard/quotes/new") -> dict[str, str]:
    """What the page sends once somebody has typed a quote for Jo; with the button that is pressed."""
    form = forms_of(client.get(url))[-1]
    return form.fields | {
        "customer_name": "Jo Citizen",
        "customer_phone": "0412 345 678",
        "customer_email": "Jo@Example.com",
        "address_line1": "1 George Street",
        "address_suburb": "Newtown",
        "address_postcode": "2042",
        "service": str(service.pk),
        "title": "New hot water system",
        "line-0-description": "All of it",
        "line-0-quantity": "1",
        "line-0-unit_price_cents": "1,800",
    }


def only_quote() -> Quote:
    return reread(Quote.objects.get())


def test_an_empty_list_teaches_what_a_quote_is(office: Client, sam: Tradie) -> None:
    said = text_of(office.get("/dashboard/quotes"))
    assert "Send your first quote" in said
    assert "First add a service" in said
    assert "First add a service" in text_of(office.get("/dashboard/quotes/new"))


def test_a_quote_is_saved_as_a_draft_and_sent_from_its_page(office: Client, drain: Service) -> None:
    answer = office.post("/dashboard/quotes/new", filled_in(office, drain) | {"save": "1"})
    draft = only_quote() if Quote.objects.filter(current=None).exists() else None
    assert draft is not None
    assert answer["Location"] == f"/dashboard/quotes/{draft.pk}"
    assert (draft.status, draft.customer_email) == (QuoteStatus.DRAFT, "jo@example.com")
    page = office.get(answer["Location"])
    assert "Nobody has seen this yet." in text_of(page)
    assert "Deposit $180 (10%)" in text_of(page)
    office.post(f"/dashboard/quotes/{draft.pk}/send")
    assert only_quote().status == QuoteStatus.SENT
    assert Message.objects.filter(kind="quote_sent").count() == 2


def test_a_quote_is_sent_from_the_form(office: Client, drain: Service) -> None:
    page = office.post("/dashboard/quotes/new", filled_in(office, drain) | {"send": "1"}, follow=True)
    assert "The quote is on its way to Jo Citizen." in text_of(page)
    sent = only_quote()
    assert sent.current is not None
    assert (sent.current.price_cents, sent.current.deposit_cents) == (180_000, 18_000)
    assert sent.current.duration_minutes == drain.duration_minutes  # nothing was typed


def test_lines_are_added_and_removed_without_losing_what_was_typed(office: Client, drain: Service) -> None:
    page = office.post("/dashboard/quotes/new", filled_in(office, drain) | {"add_line": "1"})
    assert page.status_code == 200
    form = forms_of(page)[-1]
    assert (form.fields["title"], form.fields["line-TOTAL_FORMS"]) == ("New hot water system", "2")
    page = office.post("/dashboard/quotes/new", form.fields | {"remove_line": "line-0"})
    assert forms_of(page)[-1].fields["line-TOTAL_FORMS"] == "1"
    assert not Quote.objects.exists()


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"customer_phone": "12"}, "Write a phone number such as 0412 345 678."),
        ({"address_postcode": "12"}, "A postcode has four digits."),
        ({"line-0-unit_price_cents": "0"}, "The lines must come to more than $0."),
        ({"deposit_kind": "fixed", "deposit_fixed_cents": "1801"}, "at most the price"),
        ({"deposit_kind": "fixed", "deposit_fixed_cents": "0"}, "at least $0.50"),
        ({"last_day": "2020-01-01"}, "Choose a day from today on, within a year."),
        ({"duration_minutes": "721"}, "720"),
        ({"title": ""}, "This field is required."),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_lost(
    office: Client, drain: Service, typed: dict[str, str], said: str
) -> None:
    page = office.post("/dashboard/quotes/new", filled_in(office, drain) | typed | {"send": "1"})
    assert page.status_code == 400
    assert said in text_of(page)
    assert "1 George Street" in page.content.decode()
    assert not Quote.objects.exists()


def test_half_a_page_changes_nothing(office: Client, drain: Service) -> None:
    sent = filled_in(office, drain) | {"send": "1"}
    del sent["customer_email"]
    assert office.post("/dashboard/quotes/new", sent).status_code == 400
    assert not Quote.objects.exists()


def test_terms_that_do_not_suit_the_deposit_are_said_at_the_kind_of_job(
    office: Client, drain: Service
) -> None:
    Service.objects.filter(pk=drain.pk).update(late_fee_cents=3_000)
    typed = {"deposit_kind": "fixed", "deposit_fixed_cents": "10", "send": "1"}
    page = office.post("/dashboard/quotes/new", filled_in(office, drain) | typed)
    assert "The cancellation terms of Blocked drain don&#x27;t suit this deposit." in page.content.decode()


def test_somebody_known_is_found_and_filled_in(office: Client, drain: Service) -> None:
    booking = make_booking(drain)
    page = office.get("/dashboard/quotes/new", {"q": "jo cit"})
    assert f"?from={booking.pk}" in page.content.decode()
    form = forms_of(office.get("/dashboard/quotes/new", {"from": str(booking.pk)}))[-1]
    assert (form.fields["customer_name"], form.fields["customer_phone"]) == ("Jo Citizen", "0412 345 678")
    assert "Nobody you have had a booking from" in text_of(office.get("/dashboard/quotes/new", {"q": "zz"}))
    assert office.get("/dashboard/quotes/new", {"from": "nobody"}).status_code == 200


def test_another_business_finds_nothing_of_it(client: Client, drain: Service, alex: Tradie) -> None:
    booking = make_booking(drain)
    client.force_login(owner_of(alex))
    page = client.get("/dashboard/quotes/new", {"q": "jo", "from": str(booking.pk)})
    assert "Jo Citizen" not in page.content.decode()


def test_a_change_is_sent_as_a_new_version_and_enter_sends_nothing(office: Client, drain: Service) -> None:
    offer = sent_quote(drain)
    url = f"/dashboard/quotes/{offer.pk}/change"
    form = forms_of(office.get(url))[-1]
    assert form.fields["line-1-quantity"] == "2.5"
    assert "send" not in form.buttons[0]
    typed = form.fields | {"title": "Dearer"}
    assert office.post(url, typed | form.buttons[0]).status_code == 200
    assert only_quote().current.number == 1  # type: ignore[union-attr]
    office.post(url, typed | {"send": "1"})
    assert only_quote().current.number == 2  # type: ignore[union-attr]


def test_the_list_is_by_state_and_bounded_whatever_there_is(
    office: Client, drain: Service, settings: Any, django_assert_num_queries: Any
) -> None:
    settings.RATE_LIMITS = False
    offer = sent_quote(drain)
    quotes.save_draft(drain.tradie, writing(drain, title="Gas heater"), now=timezone.now())
    assert "Gas heater" in text_of(office.get("/dashboard/quotes", {"show": "draft"}))
    assert "Gas heater" not in text_of(office.get("/dashboard/quotes", {"show": "sent"}))
    assert offer.customer_name in text_of(office.get("/dashboard/quotes", {"q": offer.reference[:4]}))
    assert "No quote matches" in text_of(office.get("/dashboard/quotes", {"q": "nobody"}))
    for show in ("accepted", "lapsed", "declined", "withdrawn", "odd"):
        assert office.get("/dashboard/quotes", {"show": show}).status_code == 200
    office.get("/dashboard/quotes")
    with django_assert_num_queries(4):  # user, their businesses, quotes, versions
        office.get("/dashboard/quotes")
    for _ in range(3):
        sent_quote(drain)
    with django_assert_num_queries(4):
        office.get("/dashboard/quotes")


def test_withdrawing_reminding_and_a_new_link(office: Client, drain: Service) -> None:
    offer = sent_quote(drain)
    page = office.post(f"/dashboard/quotes/{offer.pk}/send", follow=True)
    assert "The quote is on its way to Jo Citizen." in text_of(page)
    assert text_of(page).count("Email to the customer waiting") == 2  # the reminder is yet to come
    page = office.post(f"/dashboard/quotes/{offer.pk}/link", follow=True)
    assert "A new link is on its way to Jo Citizen." in text_of(page)
    page = office.post(f"/dashboard/quotes/{offer.pk}/withdraw", follow=True)
    assert "The quote is withdrawn." in text_of(page)
    assert "Withdrawn" in text_of(page)
    page = office.post(f"/dashboard/quotes/{offer.pk}/withdraw", follow=True)
    assert "can&#x27;t be withdrawn" in page.content.decode()


def test_a_declined_quote_shows_why(office: Client, drain: Service) -> None:
    offer = sent_quote(drain)
    quotes.decline(offer, version=1, reason="Too dear for us.", now=timezone.now())
    assert "Too dear for us." in text_of(office.get(f"/dashboard/quotes/{offer.pk}"))


def test_the_page_of_a_booking_leads_to_its_quote_and_shows_the_lines(office: Client, drain: Service) -> None:
    offer = sent_quote(drain)
    assert offer.current is not None
    lines = offer.current.terms.columns()["quote_lines"]
    booking = make_booking(drain, quote_id=offer.pk, quote_lines=lines)
    page = office.get(f"/dashboard/bookings/{booking.pk}")
    assert "Hot water system $1,500" in text_of(page)
    assert f"/dashboard/quotes/{offer.pk}" in page.content.decode()
    said = text_of(office.get(f"/dashboard/quotes/{offer.pk}"))
    assert "Accepted: the job is booked for" in said
    assert "Withdraw it" not in said


def test_the_business_never_gets_the_customers_link(office: Client, drain: Service) -> None:
    offer = sent_quote(drain)
    assert "/quote/" not in office.get(f"/dashboard/quotes/{offer.pk}").content.decode()
