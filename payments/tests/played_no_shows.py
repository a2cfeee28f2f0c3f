"""What the protocol machine plays of no-shows: a customer lets the card be charged, isn't there, is charged, or pays by
link; and it was no no-show after all."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from bookings.models import Status
from payments import card_consents, checkout, fee_charges, no_shows
from payments.checkout import Consent
from payments.models import FeeCharge, Payment, PaymentKind, PaymentStatus
from peepopay import outbox

from .played_bookings import Bookings
from .playing import COURSES, LATEST_FIRST, SAM, Course, picked

DEPOSIT, FEE_BY_CARD = 3_000, 7_000


class NoShows(Bookings):
    @precondition(lambda self: self.has_room() and self.bookings(Status.PENDING))
    @rule(which=LATEST_FIRST, agrees=st.sampled_from([True, True, True, False]), course=COURSES)
    def a_customer_says_whether_the_card_may_be_charged(
        self, which: int, agrees: bool, course: Course
    ) -> None:
        """Should nobody be there; before they pay, or save it where nothing is paid."""
        booking, now = picked(self.bookings(Status.PENDING), which), self.now

        def say() -> None:
            if asked := card_consents.asked_of(booking):
                said = Consent(agrees, asked.text, given_from="192.0.2.1")
                self.open_page(booking, checkout.consent(booking, said, now=now))

        self.run(say, course)

    @precondition(lambda self: self.bookings(Status.CONFIRMED, Status.NO_SHOW))
    @rule(
        which=LATEST_FIRST,
        says=st.sampled_from(["no-show", "no-show, charged", "no-show, charged", "was there"]),
    )
    def the_time_has_come(self, which: int, says: str) -> None:
        """And the business says whether somebody was there, to change its mind later."""
        booking, now = picked(self.bookings(Status.CONFIRMED, Status.NO_SHOW), which), self.now
        cents = FEE_BY_CARD if says == "no-show, charged" else 0
        if says == "was there":
            self.may_be_refused(lambda: no_shows.undo(booking, by=SAM, now=now))
        elif booking.status == Status.NO_SHOW:
            self.may_be_refused(
                lambda: no_shows.charge_fee(booking, by=SAM, now=now, charge_cents=FEE_BY_CARD)
            )
        else:
            self.may_be_refused(lambda: no_shows.mark(booking, by=SAM, now=now, charge_cents=cents))

    @precondition(lambda self: self.has_room() and outbox.open_rows(FeeCharge).exists())
    @rule(which=LATEST_FIRST, course=COURSES)
    def a_worker_charges_a_fee(self, which: int, course: Course) -> None:
        rows = list(outbox.open_rows(FeeCharge).order_by("created_at", "pk"))
        self.work_on(rows, which, lambda row, now: fee_charges.charge(row, now=now), course)
        self.open_links()

    def open_links(self) -> None:
        """Whoever was sent one has the page open."""
        secrets = {intent["id"]: intent["client_secret"] for intent in self.world.intents()}
        asked = Payment.objects.filter(kind=PaymentKind.NO_SHOW_FEE, status=PaymentStatus.OPEN)
        for pk, intent_id in asked.order_by("created_at").values_list("pk", "intent_id"):
            self.links[pk] = secrets[intent_id]
