"""A phone that keeps today's jobs: only where somebody turned it on, for that person, until they sign out."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.browser_models import SignedInBrowser
from accounts.models import Membership, Service, Tradie, User
from bookings.news import readers
from local.testing.cast import make_booking, owner_of
from local.testing.phone import VAPID_KEY, Phone
from local.testing.phone import turn_on as turn_on_phone
from local.testing.receiver import Receiver
from notifications.channels.push import public_key
from notifications.models import News, NewsChoice
from notifications.push_models import PushSubscription

VAN, NEWS = "/dashboard/you/in-the-van", "/dashboard/you/messages"
TELL = f"{VAN}/phone"
FORGETS = '"storage"'
KEEPS = re.compile(r'id="as-of"|rel="manifest"|js/van')


@pytest.fixture
def dashboard(client: Client, sam: Tradie) -> Client:
    client.force_login(owner_of(sam))
    return client


def turn_on(client: Client) -> Any:
    return client.post("/dashboard/you/in-the-van/switch", {"keep": "1"})


def keeps(client: Client, page: str = "/dashboard/") -> int:
    return len(KEEPS.findall(client.get(page).content.decode()))


def test_until_it_is_turned_on_pages_have_nothing_of_it(dashboard: Client, drain: Service) -> None:
    job = f"/dashboard/bookings/{make_booking(drain).pk}"
    assert (keeps(dashboard), keeps(dashboard, job)) == (0, 0)
    assert turn_on(dashboard)["Location"] == "/dashboard/"
    assert (keeps(dashboard), keeps(dashboard, job)) == (3, 3)
    assert "Keep nothing any more" in dashboard.get("/dashboard/you/in-the-van").content.decode()


def test_the_page_says_from_when_it_is_once_the_worker_shows_it(dashboard: Client) -> None:
    turn_on(dashboard)
    [said] = re.findall(r'<p id="as-of" hidden [^>]*>([^<]+)', dashboard.get("/dashboard/").content.decode())
    assert re.fullmatch(r"As of \d+:\d\d [ap]m, \w+ \d+ \w+( \d{4})?: no reception\.", said)


def test_turned_off_the_phone_forgets_all(dashboard: Client) -> None:
    turn_on(dashboard)
    answer = dashboard.post("/dashboard/you/in-the-van/switch", {"keep": "0"})
    assert answer["Clear-Site-Data"] == FORGETS
    assert keeps(dashboard) == 0


def test_signed_out_it_forgets_and_goes_on_when_they_are_back(dashboard: Client, sam: Tradie) -> None:
    turn_on(dashboard)
    assert "Clear-Site-Data" not in dashboard.get("/dashboard/")
    assert dashboard.post("/accounts/logout/")["Clear-Site-Data"] == FORGETS
    dashboard.force_login(owner_of(sam))
    assert "Clear-Site-Data" not in dashboard.get("/dashboard/")
    assert keeps(dashboard) == 3


def test_somebody_else_who_signs_in_finds_nothing_and_leaves_nothing(dashboard: Client, lee: User) -> None:
    turn_on(dashboard)
    dashboard.force_login(lee)
    first = dashboard.get("/dashboard/")
    assert first["Clear-Site-Data"] == FORGETS
    assert not KEEPS.search(first.content.decode())
    assert not dashboard.cookies["van"].value


def test_who_never_turned_it_on_is_told_to_forget_nothing(dashboard: Client) -> None:
    assert "Clear-Site-Data" not in dashboard.post("/accounts/logout/")


def test_the_worker_looks_after_the_dashboard_alone_and_is_asked_for_again(client: Client) -> None:
    answer = client.get("/dashboard/worker.js")
    assert (answer.status_code, answer["Content-Type"], answer["Cache-Control"]) == (
        200,
        "text/javascript; charset=utf-8",
        "no-cache",
    )
    assert "Service-Worker-Allowed" not in answer  # its folder is its scope
    assert not answer.cookies


def test_a_phone_can_install_it(client: Client) -> None:
    answer = client.get("/dashboard/app.webmanifest")
    said = answer.json()
    assert answer["Content-Type"] == "application/manifest+json"
    assert (said["start_url"], said["display"]) == ("/dashboard/", "standalone")
    assert {(icon["sizes"], icon["purpose"]) for icon in said["icons"]} == {
        ("192x192", "any"),
        ("512x512", "any"),
        ("512x512", "maskable"),
    }


def test_without_a_key_nothing_is_offered_on_a_phone(dashboard: Client, settings: Any) -> None:
    settings.VAPID_PRIVATE_KEY = ""
    turn_on(dashboard)
    assert "Tell me on this phone" not in dashboard.get(VAN).content.decode()
    page = dashboard.post(TELL, {}, follow=True).content.decode()
    assert "Phones can&#x27;t be told just now." in page


def test_a_press_has_this_phone_told_until_another_press(
    dashboard: Client, settings: Any, receiver: Receiver
) -> None:
    settings.VAPID_PRIVATE_KEY = VAPID_KEY
    assert "js/phone" not in dashboard.get(VAN).content.decode()
    turn_on(dashboard)
    page = dashboard.get(VAN).content.decode()
    assert f'data-key="{public_key()}"' in page
    assert "js/phone" in page
    given = Phone(receiver).given
    assert "sign out and in again" in dashboard.post(TELL, given, follow=True).content.decode()
    key = dashboard.session.session_key
    SignedInBrowser.objects.create(session_key=key, user=User.objects.get(), signed_in_at=timezone.now())
    page = dashboard.post(TELL, given, follow=True).content.decode()
    assert "This phone is told from now on." in page
    assert "Tell nothing here any more" in page
    assert PushSubscription.objects.count() == 1
    page = dashboard.post(f"{TELL}/off", follow=True).content.decode()
    assert "Tell me on this phone" in page
    assert not PushSubscription.objects.exists()


def test_of_what_the_phone_is_told_is_chosen_beside_the_others(
    dashboard: Client, sam: Tradie, settings: Any, receiver: Receiver, drain: Service
) -> None:
    settings.VAPID_PRIVATE_KEY = VAPID_KEY
    page = dashboard.get(NEWS).content.decode()
    assert "push_booked" not in page
    assert "On your phone’s screen too?" in page
    owner = Membership.objects.select_related("tradie", "user").get()
    turn_on_phone(Phone(receiver), owner, str(dashboard.session.session_key))
    page = dashboard.get(NEWS).content.decode()
    assert len(re.findall(r'name="push_\w+"[^>]* checked', page)) == 5
    dashboard.post(NEWS, {"push_moved": "on", "mobile": ""})
    assert NewsChoice.objects.get().by_push == ["moved"]
    booking = make_booking(drain)
    told = {news: [one for one in readers(booking, news) if one.channel == "push"] for news in News}
    assert {news: len(phones) for news, phones in told.items() if phones} == {News.MOVED: 1}


def test_without_what_a_browser_gives_the_page_says_so(dashboard: Client, settings: Any) -> None:
    settings.VAPID_PRIVATE_KEY = VAPID_KEY
    for given in ({}, {"endpoint": "https://push.example.com/1", "p256dh": "x", "auth": "x"}):
        page = dashboard.post(TELL, given, follow=True).content.decode()
        assert "Your browser gave us nothing that we could reach it by." in page
