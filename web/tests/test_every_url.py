"""Who may open what: every address of the URL map, with every method, as everybody. An address not named here fails."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from importlib import import_module
from typing import Any

import pytest
from django.core import serializers
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, resolve, reverse
from django.utils import timezone

from accounts.api_keys import make_key
from accounts.invitations import token_of as token_of_invitation
from accounts.key_models import ApiKey
from accounts.logo_models import Logo
from accounts.logos import DIGEST_LETTERS
from accounts.models import Invitation, Service, Tradie, User
from accounts.roles import Role
from availability.models import DateException, TimeOff
from availability.outside import connect
from bookings.actors import By
from bookings.customers import assign_missing
from bookings.day_move_models import DayMove
from bookings.drawing_photos import make_ready as make_photo_ready
from bookings.feeds import address_to_read, renew_feed
from bookings.models import Actor, Booking, BookingEvent, Series, Status
from bookings.reminder_links import reminders_url
from bookings.series_rule import Every
from bookings.tokens import token_of
from bookings.waitlist_links import new_token as token_of_waiter
from invoicing.deposit_receipts import make as make_deposit_receipt
from invoicing.invoice_models import How
from invoicing.invoices import issue_invoice
from invoicing.line_items import Line
from invoicing.models import BroughtFile, Export, Receipt
from invoicing.quote_tokens import token_of as token_of_quote
from invoicing.receipts import record_cash
from invoicing.sending import make_and_send
from invoicing.when_paid import prepare_receipt
from local.testing.cast import gave_password_again, make_booking, make_service, make_user, owner_of
from local.testing.pictures import camera_photo
from local.testing.quoting import sent_quote
from notifications.messages import invite
from notifications.models import Message, WebhookDelivery
from notifications.webhooks.endpoints import add_endpoint, switch_off
from notifications.webhooks.telling import send_test_event
from payments.models import Dispute, Refund
from peepopay.derived_tokens import hash_of
from peepopay.methods import allowed_methods

from .dashboard.test_today_page import pay
from .page_forms import Browser

EVERYBODY = {Role.OWNER, Role.OFFICE, Role.WORKER}
OFFICE = {Role.OWNER, Role.OFFICE}
OWNER = {Role.OWNER}

OPEN = {"health", "health_all", "health_db", "health_redis", "health_rabbitmq", "health_workers"}
OPEN |= {"schema", "api_docs", "llms"}
OPEN_API = {
    "api_tradie",
    "api_opening",
    "api_widget_report",
    "api_policy_statement",
    "api_availability",
    "api_bookings",
    "api_call_backs",
    "api_waitlist",
    "api_suburbs",
    "api_payment_intent",
    "api_hold_extension",
    "api_card_consent",
    "stripe_webhook",
    "text_reply",
    "mcp",
}
WITH_TOKEN_API = {"api_booking", "api_booking_photos"}
OPEN_PAGES = {"home", "status", "booking_widget", "widget_page", "call_back", "logo_picture", "wait"}
OPEN_PAGES |= {"van_worker", "manifest"}
WITH_TOKEN = {
    "manage",
    "manage_cancel",
    "manage_calendar",
    "manage_move",
    "manage_rebook",
    "manage_call",
    "manage_link",
    "manage_on_site",
    "pay",
}
WITH_KEY = {"reminders", "feed", "waiting"}
WITH_TOKEN |= {"quote", "quote_time", "quote_decline"}
WITH_TOKEN |= {
    "manage_document",
    "manage_deposit_receipt",
    "manage_photos",
    "manage_photo",
    "manage_photo_remove",
}
INVITED = {"join"}
SIGNED_IN = {"business_setup", "booking_address", "closed", "sessions", "session_end"}
# Each with the roles that may.
MEMBERS_API = {
    "api_me": EVERYBODY,
    "api_booking_manual": OFFICE,
    "api_services": OFFICE,
    "api_service": OFFICE,
    "api_invoices": OFFICE,
    "api_invoice": OFFICE,
    "api_quotes": OFFICE,
    "api_quote": OFFICE,
    "api_working_hours": OFFICE,
    "api_working_range": OFFICE,
    "api_special_dates": OFFICE,
    "api_special_date": OFFICE,
    "api_time_off": OFFICE,
    "api_one_time_off": OFFICE,
}
# Of these, what is one business's own: another's people get a 403.
OWN_API = {"api_service", "api_working_range", "api_one_time_off", "api_invoice", "api_quote"}
# At addresses that the public has as well: who may, by (address, method).
SHARED_API = {
    ("api_bookings", "get"): EVERYBODY,
    ("api_bookings", "head"): EVERYBODY,
    ("api_booking", "get"): EVERYBODY,
    ("api_booking", "head"): EVERYBODY,
    ("api_booking", "patch"): EVERYBODY,
}
# What may be changed there, each with the roles that may; moving is in api/test_jobs.py.
CHANGES = {
    '{"notes": "Ring"}': EVERYBODY,
    '{"status": "confirmed"}': OFFICE,
    '{"status": "declined"}': OFFICE,
    '{"status": "cancelled"}': OFFICE,
    '{"status": "completed"}': EVERYBODY,
    '{"status": "no_show"}': EVERYBODY,
}
TRADIE = {
    "dashboard_today": EVERYBODY,
    "calendar": EVERYBODY,
    "calendar_feed": EVERYBODY,
    "more": EVERYBODY,
    "bookings": EVERYBODY,
    "bookings_file": OFFICE,
    "you": EVERYBODY,
    "booking_add": OFFICE,
    "waitlist": OFFICE,
    "all_series": OFFICE,
    "customers": OFFICE,
    "reports": OFFICE,
    "report_file": OFFICE,
    "day_move_new": OFFICE,
    "quotes": OFFICE,
    "quote_add": OFFICE,
    "news": EVERYBODY,
    "own_number": EVERYBODY,
    "in_the_van": EVERYBODY,
    "services": OFFICE,
    "service_add": OFFICE,
    "usual_terms": OFFICE,
    "deposit_rules": OFFICE,
    "zones": OFFICE,
    "hours": OFFICE,
    "dates": OFFICE,
    "date_add": OFFICE,
    "booking_rules": OFFICE,
    "why_not": OFFICE,
    "time_off": OFFICE,
    "outside_calendars": OFFICE,
    "outside_calendar_add": OFFICE,
    "outside_account_add": OFFICE,
    "time_off_add": OFFICE,
    "crew": OFFICE,
    "crew_add": OFFICE,
    "business": OWNER,
    "card_payments": OWNER,
    "your_widget": OWNER,
    "embed_doctor": OWNER,
    "widget_qr": OWNER,
    "logo": OWNER,
    "widget_sample": OWNER,
    "rehearsal": OWNER,
    "starter_services": OFFICE,
    "customer_messages": OWNER,
    "message_words": OWNER,
    "pay_to": OWNER,
    "people": OWNER,
    "person_invite": OWNER,
    "connections": OWNER,
    "webhook_add": OWNER,
    "key_add": OWNER,
    "changes": OWNER,
    "closing": OWNER,
    "exports": OWNER,
    "import": OWNER,
    "money": OWNER,
    "money_year": OWNER,
    "money_year_file": OWNER,
    "money_accountant": OWNER,
    "money_xero": OWNER,
}
OWN_OBJECT = {
    "booking_photos": EVERYBODY,
    "booking_photo": EVERYBODY,
    "booking": EVERYBODY,
    "booking_calendar_file": EVERYBODY,
    "booking_cancel": OFFICE,
    "customer": OFFICE,
    "customer_merge": OFFICE,
    "customer_erase": OFFICE,
    "customer_json": OFFICE,
    "customer_csv": OFFICE,
    "booking_decline": OFFICE,
    "booking_no_show": EVERYBODY,
    "booking_refund": OFFICE,
    "booking_invoice": OFFICE,
    "booking_document": EVERYBODY,
    "booking_deposit_receipt": EVERYBODY,
    "invoice_credit": OFFICE,
    "receipt_add": OFFICE,
    "receipt_give_back": OFFICE,
    "booking_move": OFFICE,
    "booking_hand_over": OFFICE,
    "booking_repeat": OFFICE,
    "series": OFFICE,
    "series_end": OFFICE,
    "series_move": OFFICE,
    "series_file": OFFICE,
    "waitlist_offer": OFFICE,
    "day_move": OFFICE,
    "dashboard_quote": OFFICE,
    "quote_change": OFFICE,
    "dispute": OWNER,
    "export_file": OWNER,
    "brought_file": OWNER,
    "crew_change": OFFICE,
    "service_change": OFFICE,
    "service_questions": OFFICE,
    "date_change": OFFICE,
    "time_off_change": OFFICE,
    "person": OWNER,
    "webhook": OWNER,
    "key": OWNER,
    "webhook_change": OWNER,
    "webhook_secret": OWNER,
    "delivery": OWNER,
}
OWN_OBJECT_POST = {
    "booking_approve": OFFICE,
    "booking_done": EVERYBODY,
    "booking_after_all": OFFICE,
    "booking_done_undo": EVERYBODY,
    "booking_called": EVERYBODY,
    "call_back_called": OFFICE,
    "waitlist_remove": OFFICE,
    "series_skip": OFFICE,
    "series_again": OFFICE,
    "booking_on_my_way": EVERYBODY,
    "booking_no_show_undo": EVERYBODY,
    "booking_notes": EVERYBODY,
    "booking_message_again": OFFICE,
    "booking_photo_remove": EVERYBODY,
    "booking_let_go": OFFICE,
    "customer_notes": OFFICE,
    "customer_block": OFFICE,
    "refund_again": OFFICE,
    "refund_sent": OFFICE,
    "day_move_reopen": OFFICE,
    "quote_send": OFFICE,
    "quote_withdraw": OFFICE,
    "quote_new_link": OFFICE,
    "quote_discard": OFFICE,
    "receipt_undo": OFFICE,
    "invoice_remind": OFFICE,
    "crew_move": OFFICE,
    "crew_stop": OFFICE,
    "crew_start": OFFICE,
    "service_offer": OFFICE,
    "service_move": OFFICE,
    "date_remove": OFFICE,
    "time_off_remove": OFFICE,
    "outside_calendar_read": OFFICE,
    "outside_calendar_choose": OFFICE,
    "booking_put_back": OFFICE,
    "booking_stays": OFFICE,
    "outside_calendar_remove": OFFICE,
    "person_remove": OWNER,
    "invitation_send": OWNER,
    "invitation_withdraw": OWNER,
    "webhook_test": OWNER,
    "webhook_on": OWNER,
    "webhook_new_secret": OWNER,
    "webhook_remove": OWNER,
    "key_revoke": OWNER,
    "delivery_again": OWNER,
    "brought_file_choices": OWNER,
    "brought_file_run": OWNER,
}
# What some buttons say besides being pressed; without it they change nothing.
SAYS = {
    "booking_notes": {"tradie_notes": "Ring"},
    "customer_notes": {"notes": "Ring"},
    "service_offer": {"active": "0"},
    "service_move": {"by": "1"},
    "crew_move": {"by": "1"},
    "webhook_new_secret": {"instead_of": "1"},
    "crew_choice": {"may": "1"},
    "brought_file_choices": {"kind": "customers", "column-0": "name", "column-1": "mobile"},
}
# The other pages are forms.
ONLY_SHOWN = {
    "rehearsal",
    "widget_qr",
    "widget_sample",
    "booking_address",
    "closed",
    "sessions",
    "dashboard_today",
    "calendar",
    "waitlist",
    "all_series",
    "series",
    "series_file",
    "calendar_feed",
    "feed",
    "more",
    "in_the_van",
    "bookings",
    "bookings_file",
    "booking",
    "booking_calendar_file",
    "customers",
    "reports",
    "report_file",
    "customer",
    "customer_json",
    "customer_csv",
    "services",
    "dates",
    "why_not",
    "time_off",
    "outside_calendars",
    "people",
    "crew",
    "manage_calendar",
    "quotes",
    "dashboard_quote",
    "quote",
    "manage_document",
    "manage_photo",
    "booking_photo",
    "booking_document",
    "manage_deposit_receipt",
    "booking_deposit_receipt",
    "connections",
    "export_file",
    "brought_file",
    "changes",
    "money",
    "money_year",
    "money_year_file",
    "money_xero",
    "key",
    "webhook",
    "webhook_secret",
    "delivery",
}
ONLY_SHOWN |= OPEN_PAGES - {"call_back", "wait"}
OWN_POST = {"running_late": EVERYBODY, "leave": EVERYBODY, "switch": EVERYBODY, "crew_choice": OFFICE}
OWN_POST |= {
    "logo_remove": OWNER,
    "visit_end": EVERYBODY,
    "waitlist_switch": OFFICE,
    "in_the_van_switch": EVERYBODY,
    "van_press": EVERYBODY,
    "tell_phone": EVERYBODY,
    "tell_phone_no_more": EVERYBODY,
    "reopen": OWNER,
    "message_words_test": OWNER,
    "holiday": OFFICE,
    "calendar_feed_renew": EVERYBODY,
    "calendar_feed_stop": EVERYBODY,
}
DASHBOARD = TRADIE | OWN_OBJECT | OWN_OBJECT_POST | OWN_POST
BUTTONS = OWN_OBJECT_POST | OWN_POST
# Django's and allauth's own pages guard themselves; what matters here is that none of them breaks.
FOREIGN = ("admin:", "account_", "mfa_", "socialaccount_", "google_")

METHODS = ("get", "head", "post", "put", "patch", "delete", "options")
SAFE = ("get", "head")


def named_patterns(resolver: Any, prefix: str = "") -> Iterator[str]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from named_patterns(entry, f"{entry.namespace}:" if entry.namespace else prefix)
        elif isinstance(entry, URLPattern):
            yield f"{prefix}{entry.name or entry.pattern}"


ALL = sorted(set(named_patterns(get_resolver())))


@pytest.fixture(autouse=True, scope="module")
def _loaded() -> None:
    """Before any test's transaction: on a busy machine that takes longer than one may be idle."""
    import_module("invoicing.paper")


