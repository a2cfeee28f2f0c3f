"""What customer and tradie agreed on, frozen when the booking is made.

Made once, from the service as it is at that moment; from then on everything about the booking (its messages, its pages,
moving it, cancelling it) reads these terms and never the service again.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from django.conf import settings
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from accounts.models import Service
from availability.slots import Job
from peepopay.money import dollars, gst_within

from .no_shows import cap_of
from .policy import CancellationPolicy, read_policy, statement

WHILE_ASKED = "Until your request is answered, cancelling costs nothing. Once it is booked:"


@dataclass(frozen=True, slots=True)
class Question:
    """One of the tradie's own questions, in the words the customer read. `choices`: the answers there are; without
    any, the customer types one. `photo`: it is answered with photos, which come once the booking is there; until then
    the answer says which are to come, and a required one has to say so."""

    id: str
    label: str
    required: bool = False
    choices: tuple[str, ...] = ()
    photo: bool = False

    def what_is_wrong_with(self, answer: str) -> str:
        """A sentence for who answered; nothing where it can be kept."""
        if not answer:
            if not self.required:
                return ""
            return "Please add a photo." if self.photo else "Please answer this question."
        return "Choose one of these answers." if self.choices and answer not in self.choices else ""


@dataclass(frozen=True, slots=True)
class AgreedLine:
    """A line of what a quoted price is made of, and what it came to: `quantity` as it is written ("1.5"); the cents
    include GST unless `is_gst_free`, and are below 0 for a discount."""

    description: str
    quantity: str
    unit_price_cents: int
    total_cents: int
    is_gst_free: bool = False

    @property
    def written(self) -> tuple[str, str]:
        """`("Tap (2 x $45)", "$90")`, with a real multiplication sign."""
        times = (
            ""
            if self.quantity == "1"
            else f" ({self.quantity} \N{MULTIPLICATION SIGN} {dollars(self.unit_price_cents)})"
        )
        return f"{self.description}{times}", dollars(self.total_cents)


@dataclass(frozen=True, slots=True)
class Terms:
    """Lengths in minutes, money in cents."""

    service_name: str
    duration_minutes: int
    buffer_before_minutes: int
    buffer_after_minutes: int
    price_cents: int
    price_from: bool
    deposit_cents: int
    requires_approval: bool
    deposit_is: str  # DepositIs
    policy: CancellationPolicy
    questions: tuple[Question, ...] = ()
    quote_lines: tuple[AgreedLine, ...] = ()
    arrival_window_minutes: int = 0
    deposit_reasons: tuple[str, ...] = ()  # RuleKind: why the deposit is higher than the service's
    call_out_zone: str = ""  # its name; what it adds is within the price and the buffers
    call_out_fee_cents: int = 0
    call_out_minutes: int = 0  # of each buffer

    @property
    def job(self) -> Job:
        """What the diary has to have room for."""
        return Job(self.duration_minutes, self.buffer_before_minutes, self.buffer_after_minutes)

    def policy_statement(
        self,
        starts_at: datetime,
        zone_name: str,
        *,
        now: datetime,
        is_asked: bool,
        left_cents: int | None = None,
    ) -> list[str]:
        """What cancelling costs from now on, a sentence each: the only place where this is put into words. `is_asked`:
        nobody has said yes to it so far. `left_cents`: of what was paid, as `policy.statement` has it."""
        sentences = statement(
            self.policy, self.deposit_cents, starts_at, zone_name, now=now, left_cents=left_cents
        )
        return [WHILE_ASKED, *sentences] if is_asked else sentences

    @property
    def photo_questions(self) -> list[Question]:
        """What is asked that is answered with photos."""
        return [question for question in self.questions if question.photo]

    @property
    def deposit_gst_cents(self) -> int:
        """The GST in the deposit, as a part of the price of a business that is registered: where some lines are free
        of it, in proportion."""
        taxed_cents = sum(line.total_cents for line in self.quote_lines if not line.is_gst_free)
        if not self.quote_lines or not self.price_cents:
            return gst_within(self.deposit_cents)
        return gst_within(self.deposit_cents * taxed_cents // self.price_cents)

    @property
    def late_fee_cents(self) -> int:
        """What is kept of the deposit once cancelling is not free any more."""
        return self.policy.late_fee_of(self.deposit_cents)

    @property
    def card_cap_cents(self) -> int:
        """The most that a card may be asked to stand for if nobody is there. Without a deposit a card is asked of
        everybody or nobody, and never before the business has said yes, or for what it quoted."""
        if not self.deposit_cents and (
            not self.policy.no_show_card_required or self.requires_approval or self.quote_lines
        ):
            return 0
        return cap_of(self.policy, self.deposit_cents)

    @property
    def needs_card(self) -> bool:
        """Nothing is paid when booking, but a card has to be saved first."""
        return not self.deposit_cents and self.card_cap_cents > 0

    @property
    def is_held_first(self) -> bool:
        """The time is only held until a deposit is paid, or a card saved."""
        return self.deposit_cents > 0 or self.needs_card

    def columns(self) -> dict[str, Any]:
        """The terms as columns of a booking; `read_terms` reads them back."""
        return {
            **{name: getattr(self, name) for name in PLAIN_COLUMNS},
            "policy": asdict(self.policy),
            "questions": [asdict(question) for question in self.questions],
            "quote_lines": [asdict(line) for line in self.quote_lines],
            "deposit_reasons": list(self.deposit_reasons),
        }

    def times(self, starts_at: datetime) -> dict[str, Any]:
        """The columns that say when, for a job that starts then."""
        return {
            "starts_at": starts_at,
            "ends_at": starts_at + timedelta(minutes=self.duration_minutes),
            "period": period_of(self.job, starts_at),
        }


PLAIN_COLUMNS = (
    "service_name",
    "duration_minutes",
    "buffer_before_minutes",
    "buffer_after_minutes",
    "price_cents",
    "price_from",
    "deposit_cents",
    "requires_approval",
    "deposit_is",
    "arrival_window_minutes",
    "call_out_zone",
    "call_out_fee_cents",
    "call_out_minutes",
)


def terms_of(service: Service) -> Terms:
    """The terms on which this service is on offer now."""
    return Terms(
        service_name=service.name,
        duration_minutes=service.duration_minutes,
        buffer_before_minutes=service.buffer_before_minutes,
        buffer_after_minutes=service.buffer_after_minutes,
        price_cents=service.price_cents,
        price_from=service.price_from,
        deposit_cents=service.deposit_cents,
        requires_approval=service.requires_approval,
        deposit_is=service.deposit_treatment.value,
        policy=CancellationPolicy(**service.policy, fee_basis_points=settings.APPLICATION_FEE_BASIS_POINTS),
        questions=questions_of(service.questions),
        arrival_window_minutes=service.arrival_window_minutes,
    )


class Agreed(Protocol):
    """Whatever keeps the terms that it was made on: a booking, or a quote that was sent."""

    @property
    def terms(self) -> Terms: ...


def terms_for(service: Service, agreed: Agreed | None) -> Terms:
    """Those of a hold of this service that moves, or of a quote; without either, those on offer now."""
    return agreed.terms if agreed else terms_of(service)


def read_terms(row: Any) -> Terms:
    """The terms in the columns of a booking."""
    return Terms(
        **{name: getattr(row, name) for name in PLAIN_COLUMNS},
        policy=read_policy(row.policy),
        questions=questions_of(row.questions),
        quote_lines=tuple(AgreedLine(**line) for line in row.quote_lines),
        deposit_reasons=tuple(row.deposit_reasons),
    )


def questions_of(rows: list[dict[str, Any]]) -> tuple[Question, ...]:
    """Of the column of a service or a booking, which may be older than what can be asked today."""
    return tuple(
        Question(
            str(row["id"]),
            row["label"],
            bool(row.get("required")),
            tuple(row.get("choices", ())),
            bool(row.get("photo")),
        )
        for row in rows
    )


def period_of(job: Job, starts_at: datetime) -> DateTimeTZRange:
    """The job with its buffers, half-open [): what nobody else may have."""
    before, length, after = (timedelta(minutes=minutes) for minutes in (job.before, job.length, job.after))
    return DateTimeTZRange(starts_at - before, starts_at + length + after)
