"""The pages of API keys: making one with its scopes, the key once, revoking it; for owners who gave their password
again."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.api_keys import MOST_KEYS, make_key, secret_of
from accounts.key_models import ApiKey
from accounts.models import Tradie
from local.testing.cast import gave_password_again, owner_of
from local.testing.pressing import ONE_PAGE, another_page

NEW = "/dashboard/connections/keys/new"
SENT: dict[str, Any] = {
    **ONE_PAGE,
    "name": "Job sheets",
    "scopes": ["bookings:read", "profile:read"],
    "lasts": "30",
}


@pytest.fixture
def dashboard(client: Client, sam: Tradie) -> Client:
    client.force_login(owner_of(sam))
    gave_password_again(client, owner_of(sam))
    return client


def text(response: Any) -> str:
    return response.content.decode()


def shown_key(response: Any) -> str:
    found = re.search(r'value="(ppk_[^"]+)"', text(response))
    return found[1] if found else ""


def test_without_any_it_says_what_one_is_for(dashboard: Client) -> None:
    page = text(dashboard.get("/dashboard/connections"))
    assert "None yet. You need one if your job or accounting software asks for an API key" in page


def test_making_one_shows_it_once(dashboard: Client, sam: Tradie) -> None:
    before = timezone.now()
    first = dashboard.post(NEW, SENT, follow=True)
    key = ApiKey.objects.get()
    assert (key.member, key.name, key.scopes) == (sam.memberships.get(), "Job sheets", SENT["scopes"])
    assert key.expires_at
    assert timedelta(days=30) <= key.expires_at - before < timedelta(days=30, minutes=1)
    assert shown_key(first) == secret_of(key)
    assert "no-store" in first["Cache-Control"]
    again = dashboard.get(f"/dashboard/connections/keys/{key.pk}")
    assert shown_key(again) == ""
    assert "Never used." in text(again)
    assert not [value for value in dashboard.session.values() if "ppk_" in str(value)]
    assert "Job sheets" in text(dashboard.get("/dashboard/connections"))


def test_whoever_fills_in_two_forms_gets_one_key_and_still_sees_it(dashboard: Client) -> None:
    dashboard.post(NEW, SENT)
    again = dashboard.post(NEW, SENT | another_page() | {"name": "JOB SHEETS"})
    assert "There is a key of that name." in text(again)
    key = ApiKey.objects.get()
    assert shown_key(dashboard.get(f"/dashboard/connections/keys/{key.pk}")) == secret_of(key)
    dashboard.post(f"/dashboard/connections/keys/{key.pk}/revoke")
    assert dashboard.post(NEW, SENT | another_page()).status_code == 302  # its name is free again


def test_it_asks_for_the_password_first(dashboard: Client, sam: Tradie) -> None:
    gave_password_again(dashboard, owner_of(sam), ago=timedelta(minutes=6))
    assert "/accounts/reauthenticate/" in dashboard.post(NEW, SENT)["Location"]
    assert not ApiKey.objects.exists()


@pytest.mark.parametrize("changes", [{"name": ""}, {"scopes": []}, {"scopes": ["all"]}, {"lasts": "forever"}])
def test_what_makes_no_key_is_shown_again(changes: dict[str, Any], dashboard: Client) -> None:
    assert dashboard.post(NEW, {**SENT, **changes}).status_code in (200, 400)
    assert not ApiKey.objects.exists()


def test_one_too_many_is_refused_with_a_sentence(dashboard: Client, sam: Tradie) -> None:
    for number in range(MOST_KEYS):
        make_key(sam.memberships.get(), name=f"x{number}", scopes=["profile:read"], now=timezone.now())
    assert "20 keys are the most" in text(dashboard.post(NEW, SENT))


def test_revoking_is_a_button_and_the_key_is_gone(dashboard: Client, sam: Tradie) -> None:
    key = make_key(sam.memberships.get(), name="Job sheets", scopes=["profile:read"], now=timezone.now())
    page = f"/dashboard/connections/keys/{key.pk}"
    assert f'action="{page}/revoke"' in text(dashboard.get(page))
    answer = dashboard.post(f"{page}/revoke", follow=True)
    assert "Revoked. “Job sheets” opens nothing any more." in text(answer)
    key.refresh_from_db()
    assert key.revoked_at
    assert dashboard.get(page).status_code == 404
    assert "Never used" not in text(dashboard.get("/dashboard/connections"))


def test_the_list_costs_the_same_however_many(
    dashboard: Client, sam: Tradie, django_assert_max_num_queries: Any
) -> None:
    counts = []
    for number in range(2):
        make_key(sam.memberships.get(), name=f"x{number}", scopes=["profile:read"], now=timezone.now())
        with django_assert_max_num_queries(8) as counted:
            dashboard.get("/dashboard/connections")
        counts.append(len(counted))
    assert counts[0] == counts[1]


def test_what_has_expired_says_since_when(dashboard: Client, sam: Tradie) -> None:
    key = make_key(sam.memberships.get(), name="Old", scopes=["profile:read"], now=timezone.now())
    ApiKey.objects.update(expires_at="2026-01-14T12:00:00+11:00")
    assert "Expired Wednesday 14 January 2026" in text(dashboard.get("/dashboard/connections"))
    page = text(dashboard.get(f"/dashboard/connections/keys/{key.pk}"))
    assert "It has worked until Wednesday 14 January 2026, and opens nothing any more." in page