@pytest.fixture
def things(sam: Tradie, drain: Service, kim: User, lee: User) -> dict[str, Any]:
    """One of everything of Sam's; what is in the future, asked for, and can be changed."""
    make_service(sam, name="Leaking tap", position=1)
    booking = make_booking(drain, status=Status.REQUESTED)
    make_booking(drain, timezone.now() - timedelta(days=50), customer_phone="+61499111222", customer_email="")
    assign_missing(now=timezone.now())
    now = timezone.now()
    payment = pay(booking)
    prepare_receipt(payment, now)
    make_deposit_receipt(payment.deposit_receipt)
    refund = Refund.objects.create(
        payment=payment, amount_cents=1_000, status="failed", created_at=now, done_at=now
    )
    receipt = invoiced(booking, now)
    invite(sam.memberships.all()[0], email="pat@example.com", role=Role.WORKER, now=now - timedelta(days=2))
    block = TimeOff.objects.create(
        calendar=sam.calendars.get(), starts_at=now + timedelta(days=90), ends_at=now + timedelta(days=91)
    )
    outside = connect(sam.calendars.get(), name="Google", url="https://calendar.example.com/a.ics", now=now)
    DateException.objects.create(calendar=sam.calendars.get(), date=date(2027, 1, 27))
    endpoint = add_endpoint(sam, url="https://hooks.example.com/", event_types=["booking.moved"], now=now)
    delivery = send_test_event(endpoint, now=now)
    key = make_key(sam.memberships.all()[0], name="Job sheets", scopes=["bookings:read"], now=now)
    switch_off(endpoint, because="It answered 410: it is gone.", now=now)
    dispute = Dispute.objects.create(
        payment=payment,
        stripe_id="dp_1",
        status="needs_response",
        amount_cents=3_000,
        reason="fraudulent",
        opened_at=now,
        checked_at=now,
    )
    move = DayMove.objects.create(
        tradie=sam,
        calendar=sam.calendars.get(),
        day=date(2027, 1, 28),
        answer_by=now + timedelta(days=1),
        created_at=now,
    )
    export = Export.objects.create(
        tradie=sam, created_at=now, done_at=now, expires_at=now + timedelta(days=7), size_bytes=2
    )
    export.parts.create(number=0, content=b"PK")
    photo = booking.photos.create(added_by="tradie", added_at=now, digest="d", original=camera_photo())
    make_photo_ready(photo, now)
    logo = Logo.objects.create(tradie=sam, content=camera_photo(), digest="d" * 64)
    call_back = sam.call_backs.create(name="Pat", phone="+61412345679", created_at=now)
    waiter = sam.waiters.create(
        id=uuid.UUID(int=9),
        service=drain,
        name="Pat",
        phone="+61412345679",
        token_hash=hash_of(token_of_waiter(uuid.UUID(int=9))),
        created_at=now,
    )
    regular = Series.objects.create(
        tradie=sam,
        calendar=sam.calendars.get(),
        like=booking,
        every=Every.WEEK,
        first_on=date(2027, 1, 25),
        at=time(8),
        made_until=date(2027, 1, 25),
        created_at=now,
    )
    Tradie.objects.filter(pk=sam.pk).update(has_waitlist=True, for_assistants=True)
    offer, kims = sent_quote(drain), sam.memberships.get(user=kim)
    return {
        "move_id": move.pk,
        "outside_id": outside.pk,
        "call_back_id": call_back.pk,
        "waiter_id": waiter.pk,
        "series_id": regular.pk,
        "waiting_token": token_of_waiter(waiter.pk),
        "kind": "booking_confirmed",
        "dispute_id": dispute.pk,
        "export_id": export.pk,
        "file_id": BroughtFile.objects.create(
            tradie=sam,
            sent_by=owner_of(sam),
            name="customers.csv",
            sheets=[
                {
                    "kind": "customers",
                    "headings": ["Name", "Mobile"],
                    "columns": ["name", "mobile"],
                    "rows": [[2, ["Pat", "0412000111"]]],
                }
            ],
            outcomes=[{"kind": "customers", "line": 2, "what": "new", "name": "Pat", "says": ""}],
            created_at=now,
        ).pk,
        "session_id": owner_of(sam).browsers.create(session_key="x" * 32, signed_in_at=now).pk,
        "photo_id": photo.pk,
        "tradie_id": sam.pk,
        "digest": logo.digest[:DIGEST_LETTERS],
        "booking_id": booking.pk,
        "message_id": Message.objects.filter(about=booking.pk)[0].pk,
        "customer_id": sam.customers.get(bookings=booking).pk,
        "other_id": sam.customers.exclude(bookings=booking).get().pk,
        "refund_id": refund.pk,
        "receipt_id": receipt.pk,
        "document_id": booking.invoices.get().pk,
        "invoice_id": booking.invoices.get().pk,
        "service_id": drain.pk,
        "block_id": block.pk,
        "day": date(2027, 1, 27),
        "slug": sam.slug,
        "table": "weeks",
        "token": token_of(booking),
        "key": reminders_url(booking).rpartition("/")[2],
        "quote_id": offer.pk,
        "quote_token": token_of_quote(offer),
        "calendar_id": sam.calendars.get().pk,
        "range_id": sam.calendars.get().working_hours.all()[0].pk,
        "member_id": sam.memberships.get(user=lee).pk,
        "invitation_id": Invitation.objects.get().pk,
        "endpoint_id": endpoint.pk,
        "key_id": key.pk,
        "delivery_id": delivery.pk,
        "feed_token": address_to_read(renew_feed(kims, now=now)).rpartition("/")[2].removesuffix(".ics"),
    }


