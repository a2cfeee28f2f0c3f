"""The page of a quote, as whoever has its link sees it and presses its buttons."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Service, Tradie
from bookings.models import Booking, Status
from bookings.tokens import token_of as token_of_booking
from invoicing import quotes
from invoicing.quote_models import Quote, QuoteStatus
from invoicing.quote_tokens import token_of
from local.testing.cast import make_booking, soon
from local.testing.quoting import NO_DEPOSIT, reread, sent_quote, writing
from payments.models import Payment
from peepopay.local_time import iso
from web.tests.page_forms import forms_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def offer(sam: Tradie, drain: Service, stripe_app: Any) -> Quote:
    return sent_quote(drain)


def url_of(quote: Quote, more: str = "") -> str:
    return f"/quote/{token_of(quote)}{more}"


def text_of(page: Any) -> str:
    return re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", page.content.decode()))


def at(quote: Quote, hour: int = 9) -> datetime:
    return soon(quote.tradie, days=3, hour=hour)


def ask(client: Client, quote: Quote, starts: datetime) -> Any:
    return client.get(url_of(quote, "/time"), {"start": iso(starts, quote.tradie.timezone)})


def press(client: Client, page: Any, **changes: str) -> Any:
    (form,) = forms_of(page)
    return client.post(form.action, form.presses()[0] | changes)


def test_it_says_what_it_comes_to_and_on_which_terms(client: Client, offer: Quote) -> None:
    said = text_of(client.get(url_of(offer)))
    for words in (
        "New hot water system",
        "We take the old one away.",
        "Hot water system $1,500",
        "2.5 × $120",
        "includes $163.64 GST $1,800",
        "Deposit when you accept $100",
        "After the job $1,700",
        "1 George Street, Newtown NSW 2042",
        "Free until 2 hours before the start; after that all of the deposit is kept.",
    ):
        assert words in said
    assert "Accept and choose a time" in said


def test_looking_changes_nothing(client: Client, offer: Quote) -> None:
    for more in ("", "/time", "/decline"):
        assert client.get(url_of(offer, more)).status_code == 200
    assert ask(client, offer, at(offer)).status_code == 200
    assert not Booking.objects.exists()
    assert reread(offer).status == QuoteStatus.SENT


def test_by_links_and_one_button_to_the_card(client: Client, offer: Quote) -> None:
    """As without JavaScript: only what the pages link to is followed."""
    page = client.get(url_of(offer))
    for step in (r"/quote/[^/]+/time", r"[^\"]*\?day=[^\"]+", r"[^\"]*\?start=[^\"]+"):
        link = re.findall(rf'href="({step})"', page.content.decode())[-1]
        page = client.get(link.replace("&amp;", "&"))
        assert page.status_code == 200, link
    said = text_of(page)
    assert "Free to cancel until" in said
    assert "$100 now by card, $1,700 after the job" in said
    answer = press(client, page)
    held = Booking.objects.get()
    assert held.status == Status.PENDING
    assert answer["Location"].startswith(f"/book/{offer.tradie.slug}?")
    assert answer["Location"].endswith(f"token={token_of_booking(held)}")
    assert Payment.objects.get().amount_cents == 10_000


def test_while_it_is_being_paid_the_page_leads_on_or_to_another_time(client: Client, offer: Quote) -> None:
    press(client, ask(client, offer, at(offer)))
    said = text_of(client.get(url_of(offer)))
    assert "is held for you until" in said
    assert "Pay $100" in said
    answer = press(client, ask(client, offer, at(offer, 12)))
    assert answer["Location"].startswith("/book/")
    assert Booking.objects.get().starts_at == at(offer, 12)


def test_without_a_deposit_it_ends_at_the_booking(client: Client, drain: Service) -> None:
    offer = sent_quote(drain, deposit=NO_DEPOSIT)
    page = ask(client, offer, at(offer))
    assert "Nothing to pay now, $1,800 after the job" in text_of(page)
    answer = press(client, page)
    job = Booking.objects.get()
    assert answer["Location"] == f"/manage/{token_of_booking(job)}"
    shown = text_of(client.get(answer["Location"]))
    assert "Fitting, hours (2.5 × $120) $300" in shown
    assert "Did you make this booking?" not in shown
    again = client.get(url_of(offer))
    assert "You accepted this quote" in text_of(again)
    assert client.get(url_of(offer, "/time"))["Location"] == url_of(offer)


def test_a_press_on_a_page_that_is_out_of_date_is_told_so(
    client: Client, sam: Tradie, drain: Service, offer: Quote
) -> None:
    page = ask(client, offer, at(offer))
    quotes.send(sam, writing(drain, title="Dearer"), now=timezone.now(), quote=offer)
    answer = press(client, page)
    assert answer.status_code == 409
    assert "changed after you opened the page" in text_of(answer)
    quotes.withdraw(offer, now=timezone.now())
    answer = press(client, page)
    assert answer.status_code == 409
    assert not Booking.objects.exists()


def test_a_time_that_was_taken_meanwhile_is_answered_with_the_nearest(
    client: Client, drain: Service, offer: Quote
) -> None:
    page = ask(client, offer, at(offer))
    make_booking(drain, at(offer))
    answer = press(client, page)
    assert answer.status_code == 409
    assert "The nearest free times:" in text_of(answer)
    assert answer.content.decode().count("?start=") >= 3


@pytest.mark.parametrize("start", ["", "yesterday", "2027-01-14T09:00", "2027-01-14T09:00:00+99:00"])
def test_an_odd_time_shows_the_list_again(client: Client, offer: Quote, start: str) -> None:
    assert client.get(url_of(offer, "/time"), {"start": start}).status_code == 400
    assert client.post(url_of(offer, "/time"), {"version": "1", "start": start}).status_code == 400


@pytest.mark.parametrize(
    ("end", "words"),
    [("lapsed", "has lapsed"), ("withdrawn", "has withdrawn this quote"), ("declined", "You declined")],
)
def test_what_is_over_says_so_and_whom_to_call(client: Client, offer: Quote, end: str, words: str) -> None:
    match end:
        case "lapsed":
            Quote.objects.filter(pk=offer.pk).update(valid_until=timezone.now() - timedelta(minutes=1))
        case "withdrawn":
            quotes.withdraw(offer, now=timezone.now())
        case "declined":
            quotes.decline(offer, version=1, reason="", now=timezone.now())
    said = text_of(client.get(url_of(offer)))
    assert words in said
    assert "(02) 9550 1234" in said
    assert "Accept and choose a time" not in said
    assert client.get(url_of(offer, "/time"))["Location"] == url_of(offer)
    assert client.get(url_of(offer, "/decline"))["Location"] == url_of(offer)


def test_declining_tells_why(client: Client, offer: Quote) -> None:
    press(client, client.get(url_of(offer, "/decline")), reason="Too dear for us.")
    offer = reread(offer)
    assert (offer.status, offer.decline_reason) == (QuoteStatus.DECLINED, "Too dear for us.")


def test_declining_while_paying_lets_go_of_the_time(client: Client, offer: Quote) -> None:
    press(client, ask(client, offer, at(offer)))
    press(client, client.get(url_of(offer, "/decline")))
    assert Booking.objects.get().status == Status.EXPIRED
    assert reread(offer).status == QuoteStatus.DECLINED


def test_a_replaced_link_says_where_the_new_one_is(client: Client, offer: Quote) -> None:
    old = url_of(offer)
    quotes.renew_link(offer, now=timezone.now())
    page = client.get(old)
    assert page.status_code == 410
    assert "A newer link" in text_of(page)
    assert client.get("/quote/nobodys").status_code == 404


def test_the_widget_is_told_where_the_quote_is(api: Any, client: Client, offer: Quote) -> None:
    """So that nobody who pays for a quoted job ends at the public price of a service."""
    press(client, ask(client, offer, at(offer)))
    held = Booking.objects.get()
    record = api.get(f"/api/bookings/{held.pk}", token_of_booking(held)).json()
    assert record["quote_url"].endswith(url_of(offer))
    assert record["service"]["name"] == "New hot water system"
