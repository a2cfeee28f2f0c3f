"""The operator's admin: every list and page opens with a constant number of queries; money can't be touched."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.audit_models import AuditEntry
from accounts.browser_models import SignedInBrowser
from accounts.invitations import offer_place
from accounts.models import Service, Tradie, User
from accounts.roles import Role
from availability.models import DateException, TimeOff
from bookings.call_back_models import CallBack
from bookings.customer_models import Customer, CustomerContact
from bookings.day_move_models import DayMove, DayMoveJob
from bookings.models import Actor, Booking, BookingEvent, EventKind
from bookings.series_models import Series, Visit
from bookings.waiter_models import Waiter
from invoicing.import_models import BroughtFile
from invoicing.models import Receipt
from local.testing.cast import (
    AUTHENTICATOR_KEY,
    make_booking,
    make_operator,
    make_service,
    make_tradie,
    make_user,
    owner_of,
    sign_in_operator,
)
from notifications.models import Message
from notifications.push_models import PushSubscription
from payments import invariants
from payments.models import (
    ConnectedAccount,
    Discrepancy,
    Dispute,
    Payment,
    PaymentStatus,
    Refund,
    StripeEvent,
)

MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label)
MONEY_AND_HISTORY = (Payment, Refund, Dispute, Discrepancy, StripeEvent, BookingEvent, Booking)


@pytest.fixture
def operator(client: Client, db: None) -> Client:
    return sign_in_operator(client, make_operator())


def make_everything(number: int) -> None:
    """One more row of every model."""
    now = timezone.now()
    tradie = make_tradie()
    service = make_service(tradie)
    booking = make_booking(service)
    payment = Payment.objects.create(
        booking=booking,
        status=PaymentStatus.SUCCEEDED,
        account_id=f"acct_{number}",
        intent_id=f"pi_{number}",
        amount_cents=3_000,
        created_at=now,
    )
    Refund.objects.create(payment=payment, amount_cents=3_000, reason="test", created_at=now)
    Dispute.objects.create(
        payment=payment,
        stripe_id=f"dp_{number}",
        status="needs_response",
        amount_cents=3_000,
        reason="fraudulent",
        opened_at=now,
        checked_at=now,
    )
    Discrepancy.objects.create(
        account_id=f"acct_{number}",
        kind="payment_status",
        object_id=f"pi_{number}",
        payment=payment,
        about_at=now,
        found_at=now,
    )
    StripeEvent.objects.create(id=f"evt_{number}", type="payment_intent.succeeded", created_at=now)
    BookingEvent.objects.create(booking=booking, kind=EventKind.PAID, actor=Actor.CUSTOMER, at=now)
    TimeOff.objects.create(calendar=tradie.calendars.get(), starts_at=now, ends_at=now + timedelta(days=1))
    offer_place(tradie, email=f"pat{number}@example.com", role=Role.OFFICE, by=owner_of(tradie), now=now)
    DateException.objects.create(calendar=tradie.calendars.get(), date=now.date())
    make_everyday(number, booking, now)
    Message.objects.create(
        tradie=tradie,
        about=booking.pk,
        kind="booking_confirmed",
        audience="customer",
        channel="email",
        recipient="jo@example.com",
        dedupe_key=f"key-{number}",
    )


def make_everyday(number: int, booking: Booking, now: datetime) -> None:
    """Of who waits, wants a call, comes round, was asked to move, was brought along, or has a phone."""
    tradie, calendar = booking.tradie, booking.calendar
    member = tradie.memberships.first()
    assert member
    person = {"tradie": tradie, "name": "Jo", "created_at": now}
    jo = Customer.objects.create(**person, seen_at=now, notes="Pays late")
    CustomerContact.objects.create(tradie=tradie, customer=jo, value=f"jo{number}@example.com")
    Waiter.objects.create(
        **person, service=booking.service, phone="+61412345678", token_hash=f"w{number}", offer=booking
    )
    CallBack.objects.create(**person, phone="+61412345678", called_at=now, called_by=member.user)
    BroughtFile.objects.create(
        tradie=tradie, sent_by=member.user, name="secret.csv", left_behind=["secret"], created_at=now
    )
    series = Series.objects.create(
        tradie=tradie,
        calendar=calendar,
        like=booking,
        every="week",
        first_on=now.date(),
        at=now.time(),
        made_until=now.date(),
        created_at=now,
    )
    Visit.objects.create(series=series, on=now.date(), state="booked", booking=booking)
    move = DayMove.objects.create(
        tradie=tradie, calendar=calendar, day=now.date(), answer_by=now, created_at=now
    )
    DayMoveJob.objects.create(move=move, booking=booking, starts_at=booking.starts_at)
    browser = SignedInBrowser.objects.create(user=member.user, session_key=f"b{number}", signed_in_at=now)
    PushSubscription.objects.create(
        member=member, browser=browser, endpoint_hash=f"p{number}", sealed="secret", created_at=now
    )
    Receipt.objects.create(
        booking=booking,
        how="cash",
        amount_cents=5_000,
        received_on=now.date(),
        recorded_at=now,
        client_key=uuid.uuid4(),
    )


def queries_of(ask: Callable[[], Any]) -> int:
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert ask().status_code == 200
    return len(asked)


def test_every_list_takes_as_many_queries_for_three_rows_as_for_one(operator: Client) -> None:
    lists = [reverse(f"admin:{m._meta.app_label}_{m._meta.model_name}_changelist") for m in MODELS]
    make_everything(1)
    at_one = {url: queries_of(lambda url=url: operator.get(url)) for url in lists}  # type: ignore[misc]
    make_everything(2)
    make_everything(3)
    at_three = {url: queries_of(lambda url=url: operator.get(url)) for url in lists}  # type: ignore[misc]
    assert at_three == at_one


def test_every_row_can_be_opened_and_every_list_searched(operator: Client) -> None:
    make_everything(1)
    for model in MODELS:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        assert operator.get(reverse(f"{name}_changelist"), {"q": "nothing"}).status_code == 200, name
        for row in model._default_manager.all()[:1]:
            page = operator.get(reverse(f"{name}_change", args=[row.pk]))
            assert page.status_code == 200, name
            for hidden in ("secret", "Pays late", AUTHENTICATOR_KEY, "a.m.", "p.m.", "+00:00"):
                assert hidden not in page.content.decode(), name


@pytest.mark.parametrize("model", MONEY_AND_HISTORY)
def test_money_and_history_can_only_be_looked_at(model: Any, operator: Client) -> None:
    make_everything(1)
    row, name = model.objects.first(), f"admin:{model._meta.app_label}_{model._meta.model_name}"
    assert operator.get(reverse(f"{name}_add")).status_code == 403
    assert operator.post(reverse(f"{name}_add"), {}).status_code == 403
    assert operator.post(reverse(f"{name}_change", args=[row.pk]), {"status": "x"}).status_code == 403
    assert operator.post(reverse(f"{name}_delete", args=[row.pk]), {"post": "yes"}).status_code == 403
    picked = {"action": "delete_selected", "_selected_action": [str(row.pk)], "post": "yes"}
    operator.post(reverse(f"{name}_changelist"), picked)
    assert model.objects.filter(pk=row.pk).exists()


@pytest.mark.parametrize("model", [Refund, StripeEvent])
def test_what_was_given_up_can_be_tried_again(model: Any, operator: Client) -> None:
    make_everything(1)
    model.objects.update(dead_at=timezone.now(), attempts=10)
    row = model.objects.get()
    url = reverse(f"admin:payments_{model._meta.model_name}_changelist")
    operator.post(url, {"action": "retry", "_selected_action": [str(row.pk)]})
    row.refresh_from_db()
    assert (row.dead_at, row.attempts) == (None, 0)


def test_an_operator_who_may_only_look_is_offered_no_retry(client: Client, db: None) -> None:
    from django.contrib.auth.models import Permission

    looker = make_operator("looker@example.com", is_superuser=False)
    looker.user_permissions.add(Permission.objects.get(codename="view_refund"))
    sign_in_operator(client, looker)
    make_everything(1)
    Refund.objects.update(dead_at=timezone.now())
    url = reverse("admin:payments_refund_changelist")
    client.post(url, {"action": "retry", "_selected_action": [str(Refund.objects.get().pk)]})
    assert Refund.objects.get().dead_at


def test_what_was_given_up_can_be_closed_but_not_money_on_its_way_back(operator: Client) -> None:
    make_everything(1)
    for model in (Message, StripeEvent, Refund):
        model.objects.update(dead_at=timezone.now())
        row = model.objects.get()
        url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        operator.post(url, {"action": "close_dead", "_selected_action": [str(row.pk)]})
    assert Message.objects.get().done_at
    assert StripeEvent.objects.get().done_at
    assert Refund.objects.get().done_at is None
    assert invariants.for_a_person(now=timezone.now()) == [
        f"outbox_rows_dead: payments.Refund {Refund.objects.get().pk}"
    ]


def test_what_asked_for_a_person_can_be_said_to_be_seen_to_and_stays_in_the_history(operator: Client) -> None:
    make_everything(1)
    Payment.objects.update(attention="Stripe has 3000 aud.")
    Refund.objects.update(status="failed", done_at=timezone.now())
    payment = Payment.objects.get()
    url = reverse("admin:payments_payment_changelist")
    operator.post(url, {"action": "seen_to", "_selected_action": [str(payment.pk)]})
    assert invariants.for_a_person(now=timezone.now()) == []
    history = operator.get(reverse("admin:payments_payment_history", args=[payment.pk])).content.decode()
    assert "Seen to: Stripe has 3000 aud." in history


def test_a_change_in_the_admin_is_seen_by_customers_at_once(operator: Client, sam: Tradie) -> None:
    before = sam.calendar_version
    service = make_service(sam, deposit_fixed_cents=3_050)
    url, data = typed_of(operator, service)
    assert operator.post(url, data | {"name": "Gutters"}).status_code == 302
    sam.refresh_from_db()
    service.refresh_from_db()
    assert (service.name, sam.calendar_version > before) == ("Gutters", True)
    assert (service.price_cents, service.deposit_fixed_cents) == (12_000, 3_050)


def test_an_operator_types_amounts_in_dollars(operator: Client, sam: Tradie) -> None:
    service = make_service(sam, deposit_fixed_cents=3_050)
    url, data = typed_of(operator, service)
    assert (data["price_cents"], data["deposit_fixed_cents"]) == ("120", "30.50")
    page = operator.get(url).content.decode()
    assert "Price:" in page
    assert " cents:</label>" not in page
    assert operator.post(url, data | {"price_cents": "$1,250.75"}).status_code == 302
    service.refresh_from_db()
    assert (service.price_cents, service.deposit_fixed_cents) == (125_075, 3_050)
    refused = operator.post(url, data | {"price_cents": "20"})
    assert "A fixed deposit is at least $0.50 and at most the price." in refused.content.decode()


def typed_of(operator: Client, service: Service) -> tuple[str, dict[str, Any]]:
    """The address of a service in the admin, and what its page would send."""
    url = reverse("admin:accounts_service_change", args=[service.pk])
    form = operator.get(url).context["adminform"].form
    typed = {field.html_name: field.value() for field in form}
    return url, {name: value for name, value in typed.items() if value is not None and value is not False}


def test_an_operator_may_type_a_phone_number_as_people_write_it(operator: Client, sam: Tradie) -> None:
    url = reverse("admin:accounts_tradie_change", args=[sam.pk])
    page = operator.get(url).context
    parts = [
        part
        for inline in page["inline_admin_formsets"]
        for part in (inline.formset.management_form, *inline.formset)
    ]
    data = {
        field.html_name: field.value()
        for part in (page["adminform"].form, *parts)
        for field in part
        if field.value() is not None and field.value() is not False
    }
    assert operator.post(url, data | {"phone": "(02) 9550 4321"}).status_code == 302
    sam.refresh_from_db()
    assert sam.phone == "+61295504321"


def test_a_superuser_can_be_added_by_email(operator: Client) -> None:
    data = {"email": "new@example.com", "usable_password": "true"}
    data |= {"password1": "a fine long password", "password2": "a fine long password"}
    assert operator.post(reverse("admin:accounts_user_add"), data).status_code == 302
    assert User.objects.get(email="new@example.com").check_password("a fine long password")


def test_an_account_that_can_charge_is_not_made_by_hand(operator: Client, sam: Tradie) -> None:
    account = ConnectedAccount.objects.get(tradie=sam)
    ConnectedAccount.objects.update(can_charge=False)
    url = reverse("admin:payments_connectedaccount_change", args=[account.pk])
    operator.post(url, {"tradie": str(sam.pk), "account_id": "acct_x", "can_charge": "on"})
    account.refresh_from_db()
    assert (account.account_id, account.can_charge) == ("acct_x", False)


def test_the_admin_has_no_second_door(client: Client, db: None) -> None:
    answer = client.get("/admin/login/?next=/admin/bookings/booking/")
    assert answer["Location"] == "/accounts/login/?next=/admin/bookings/booking/"


def test_an_operator_gives_a_business_another_owner_but_never_takes_the_last(
    operator: Client, sam: Tradie
) -> None:
    pat, last = make_user("pat@example.com"), owner_of(sam).memberships.get()
    place = reverse("admin:accounts_membership_change", args=[last.pk])
    refused = operator.post(place, {"role": "worker"})
    assert (refused.status_code, "A business needs an owner." in refused.content.decode()) == (400, True)
    delete = reverse("admin:accounts_membership_delete", args=[last.pk])
    assert operator.post(delete, {"post": "yes"}).status_code == 400
    picked = {"action": "delete_selected", "_selected_action": [str(last.pk)], "post": "yes"}
    assert operator.post(reverse("admin:accounts_membership_changelist"), picked).status_code == 400
    last.refresh_from_db()
    assert last.role == "owner"
    new = {"tradie": str(sam.pk), "user": str(pat.pk), "role": "owner"}
    assert operator.post(reverse("admin:accounts_membership_add"), new).status_code == 302
    assert operator.post(place, {"role": "worker"}).status_code == 302
    assert owner_of(sam) == pat
    noted = AuditEntry.objects.order_by("id").values_list("kind", "user__email", named=True)
    assert [(entry.kind, entry.user__email) for entry in noted] == [
        ("joined", "operator@example.com"),
        ("role_changed", "operator@example.com"),
    ]


def test_hours_are_changed_on_the_pages_of_the_business_in_its_own_time(
    operator: Client, sam: Tradie
) -> None:
    monday = sam.calendars.get().working_hours.first()
    assert monday
    url = reverse("admin:availability_workinghours_change", args=[monday.pk])
    assert operator.post(url, {"weekday": "3"}).status_code == 403
    assert operator.get(reverse("admin:availability_timeoff_add")).status_code == 403
    page = operator.get(reverse("admin:availability_workinghours_changelist")).content.decode()
    assert ">420<" not in page
    assert ">7:00 am<" in page


def test_a_business_is_not_made_without_an_owner(operator: Client) -> None:
    assert operator.get(reverse("admin:accounts_tradie_add")).status_code == 403


@pytest.mark.parametrize(
    "text",
    [
        "0412 345 678",
        "(0412) 345-678",
        "+61 412 345 678",
        "<Jo@Example.com>",
        "mailto:jo@example.com",
        "O'Citizen",
        "O\N{RIGHT SINGLE QUOTATION MARK}Citizen 0412 345",
        "abcd1234",
        "ABCD-1234",
    ],
)
def test_search_finds_phones_and_addresses_as_people_write_them(
    operator: Client, sam: Tradie, text: str
) -> None:
    service = make_service(sam)
    make_booking(service, customer_email="other@example.com", customer_phone="+61412000000")
    booking = make_booking(service, customer_name="Jo O'Citizen", reference="ABCD-1234")
    found = operator.get(reverse("admin:bookings_booking_changelist"), {"q": text}).context["cl"].result_list
    assert list(found) == [booking]