def invoiced(booking: Booking, now: datetime) -> Receipt:
    """With its document made, and a part of it paid in cash."""
    Booking.objects.filter(pk=booking.pk).update(status=Status.COMPLETED)
    Tradie.objects.filter(pk=booking.tradie_id).update(abn="51824753556")
    by = By(Actor.TRADIE)
    invoice = issue_invoice(booking, [Line("Drain", Decimal(1), 12_000)], key=uuid.uuid4(), by=by, now=now)
    make_and_send(invoice.pdf, now=now)
    paid = {"how": How.CASH, "received_on": now.date() - timedelta(days=1), "key": uuid.uuid4()}
    receipt = record_cash(booking, 1_000, by=by, now=now, **paid)
    Booking.objects.filter(pk=booking.pk).update(status=booking.status)
    return receipt


@pytest.fixture
def people(sam: Tradie, kim: User, lee: User) -> dict[Role, User]:
    return {Role.OWNER: owner_of(sam), Role.OFFICE: kim, Role.WORKER: lee}


@pytest.fixture
def operator(db: None) -> User:
    return User.objects.create_superuser("operator@example.com", "correct horse battery")


def address(name: str, things: dict[str, Any]) -> str:
    wanted = next(iter(get_resolver().reverse_dict.getlist(name)))[0][0][1]
    return reverse(name, kwargs={key: things[key] for key in wanted})


