"""Who finds no time waits for one by the page or the API, and takes what is offered by the link of the message."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Service, Tradie
from bookings.models import Booking, Status, Waiter
from bookings.terms import WHILE_ASKED
from bookings.tokens import token_of
from bookings.waitlist import KIND
from bookings.waitlist_links import url_of
from bookings.waitlist_offers import offer_freed_times
from local.testing.cast import JO, Api, booking_request, make_service, soon
from local.testing.sent import Sent, body, deliver_all
from local.testing.stripe_world import StripeWorld
from local.testing.waiting import cancel, day_of, ten, waits
from notifications.models import Message
from web.tests.page_forms import forms_of

PAT = {"name": "Pat O'Neil", "phone": "0412 345 679", "email": "pat@example.com"}


def text_of(answer: Any) -> str:
    return " ".join(unescape(answer.content.decode()).split())


def page_of(waiter: Waiter) -> str:
    return re.sub(r"^https?://[^/]+", "", url_of(waiter))


@pytest.fixture
def page(fully_booked: Booking) -> str:
    return f"/book/{fully_booked.tradie.slug}/wait?service={fully_booked.service_id}"


@pytest.fixture
def offered(fully_booked: Booking) -> Waiter:
    """Somebody who was offered the one time that Sam has, which is free of charge."""
    waiter = waits(fully_booked.service, day=day_of(fully_booked.tradie))
    cancel(fully_booked)
    assert offer_freed_times(now=ten(fully_booked.tradie)) == 1
    waiter.refresh_from_db()
    return waiter


def fill_in(client: Client, page: str, **changes: str) -> Any:
    return client.post(page, forms_of(client.get(page))[0].fields | PAT | {"shown": ""} | changes)


def test_a_name_a_number_and_a_day_are_enough(
    client: Client, fully_booked: Booking, page: str, sent: Sent
) -> None:
    day = day_of(fully_booked.tradie)
    done = fill_in(client, page, day=day.isoformat())
    waiter = Waiter.objects.get()
    assert (waiter.name, waiter.phone, waiter.day) == ("Pat O'Neil", "+61412345679", day)
    assert done["Location"] == page_of(waiter)
    shown = text_of(client.get(done["Location"]))
    assert "You’re on the waitlist" in shown
    assert "pat@example.com" in shown
    deliver_all(now=timezone.now())
    (mail,) = sent.mails
    assert mail["Subject"] == "You're on the waitlist of Sam's Plumbing"
    assert page_of(waiter) in body(mail, "plain")
    assert not sent.sms
    assert not client.cookies


def test_a_number_that_waits_already_opens_nothing_of_who_waits(client: Client, page: str) -> None:
    fill_in(client, page)
    answer = fill_in(client, page, name="Stranger", email="stranger@example.com")
    again = client.get(answer["Location"])
    assert "This number waits already" in text_of(again)
    assert "pat@example.com" not in text_of(again)
    assert "/waiting/" not in text_of(again)
    assert Waiter.objects.get().name == "Pat O'Neil"
    assert Message.objects.filter(kind=KIND).count() == 1


def english_in(answer: Any) -> list[str]:
    """What is said in English, but for names and numbers."""
    pieces = [
        " ".join(unescape(piece).split()) for piece in re.findall(r">([^<>]+)<", answer.content.decode())
    ]
    theirs = ("Sam's Plumbing", "Blocked drain", "Free quote", "pat@example.com", "PeepoPay", "12")
    for words in theirs:
        pieces = [piece.replace(words, "") for piece in pieces]
    return [piece for piece in pieces if re.search("[A-Za-z]{2}", piece)]


def test_who_comes_from_a_booking_page_in_chinese_waits_in_chinese(
    client: Client, fully_booked: Booking, page: str
) -> None:
    page += "&language=zh"
    shown = client.get(page)
    assert english_in(shown) == []
    assert '<html lang="zh-Hans">' in shown.content.decode()
    assert f"/book/{fully_booked.tradie.slug}?language=zh" in shown.content.decode()
    wrong = {"name": "", "phone": "12", "email": "x", "day": "2020-01-01"}
    for refused in (
        fill_in(client, page, **wrong),
        fill_in(client, page, day="2020-01-01"),
        fill_in(client, page, website="x"),
    ):
        assert (refused.status_code >= 400, english_in(refused)) == (True, [])
    done = fill_in(client, page)
    assert done["Location"] == page_of(Waiter.objects.get()) + "?language=zh"
    waits = client.get(done["Location"])
    assert english_in(waits) == []
    assert "您已在候补名单上" in text_of(waits)
    again = fill_in(client, page)
    assert english_in(client.get(again["Location"])) == []
    left = client.post(done["Location"], {"answer": "leave"})
    assert english_in(client.get(left["Location"])) == english_in(client.get(done["Location"])) == []


def test_what_only_programs_fill_in_is_kept_nowhere(client: Client, page: str) -> None:
    refused = fill_in(client, page, website="spam")
    assert (refused.status_code, "press the button again" in text_of(refused)) == (422, True)
    assert not Waiter.objects.exists()


def test_a_day_with_a_free_time_is_refused_with_a_sentence(
    client: Client, fully_booked: Booking, page: str
) -> None:
    cancel(fully_booked)
    refused = fill_in(client, page, day=day_of(fully_booked.tradie).isoformat())
    assert refused.status_code == 400
    assert "There is a free time that day" in text_of(refused)


def test_without_a_waitlist_the_page_leads_to_the_number(
    client: Client, fully_booked: Booking, page: str, api: Api
) -> None:
    assert (
        api.get(f"/api/tradies/{fully_booked.tradie.slug}")
        .json()["waitlist_url"]
        .endswith(page.partition("?")[0])
    )
    Tradie.objects.update(has_waitlist=False)
    assert client.get(page)["Location"] == f"/book/{fully_booked.tradie.slug}/call"
    sent = {**PAT, "tradie": fully_booked.tradie.slug, "service": str(fully_booked.service_id)}
    answer = api.post("/api/waitlist", sent)
    assert (answer.status_code, answer.json()["code"]) == (429, "CALL_INSTEAD")


def test_the_profile_says_nothing_of_a_list_that_is_off(sam: Tradie, drain: Service, api: Api) -> None:
    assert "waitlist_url" not in api.get(f"/api/tradies/{sam.slug}").json()


def test_the_api_does_the_same(fully_booked: Booking, api: Api) -> None:
    sent = {**PAT, "tradie": fully_booked.tradie.slug, "service": str(fully_booked.service_id)}
    first, again = (api.post("/api/waitlist", sent) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == {"business_name": "Sam's Plumbing", "url": url_of(Waiter.objects.get())}
    assert again.json()["url"] is None
    wrong = api.post("/api/waitlist", sent | {"day": "2020-01-01"})
    assert (wrong.status_code, list(wrong.json()["fields"])) == (400, ["day"])


def take(api: Api, waiter: Waiter) -> Any:
    """What the widget sends once the form is filled in."""
    assert waiter.offer
    return api.post(
        "/api/bookings",
        booking_request(waiter.service, waiter.offer.starts_at) | {"hold": token_of(waiter.offer)},
    )


def test_the_link_of_the_offer_takes_the_held_time_where_nothing_is_due(
    client: Client, api: Api, offered: Waiter
) -> None:
    shown = client.get(page_of(offered))
    assert "A time is free for you" in text_of(shown)
    assert f"token={token_of(offered.offer)}" in unescape(shown.content.decode())  # type: ignore[arg-type]
    answer = take(api, offered)
    assert (answer.status_code, answer.json()["booking"]["status"]) == (201, "confirmed")
    booking = Booking.objects.get(status=Status.CONFIRMED)
    assert (booking.pk, booking.address_line1, booking.held_until) == (offered.offer_id, JO.line1, None)
    assert Message.objects.filter(about=booking.pk, kind="booking_confirmed").exists()
    assert client.get(page_of(offered))["Location"] == f"/manage/{token_of(booking)}"
    offer_freed_times(now=ten(booking.tradie))
    assert not Waiter.objects.exists()
    assert client.get(page_of(offered)).status_code == 404


def test_where_the_business_approves_first_it_is_asked(client: Client, api: Api, offered: Waiter) -> None:
    Booking.objects.filter(pk=offered.offer_id).update(requires_approval=True)
    offered.offer.refresh_from_db()  # type: ignore[union-attr]
    page = text_of(client.get(page_of(offered)))
    answer = take(api, offered)
    assert (answer.status_code, answer.json()["booking"]["status"]) == (201, "requested")
    said = answer.json()["booking"]["policy_statement"]
    assert said[0] == WHILE_ASKED
    assert [sentence for sentence in said if sentence not in page] == []


def test_a_deposit_is_paid_on_the_held_row(
    api: Api,
    fully_booked: Booking,
    stripe_app: StripeWorld,
) -> None:
    service = make_service(fully_booked.tradie, name="Drain", duration_minutes=30)
    waiter = waits(service, day=day_of(fully_booked.tradie))
    cancel(fully_booked)
    assert offer_freed_times(now=ten(fully_booked.tradie)) == 1
    waiter.refresh_from_db()
    answer = take(api, waiter)
    assert answer.status_code == 201
    assert answer.json()["booking"]["id"] == str(waiter.offer_id)
    assert answer.json()["booking"]["status"] == "pending"
    assert answer.json()["payment"]["amount_cents"] == 3_000


def test_who_says_no_waits_on_and_the_time_is_free_at_once(client: Client, offered: Waiter) -> None:
    said = client.post(page_of(offered), {"answer": "no"})
    assert said["Location"] == page_of(offered)
    assert "somebody was quicker" in text_of(client.get(page_of(offered)))
    assert Booking.objects.get(pk=offered.offer_id).status == Status.EXPIRED
    second = waits(make_service(offered.tradie, duration_minutes=45), 7, day=day_of(offered.tradie, days=6))
    assert second
    assert offer_freed_times(now=ten(offered.tradie)) == 0  # they had that one


def test_who_leaves_is_forgotten_with_their_time(client: Client, offered: Waiter) -> None:
    page = page_of(offered)
    done = client.post(page, {"answer": "leave"})
    assert "You’ve left the list" in text_of(client.get(done["Location"]))
    assert not Waiter.objects.exists()
    assert Booking.objects.get(pk=offered.offer_id).status == Status.EXPIRED
    assert client.get(page).status_code == 404


def test_an_offer_that_is_over_is_told_as_it_is_and_not_sent(
    client: Client, offered: Waiter, sent: Sent
) -> None:
    Message.objects.filter(kind=KIND).delete()
    deliver_all(now=ten(offered.tradie) + timedelta(hours=2))
    assert not sent.mails
    Booking.objects.update(held_until=timezone.now())
    assert "A time is free for you" not in text_of(client.get(page_of(offered)))


def test_at_night_the_text_waits_and_the_mail_does_not(offered: Waiter, sent: Sent) -> None:
    Message.objects.filter(kind=KIND).delete()
    night = soon(offered.tradie, days=1, hour=23)
    Booking.objects.update(held_until=night + timedelta(hours=10))
    deliver_all(now=night)
    assert (len(sent.mails), len(sent.sms)) == (1, 0)
    deliver_all(now=soon(offered.tradie, days=2, hour=7))
    assert len(sent.sms) == 1
