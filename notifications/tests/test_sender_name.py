"""SMS come from our number, or from a name that the operator has recorded as registered."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from accounts.audit_models import AuditEntry
from accounts.models import Service, Tradie
from bookings import messages
from local.testing.cast import make_booking, make_operator, owner_of, sign_in_operator
from local.testing.sent import Sent, deliver_all
from notifications.models import MessageSettings
from web.tests.page_forms import forms_of

REGISTERED = {"sender_registration": "SID-0042", "sender_registered_on": date(2026, 7, 1)}


def senders(sent: Sent) -> list[tuple[str, str]]:
    return sorted((sms["to"], sms["from"]) for sms in sent.sms)


def test_without_a_registered_name_it_is_our_number(sent: Sent, drain: Service) -> None:
    messages.tell_confirmed(make_booking(drain), now=timezone.now())
    deliver_all(now=timezone.now())
    assert senders(sent) == [("+61412345678", "")]


def test_customers_see_the_registered_name_and_the_business_itself_our_number(
    sent: Sent, drain: Service
) -> None:
    MessageSettings.objects.create(tradie=drain.tradie, sender_name="SamPlumbing", **REGISTERED)
    booking = make_booking(drain)
    messages.tell_confirmed(booking, now=timezone.now())
    messages.tell_call_wanted(booking, best_time="Any time", words="", now=timezone.now())
    booking.call_wanted_since = timezone.now()
    booking.save()
    deliver_all(now=timezone.now())
    assert senders(sent) == [("+61400111222", ""), ("+61412345678", "SamPlumbing")]


@pytest.mark.parametrize(
    "name",
    ["AB", "Twelve chars", "0412345678", "12 34", "Café 🚿", "Müller", " Sam", "Sam ", "Sam's", "Sam\nBcc"],
)
def test_what_networks_would_not_take_is_no_name(sam: Tradie, name: str) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        MessageSettings.objects.create(tradie=sam, sender_name=name, **REGISTERED)
    assert not MessageSettings.objects.exists()


@pytest.mark.parametrize("name", ["Sam", "SamPlumbing", "A&B Drains", "4 Pipes", "sam_1-2+3"])
def test_three_to_eleven_characters_with_a_letter_are(sam: Tradie, name: str) -> None:
    assert MessageSettings.objects.create(tradie=sam, sender_name=name, **REGISTERED).pk == sam.pk


@pytest.mark.parametrize("missing", REGISTERED)
def test_a_name_needs_its_registration(sam: Tradie, missing: str) -> None:
    known = {name: value for name, value in REGISTERED.items() if name != missing}
    with pytest.raises(IntegrityError, match="sender_name_is_registered"), transaction.atomic():
        MessageSettings.objects.create(tradie=sam, sender_name="SamPlumbing", **known)


def test_the_operator_records_it_and_the_owner_reads_it(sam: Tradie, client: Client) -> None:
    operator = sign_in_operator(Client(), make_operator())
    url = "/admin/notifications/messagesettings/add/"
    typed: dict[str, Any] = {
        "tradie": str(sam.pk),
        "reminds_day_before": "on",
        "reminds_hours_before": "on",
        "first_reminder_hours": "24",
        "last_reminder_hours": "2",
        "sender_name": "SamPlumbing",
    }
    page = operator.post(url, typed).content.decode()
    assert "Only a registered name may be used" in page
    typed |= {"sender_registration": "SID-0042", "sender_registered_on": "2026-07-01"}
    assert operator.post(url, typed).status_code == 302
    assert AuditEntry.objects.get(tradie=sam).detail.startswith("sender name: SamPlumbing")
    client.force_login(owner_of(sam))
    assert "SamPlumbing" in client.get("/dashboard/messages").content.decode()


def test_the_owner_cannot_name_a_sender(sam: Tradie, client: Client) -> None:
    client.force_login(owner_of(sam))
    page = forms_of(client.get("/dashboard/messages"))[-1]
    typed = page.fields | {"reminds_day_before": "False", "sender_name": "ATO"}
    assert client.post("/dashboard/messages", typed).status_code == 302
    row = MessageSettings.objects.get()
    assert (row.sender_name, row.reminds_day_before, row.reminds_hours_before) == ("", False, True)
    assert AuditEntry.objects.get(tradie=sam).detail == "the first reminder: off"