def signed_in(user: User | None, client: Client | None = None) -> Client:
    """Somebody who has just given their password again, where that is asked for."""
    client = client or Client(raise_request_exception=True)
    if user:
        client.force_login(user)
        gave_password_again(client, user)
    return client


def snapshot(tradie: Tradie) -> str:
    """Everything of a tradie that a stranger could have changed."""
    tradie.refresh_from_db()
    rows = [
        tradie,
        *tradie.services.order_by("pk"),
        *tradie.calendars.order_by("pk"),
        *tradie.calendars.get().working_hours.order_by("pk"),
        *tradie.calendars.get().date_exceptions.order_by("pk"),
        *tradie.calendars.get().time_off.order_by("pk"),
        *tradie.calendars.get().outside_calendars.order_by("pk"),
        *tradie.memberships.order_by("pk"),
        *tradie.invitations.order_by("pk"),
        *Message.objects.filter(tradie=tradie).order_by("pk"),
        *ApiKey.objects.filter(member__tradie=tradie).order_by("pk"),
        *tradie.webhook_endpoints.order_by("pk"),
        *WebhookDelivery.objects.filter(endpoint__tradie=tradie).order_by("pk"),
        *tradie.bookings.order_by("pk"),
        *tradie.customers.order_by("pk"),
        *tradie.quotes.order_by("pk"),
        *BookingEvent.objects.filter(booking__tradie=tradie).order_by("pk"),
    ]
    return serializers.serialize("json", rows)


