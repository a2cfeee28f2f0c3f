"""What an operator does about refunds: anew, for one that failed; again, for one that was given up."""

from __future__ import annotations

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone

from accounts.models import Service
from local.testing.cast import make_booking, make_operator, sign_in_operator
from payments import invariants
from payments.models import Refund
from web.tests.dashboard.test_today_page import pay

URL = "/admin/payments/refund/"


@pytest.fixture
def failed(drain: Service) -> Refund:
    payment = pay(make_booking(drain, status="cancelled"), paid_at=timezone.now())
    now = timezone.now()
    return Refund.objects.create(
        payment=payment, amount_cents=3_000, status="failed", created_at=now, done_at=now
    )


def press(client: Client, refund: Refund) -> None:
    client.post(URL, {"action": "send_again", "_selected_action": [str(refund.pk)]})


def made() -> list[tuple[str, int]]:
    return list(Refund.objects.order_by("created_at").values_list("status", "amount_cents"))


def test_a_failed_one_is_refunded_anew_once_and_nobody_has_to_look_any_more(
    client: Client, failed: Refund
) -> None:
    operator = sign_in_operator(client, make_operator())
    assert invariants.for_a_person(now=timezone.now()) == [f"refunds_failed: {failed.pk}"]
    for _ in range(2):
        press(operator, failed)
    assert made() == [("failed", 3_000), ("requested", 3_000)]
    assert invariants.for_a_person(now=timezone.now()) == []
    assert LogEntry.objects.filter(object_id=str(failed.pk)).exists()


def test_one_that_was_given_up_goes_on_as_it_is(client: Client, failed: Refund) -> None:
    failed.payment.reserved_cents = 3_000
    failed.payment.save()
    Refund.objects.update(status="requested", done_at=None, dead_at=timezone.now())
    press(sign_in_operator(client, make_operator()), failed)
    assert made() == [("requested", 3_000)]
    assert Refund.objects.get().dead_at is None


def test_one_that_is_on_its_way_stays_alone(client: Client, failed: Refund) -> None:
    Refund.objects.update(status="succeeded")
    press(sign_in_operator(client, make_operator()), failed)
    assert made() == [("succeeded", 3_000)]


def test_who_may_only_look_can_not(client: Client, failed: Refund) -> None:
    looking = make_operator("look@example.com", is_superuser=False)
    looking.user_permissions.add(Permission.objects.get(codename="view_refund"))
    press(sign_in_operator(client, looking), failed)
    assert made() == [("failed", 3_000)]
