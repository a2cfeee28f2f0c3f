"""What the operator sees of who changed a business's settings, and what is written down of their own changes."""

from __future__ import annotations

import html
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.audit_models import AuditEntry
from accounts.models import Service, Tradie, User
from availability import catalogue
from local.testing.cast import make_operator, make_service, sign_in_operator
from peepopay import acting
from web.tests.admin.test_admin import typed_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator(client: Client) -> Client:
    return sign_in_operator(client, make_operator(name="Robin"))


def shown(operator: Client, row: Any) -> str:
    url = reverse(f"admin:accounts_{row._meta.model_name}_change", args=[row.pk])
    return " ".join(html.unescape(operator.get(url).content.decode()).split())


def test_the_page_of_a_service_says_who_changed_what_from_what_to_what(
    operator: Client, sam: Tradie, drain: Service, kim: User
) -> None:
    make_service(sam, name="Gutters")
    with acting.on_behalf_of(kim.pk):
        drain.price_cents = 13_000
        catalogue.change_service(sam, drain)
        drain.name = "Drain or pipe"
        catalogue.change_service(sam, drain)
    first = AuditEntry.objects.earliest("id")
    assert (first.about_id, first.about) == (drain.pk, "Blocked drain")
    page = shown(operator, drain)
    assert "Kim: Changed a service: Blocked drain · Price from $120 to $130" in page
    assert 'Kim: Changed a service: Drain or pipe · Name from "Blocked drain" to "Drain or pipe"' in page
    assert reverse("admin:accounts_auditentry_change", args=[first.pk]) in page
    assert "Price from $120 to $130" in shown(operator, sam)
    assert "Price from $120" not in shown(operator, Service.objects.get(name="Gutters"))
    everything = reverse("admin:accounts_auditentry_changelist") + f"?tradie__id__exact={sam.pk}"
    assert f'href="{everything}"' in page
    assert operator.get(everything).status_code == 200


def test_what_an_operator_changes_is_written_down_and_the_business_reads_it(
    operator: Client, sam: Tradie, drain: Service
) -> None:
    url, data = typed_of(operator, drain)
    for _ in range(2):
        assert operator.post(url, data | {"price_cents": "150"}).status_code == 302
    entry = AuditEntry.objects.get()
    assert (entry.kind, entry.about, entry.detail) == (
        "service_changed",
        "Blocked drain",
        "price from $120 to $150",
    )
    assert entry.user
    assert entry.user.name == "Robin"
    assert "Robin: Changed a service: Blocked drain · Price from $120 to $150" in shown(operator, drain)