def answers(
    user: User | None, names: Iterable[str], things: dict[str, Any]
) -> Iterator[tuple[str, str, Any]]:
    """(name, method, response) of every address with every method."""
    client = signed_in(user)
    for name in sorted(names):
        url = address(name, things)
        for method in METHODS:
            yield name, method, getattr(client, method)(url)


def has(name: str, method: str) -> bool:
    """Whether the address of a page or a button takes the method; the rest is a 405."""
    if name in {*BUTTONS, "session_end", "manage_photo_remove"}:
        return method == "post"
    return method in SAFE or (method == "post" and name not in ONLY_SHOWN)


def test_every_address_is_listed_here() -> None:
    open_to_all = OPEN | OPEN_API | WITH_TOKEN_API | OPEN_PAGES | WITH_TOKEN | WITH_KEY | INVITED
    ours = {name for name in ALL if not name.startswith(FOREIGN)}
    assert ours == open_to_all | SIGNED_IN | set(DASHBOARD) | set(MEMBERS_API)


def test_the_dashboard_sends_strangers_to_the_sign_in(things: dict[str, Any], sam: Tradie) -> None:
    before = snapshot(sam)
    for name, method, response in answers(None, [*DASHBOARD, *SIGNED_IN], things):
        if has(name, method):
            assert response["Location"].startswith("/accounts/login/"), (name, method)
        assert response.status_code == (302 if has(name, method) else 405), (name, method)
    assert snapshot(sam) == before


