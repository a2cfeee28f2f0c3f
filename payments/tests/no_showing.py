"""What tests of no-shows have in common: Jo, who let their card be charged, and isn't there."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.models import Service, Tradie
from bookings.actors import By
from bookings.models import Actor, Booking
from local.testing.cast import Api, make_service, soon
from local.testing.stripe_world import StripeWorld
from local.testing.working import work_on
from notifications.models import Message
from payments import no_shows
from payments.models import FeeCharge, Payment, PaymentKind

SAM = By(Actor.TRADIE)
GOOD, DECLINED, ALWAYS_ASKS = "4242424242424242", "4000000000000002", "4000002760003184"
FEE = PaymentKind.NO_SHOW_FEE


def make_job(sam: Tradie, **fields: Any) -> Service:
    """An hour for $120 with a $30 deposit and a no-show fee of $100, so that a card may be charged $70."""
    return make_service(sam, no_show_fee_cents=10_000, **fields)


def agree(api: Api, held: Any, agreed: bool = True, **changes: Any) -> Any:
    """The customer's tick, or its end."""
    text = held["payment"]["consent"]["text"]
    body = {"booking": held["booking"]["id"], "agreed": agreed, "text": text, **changes}
    return api.post("/api/payments/consent", body, held["token"])


def pay(api: Api, stripe_app: StripeWorld, held: Any, secret: str = "", card: str = GOOD) -> Booking:
    """The deposit, with 3-D Secure where the card asks for it. -> the confirmed booking"""
    secret = secret or held["payment"]["client_secret"]
    if stripe_app.pay(secret, card=card).get("status") == "requires_action":
        stripe_app.authenticate(secret, True)
    answer = api.patch(f"/api/bookings/{held['booking']['id']}", {"status": "confirmed"}, held["token"])
    assert answer.json()["status"] == "confirmed"
    return the_booking()


def start(booking: Booking, ago: timedelta = timedelta(minutes=30)) -> Booking:
    """Its time has come."""
    Booking.objects.filter(pk=booking.pk).update(**booking.terms.times(timezone.now() - ago))
    return the_booking()


def missed(
    api: Api, stripe_app: StripeWorld, job: Service, *, card: str = GOOD, consents: bool = True
) -> Booking:
    """Jo booked, consented, paid, and isn't there."""
    held = api.book(job, soon(job.tradie)).json()
    if consents:
        assert agree(api, held).status_code == 200
    return start(pay(api, stripe_app, held, card=card))


def the_booking() -> Booking:
    return Booking.objects.select_related("tradie").get()


def mark(booking: Booking, charge_cents: int = 7_000) -> bool:
    return no_shows.mark(booking, by=SAM, now=timezone.now(), charge_cents=charge_cents)


def undo(booking: Booking) -> bool:
    return no_shows.undo(booking, by=SAM, now=timezone.now())


def work() -> FeeCharge:
    """The worker's part."""
    row = FeeCharge.objects.latest("created_at")
    work_on(row)
    return row


def fee() -> Payment:
    return Payment.objects.filter(kind=FEE).latest("created_at")


def fees_at_stripe(stripe_app: StripeWorld) -> list[tuple[str, int]]:
    """(status, cents received) of what was asked of Stripe besides deposits."""
    ours = [intent for intent in stripe_app.intents() if intent["description"].startswith("No-show fee")]
    return [(intent["status"], intent["amount_received"]) for intent in ours]


def told() -> set[str]:
    """The kinds of messages about no-shows that go out."""
    rows = Message.objects.filter(kind__startswith="no_show", skipped_because="")
    return set(rows.values_list("kind", flat=True))
