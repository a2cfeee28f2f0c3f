"""The pages of webhooks: adding one, its secret once, what was sent, sending it again; for owners who gave their
password again where a secret is dealt with."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Tradie
from local.testing.cast import PASSWORD, gave_password_again, owner_of
from local.testing.pressing import ONE_PAGE
from local.testing.receiver import Receiver
from local.testing.working import work_on
from notifications.models import WebhookDelivery, WebhookEndpoint
from notifications.webhooks.endpoints import add_endpoint, secret_of, switch_off
from notifications.webhooks.event_types import registered
from notifications.webhooks.telling import MOST_TESTS_AN_HOUR, tell

URL = "https://hooks.example.com/joe"
SENT = {
    **ONE_PAGE,
    "url": URL,
    "description": "Job sheets",
    "event_types": ["booking.confirmed", "deposit.paid"],
}


@pytest.fixture
def dashboard(client: Client, sam: Tradie) -> Client:
    client.force_login(owner_of(sam))
    gave_password_again(client, owner_of(sam))
    return client


@pytest.fixture
def endpoint(sam: Tradie) -> WebhookEndpoint:
    return add_endpoint(sam, url=URL, event_types=["booking.confirmed"], now=timezone.now())


def page_of(endpoint: WebhookEndpoint) -> str:
    return f"/dashboard/connections/webhooks/{endpoint.pk}"


def text(response: Any) -> str:
    return response.content.decode()


def shown_secret(response: Any) -> str:
    found = re.search(r"whsec_[A-Za-z0-9+/=]+", text(response))
    return found.group() if found else ""


def happen(tradie: Tradie, kind: str = "booking.confirmed") -> WebhookDelivery:
    tell(tradie.pk, registered()[kind], tradie.pk, lambda: {"customer": "Jo <b>"}, now=timezone.now())
    return WebhookDelivery.objects.latest("created_at")


def test_without_any_it_says_what_one_needs(dashboard: Client) -> None:
    page = text(dashboard.get("/dashboard/connections"))
    assert "None yet. You need an address that takes them" in page


def test_adding_one_shows_its_secret_once(dashboard: Client, sam: Tradie) -> None:
    first = dashboard.post("/dashboard/connections/webhooks/new", SENT, follow=True)
    endpoint = WebhookEndpoint.objects.get()
    assert (endpoint.tradie, endpoint.url, endpoint.description) == (sam, URL, "Job sheets")
    assert endpoint.event_types == ["booking.confirmed", "deposit.paid"]
    assert shown_secret(first) == secret_of(endpoint)
    assert first["Cache-Control"].startswith("max-age=0, no-cache, no-store")
    assert shown_secret(dashboard.get(f"{page_of(endpoint)}/secret")) == ""
    assert not [key for key, value in dashboard.session.items() if "whsec" in str(value)]


def test_its_secret_survives_a_look_at_the_head_of_the_page(dashboard: Client) -> None:
    made = dashboard.post("/dashboard/connections/webhooks/new", SENT)
    dashboard.head(made["Location"])
    assert shown_secret(dashboard.get(made["Location"]))


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"url": "http://hooks.example.com"}, "begins with https://"),
        ({"url": "https://10.0.0.1/"}, "isn&#x27;t on the internet"),
        ({"url": ""}, "This field is required"),
        ({"event_types": []}, "This field is required"),
        ({"event_types": ["booking.nonsense"]}, "not one of the available choices"),
        ({"event_types": ["test"]}, "not one of the available choices"),
        ({"description": "x" * 81}, "at most 80 characters"),
    ],
)
def test_what_can_not_be_used_is_refused_with_a_sentence(
    dashboard: Client, changes: dict[str, Any], why: str
) -> None:
    assert why in text(dashboard.post("/dashboard/connections/webhooks/new", {**SENT, **changes}))
    assert not WebhookEndpoint.objects.exists()


def test_the_same_address_twice_is_refused(dashboard: Client, endpoint: WebhookEndpoint) -> None:
    answer = dashboard.post("/dashboard/connections/webhooks/new", SENT)
    assert "You are told at that address already." in text(answer)


def test_secrets_are_for_who_gave_the_password_again(
    dashboard: Client, sam: Tradie, endpoint: WebhookEndpoint
) -> None:
    owner, secret = owner_of(sam), secret_of(endpoint)
    gave_password_again(dashboard, owner, ago=timedelta(minutes=6))
    new = "/dashboard/connections/webhooks/new"
    for answer in (
        dashboard.get(new),
        dashboard.post(new, {**SENT, "url": f"{URL}/2"}),
        dashboard.get(f"{page_of(endpoint)}/change"),
        dashboard.post(f"{page_of(endpoint)}/change", {**SENT, "url": "https://thief.example.com/"}),
        dashboard.post(f"{page_of(endpoint)}/secret/change", {"instead_of": "1"}),
    ):
        assert answer["Location"].startswith("/accounts/reauthenticate/?next=%2Fdashboard%2Fconnections")
    endpoint.refresh_from_db()
    assert (WebhookEndpoint.objects.count(), endpoint.url, secret_of(endpoint)) == (1, URL, secret)

    # And then goes on with what they were doing.
    answer = dashboard.post(answer["Location"], {"password": PASSWORD}, follow=True)
    endpoint.refresh_from_db()
    assert endpoint.secret_number == 2
    assert shown_secret(answer) == secret_of(endpoint)


def test_a_new_secret_is_made_once_and_the_one_before_holds_for_a_day(
    dashboard: Client, endpoint: WebhookEndpoint
) -> None:
    before = secret_of(endpoint)
    page = dashboard.get(f"{page_of(endpoint)}/secret")
    assert "Make a new secret" in text(page)
    for _ in range(2):
        answer = dashboard.post(f"{page_of(endpoint)}/secret/change", {"instead_of": "1"})
    shown = dashboard.get(answer["Location"])
    endpoint.refresh_from_db()
    assert endpoint.secret_number == 2
    assert shown_secret(shown) == secret_of(endpoint) != before
    assert "The one before also works until" in text(shown)


def test_it_is_changed(dashboard: Client, endpoint: WebhookEndpoint) -> None:
    answer = dashboard.post(f"{page_of(endpoint)}/change", {**SENT, "url": f"{URL}/2"}, follow=True)
    endpoint.refresh_from_db()
    assert (endpoint.url, endpoint.event_types) == (f"{URL}/2", ["booking.confirmed", "deposit.paid"])
    assert "Saved." in text(answer)


def test_a_test_event_shows_what_came_back(dashboard: Client, sam: Tradie, receiver: Receiver) -> None:
    endpoint = add_endpoint(sam, url=receiver.url, event_types=["booking.confirmed"], now=timezone.now())
    answer = dashboard.post(f"{page_of(endpoint)}/test")
    delivery = WebhookDelivery.objects.get()
    assert answer["Location"] == f"/dashboard/connections/deliveries/{delivery.pk}"
    again = dashboard.post(f"{page_of(endpoint)}/test", follow=True)
    assert "on its way already" in text(again)
    work_on(delivery)
    page = text(dashboard.get(answer["Location"]))
    assert "delivery--delivered" in page
    assert ">200<" in page
    assert "Thanks." in page
    assert "&quot;type&quot;: &quot;test&quot;" in page


def test_test_events_have_an_end(dashboard: Client, endpoint: WebhookEndpoint) -> None:
    for _ in range(MOST_TESTS_AN_HOUR):
        dashboard.post(f"{page_of(endpoint)}/test")
        WebhookDelivery.objects.update(done_at=timezone.now())
    refused = dashboard.post(f"{page_of(endpoint)}/test", follow=True)
    assert "a lot of tries" in text(refused)
    assert WebhookDelivery.objects.count() == MOST_TESTS_AN_HOUR


def test_an_event_is_shown_escaped_and_can_be_sent_again_once_it_is_over(
    dashboard: Client, sam: Tradie, endpoint: WebhookEndpoint
) -> None:
    delivery = happen(sam)
    address = f"/dashboard/connections/deliveries/{delivery.pk}"
    page = text(dashboard.get(address))
    assert "Jo &lt;b&gt;" in page
    assert "Send again" not in page
    assert "on its way already" in text(dashboard.post(f"{address}/again", follow=True))
    WebhookDelivery.objects.update(done_at=timezone.now(), problem="It answered 500.")
    assert "Send again" in text(dashboard.get(address))
    assert "on its way again" in text(dashboard.post(f"{address}/again", follow=True))
    assert WebhookDelivery.objects.count() == 2


def test_one_that_is_off_says_why_and_is_switched_on(
    dashboard: Client, sam: Tradie, endpoint: WebhookEndpoint
) -> None:
    delivery = happen(sam)
    switch_off(endpoint, because="It answered 410: it is gone.", now=timezone.now())
    assert "It answered 410: it is gone." in text(dashboard.get(page_of(endpoint)))
    refused = dashboard.post(f"/dashboard/connections/deliveries/{delivery.pk}/again", follow=True)
    assert "Switch it on first" in text(refused)
    dashboard.post(f"{page_of(endpoint)}/on")
    endpoint.refresh_from_db()
    assert endpoint.switched_off_at is None


def test_removing_it_takes_its_log_along(dashboard: Client, sam: Tradie, endpoint: WebhookEndpoint) -> None:
    happen(sam)
    dashboard.post(f"{page_of(endpoint)}/remove")
    assert not WebhookEndpoint.objects.exists()
    assert not WebhookDelivery.objects.exists()


def test_the_pages_take_as_many_queries_for_three_as_for_one(
    dashboard: Client, sam: Tradie, endpoint: WebhookEndpoint, django_assert_num_queries: Any
) -> None:
    happen(sam)
    for number in range(3):
        with django_assert_num_queries(4):  # user, businesses, endpoints, API keys
            dashboard.get("/dashboard/connections")
        with django_assert_num_queries(4):  # user, businesses, the endpoint, its deliveries with their events
            dashboard.get(page_of(endpoint))
        url = f"{URL}/{number}"
        add_endpoint(sam, url=url, event_types=["booking.confirmed"], now=timezone.now())
        happen(sam)