def test_an_operator_without_a_business_is_sent_to_the_admin(
    things: dict[str, Any], operator: User, sam: Tradie
) -> None:
    before = snapshot(sam)
    for name, method, response in answers(operator, DASHBOARD, things):
        wanted = (302, "/admin/") if has(name, method) else (405, None)
        assert (response.status_code, response.get("Location")) == wanted, (name, method)
    assert snapshot(sam) == before


def test_nobody_reaches_what_belongs_to_another_tradie(
    things: dict[str, Any], sam: Tradie, alex: Tradie
) -> None:
    before = snapshot(sam)
    for name, method, response in answers(owner_of(alex), OWN_OBJECT | OWN_OBJECT_POST, things):
        assert response.status_code == (404 if has(name, method) else 405), (name, method)
    assert snapshot(sam) == before


@pytest.mark.parametrize("role", Role)
def test_a_role_that_may_not_is_refused_and_told_whom_to_ask(
    role: Role, people: dict[Role, User], things: dict[str, Any], sam: Tradie
) -> None:
    before = snapshot(sam)
    refused = {name for name, roles in DASHBOARD.items() if role not in roles}
    assert bool(refused) == (role != Role.OWNER)
    for name, method, response in answers(people[role], refused, things):
        assert response.status_code == (403 if has(name, method) else 405), (name, method)
        if has(name, method) and method != "head":
            assert "Please ask tradie" in response.content.decode(), (name, method)
    assert snapshot(sam) == before


@pytest.mark.parametrize("role", Role)
def test_a_role_that_may_gets_every_page_and_looking_changes_nothing(
    role: Role, people: dict[Role, User], things: dict[str, Any], sam: Tradie
) -> None:
    before, client = snapshot(sam), signed_in(people[role])
    for name in sorted(name for name, roles in DASHBOARD.items() if role in roles):
        for method in set(METHODS) - {"post"}:
            status = getattr(client, method)(address(name, things)).status_code
            is_page = method in SAFE and name not in BUTTONS
            assert status == (200 if is_page else 405), (name, method)
    assert snapshot(sam) == before


@pytest.mark.parametrize("role", Role)
def test_whoever_may_presses_every_button(
    role: Role, people: dict[Role, User], things: dict[str, Any], sam: Tradie
) -> None:
    for name, roles in BUTTONS.items():
        with transaction.atomic():
            pressed = signed_in(people[role], Browser()).post(
                address(name, things), SAYS.get(name, {"business": str(sam.pk)})
            )
            transaction.set_rollback(True)  # each button is the first to be pressed
        assert pressed.status_code == (302 if role in roles else 403), name


@pytest.mark.parametrize("role", [*Role, None])
def test_the_api_of_the_dashboard_is_for_who_is_signed_in_and_may(
    role: Role | None, people: dict[Role, User], things: dict[str, Any]
) -> None:
    client = signed_in(people[role] if role else None)
    for name, roles in MEMBERS_API.items():
        allowed = allowed_methods(resolve(address(name, things)).func) or []
        for method in METHODS:
            with transaction.atomic():
                status = getattr(client, method)(address(name, things)).status_code
                transaction.set_rollback(True)  # each is the first
            if method.upper() not in allowed:
                wanted: tuple[int, ...] = (405,)
            elif role is None or role not in roles:
                wanted = (401 if role is None else 403,)
            else:  # what it says with nothing in it is no JSON, or changes nothing
                wanted = (200,) if method in SAFE else (200, 204, 400)
            assert status in wanted, (name, method)


def test_the_api_of_the_dashboard_is_not_for_operators_without_a_business(
    things: dict[str, Any], operator: User
) -> None:
    for name, method, response in answers(operator, MEMBERS_API, things):
        assert response.status_code in (403, 405), (name, method)


def test_what_belongs_to_another_business_is_a_403_of_the_api(
    things: dict[str, Any], sam: Tradie, alex: Tradie
) -> None:
    before = snapshot(sam)
    for name, method, response in answers(owner_of(alex), OWN_API, things):
        assert response.status_code in (403, 405), (name, method)
    assert snapshot(sam) == before


@pytest.mark.parametrize("role", [*Role, None])
def test_whoever_may_sees_and_changes_bookings_by_the_api(
    role: Role | None, people: dict[Role, User], things: dict[str, Any], sam: Tradie
) -> None:
    client, before = signed_in(people[role] if role else None), snapshot(sam)
    for (name, method), roles in SHARED_API.items():
        status = getattr(client, method)(address(name, things)).status_code
        fine = 400 if method == "patch" else 200  # it said nothing
        assert status == (401 if role is None else fine if role in roles else 403), (name, method)
    assert snapshot(sam) == before
    for body, roles in CHANGES.items():
        with transaction.atomic():
            url = address("api_booking", things)
            answer = client.patch(url, body, content_type="application/json")
            transaction.set_rollback(True)  # each change is the first
        if role in roles:
            assert answer.status_code in (200, 400, 409), body  # not every one fits a request that is ahead
        else:
            assert answer.status_code == (403 if role else 401), body
            assert snapshot(sam) == before, body


def test_bookings_are_not_for_people_of_another_business_nor_operators_without_one(
    things: dict[str, Any], operator: User, sam: Tradie, alex: Tradie
) -> None:
    before, url = snapshot(sam), address("api_booking", things)
    for client, wanted in ((signed_in(owner_of(alex)), 403), (signed_in(operator), 403)):
        assert client.get(url).status_code == wanted
        for body in CHANGES:
            assert client.patch(url, body, content_type="application/json").status_code == wanted
    assert signed_in(operator).get(address("api_bookings", things)).status_code == 403
    assert signed_in(owner_of(alex)).get(address("api_bookings", things)).json()["bookings"] == []
    assert snapshot(sam) == before


def test_an_invitation_is_only_shown_until_the_button_is_pressed(things: dict[str, Any], sam: Tradie) -> None:
    token = token_of_invitation(sam.invitations.get())
    pat, before = make_user("pat@example.com"), snapshot(sam)
    for user, posted in ((None, 403), (pat, 302)):
        for method in (*(set(METHODS) - {"post"}), "post"):
            assert user != pat or method == "post" or snapshot(sam) == before
            status = getattr(signed_in(user), method)(f"/join/{token}").status_code
            assert status == (posted if method == "post" else 200 if method in SAFE else 405), method
    assert sam.memberships.filter(user=pat).exists()


def test_a_change_without_a_csrf_token_is_refused(things: dict[str, Any], sam: Tradie) -> None:
    before, client = snapshot(sam), Client(enforce_csrf_checks=True)
    client.force_login(owner_of(sam))
    for name in [*DASHBOARD, *SIGNED_IN]:
        assert client.post(address(name, things)).status_code == (403 if has(name, "post") else 405), name
    assert snapshot(sam) == before


def test_a_method_that_an_address_does_not_have_is_a_405_before_anything_else_is_asked(
    things: dict[str, Any], sam: Tradie
) -> None:
    """Before the CSRF token, which would be a 403, and before the sign-in; and the answer says which there are."""
    before, client = snapshot(sam), Client(enforce_csrf_checks=True)
    pages = {*DASHBOARD, *SIGNED_IN, *WITH_TOKEN, *WITH_KEY, *OPEN_PAGES, *INVITED}
    for name in sorted({*pages, *OPEN, *OPEN_API, *WITH_TOKEN_API, *MEMBERS_API}):
        url, allowed = address(name, things), allowed_methods(resolve(address(name, things)).func)
        assert allowed, f"{name} does not say which methods it takes: peepopay/methods.py"
        for method in METHODS:
            response = getattr(client, method)(url)
            if method.upper() not in allowed:
                assert response.status_code == 405, (name, method)
                assert set(response["Allow"].split(", ")) == set(allowed), (name, method)
            if name in pages:
                assert (method.upper() in allowed) is has(name, method), (name, method)
    assert snapshot(sam) == before


@pytest.mark.parametrize("token", ["wrong", "a" * 24, "a" * 500, "né"])
def test_a_wrong_token_opens_nothing(token: str, things: dict[str, Any], sam: Tradie) -> None:
    before = snapshot(sam)
    for name, method, response in answers(
        owner_of(sam), WITH_TOKEN | INVITED, {**things, "token": token, "quote_token": token}
    ):
        assert response.status_code == (404 if has(name, method) else 405), (name, method)
    assert snapshot(sam) == before


def test_a_link_only_shows(things: dict[str, Any], sam: Tradie) -> None:
    before, client = snapshot(sam), signed_in(None)
    for name in WITH_TOKEN | WITH_KEY | OPEN_PAGES:
        for method in set(METHODS) - {"post"}:
            response = getattr(client, method)(address(name, things))
            assert response.status_code in ((200, 503) if method in SAFE and has(name, method) else (405,)), (
                name,
                method,
            )
            assert not response.cookies, name
    assert snapshot(sam) == before


def test_only_operators_get_into_the_admin(sam: Tradie) -> None:
    half_way = User.objects.create_superuser("new@example.com", "correct horse battery")  # no second factor
    visitors = [signed_in(None), signed_in(owner_of(sam)), signed_in(half_way)]
    # Without names: the catch-all and the old addresses of change pages, both redirects or 404.
    for name in (name for name in ALL if name.startswith("admin:") and name[6:].isidentifier()):
        wanted = next(iter(get_resolver().namespace_dict["admin"][1].reverse_dict.getlist(name[6:])))[0][0][1]
        known = {"content_type_id": "1", "app_label": "bookings", "url": "nothing"}
        url = reverse(name, kwargs={key: known.get(key, str(uuid.uuid4())) for key in wanted})
        is_open = name in ("admin:login", "admin:logout")
        for client in [signed_in(None), signed_in(owner_of(sam))] if is_open else visitors:
            for method in METHODS:
                status = getattr(client, method)(url).status_code
                assert status in ((200, 302, 403, 405) if is_open else (302, 403)), (name, method)


def test_open_addresses_never_break_and_set_no_cookie(things: dict[str, Any], sam: Tradie) -> None:
    before = snapshot(sam)
    for name, method, response in answers(None, OPEN | OPEN_API | WITH_TOKEN_API, things):
        assert response.status_code < 500 or name.startswith("health"), (name, method)
        assert not response.cookies, (name, method)
    assert snapshot(sam) == before


def test_the_booking_of_another_tradie_is_not_told_apart_from_none(alex: Tradie, drain: Service) -> None:
    client, theirs = signed_in(owner_of(alex)), make_booking(drain)
    known = client.get(reverse("booking", args=[theirs.pk]))
    unknown = client.get(reverse("booking", args=[uuid.uuid4()]))
    assert known.status_code == unknown.status_code == 404
    assert known.content == unknown.content
