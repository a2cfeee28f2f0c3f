"""Payouts: what Stripe sends to a business's bank is written down, and its owners are told when one comes back.

An event is a hint like any other; what was lost is found by a look at the list. Procedure 14 of docs/payments.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Sum

from accounts.models import Tradie
from peepopay.lookups import only
from peepopay.money import CURRENCY

from . import messages, rounds, stripe_payouts
from .discrepancy_models import Difference, DiscrepancyKind
from .models import ConnectedAccount, Payment
from .payout_models import ORDER, TO_COME, Payout, PayoutStatus
from .stripe_payouts import PayoutAnswer

LOOKED_BACK = timedelta(days=30)
EVERY = timedelta(hours=6)
SAID_FOR = timedelta(days=60)  # of one that came back; who has nothing more to be paid out never gets another
MOST_AT_ONCE = 100


@dataclass(frozen=True)
class Next:
    """What is to arrive on a day."""

    cents: int
    arrives_on: date


def look_at(account: ConnectedAccount, payout_id: str, *, now: datetime) -> None:
    """Ask Stripe what became of one, and write it down. Raises StripeRefused."""
    note(account, [stripe_payouts.retrieve(account.account_id, payout_id)], now=now)


def note(account: ConnectedAccount, answers: Iterable[PayoutAnswer], *, now: datetime) -> int:
    """Write down payouts as Stripe has them, however often; returns how many were new or had changed."""
    known = {row.id: row for row in account.payouts.filter(pk__in=[answer.id for answer in answers])}
    new = [
        answer for answer in answers if answer.currency == CURRENCY and _differs(known.get(answer.id), answer)
    ]
    for answer in reversed(new):  # the oldest first
        _note(account, answer, now)
    return len(new)


def _facts(answer: PayoutAnswer) -> dict[str, object]:
    return {
        "status": answer.status,
        "amount_cents": answer.amount_cents,
        "arrives_on": answer.arrives_on,
        "failure": answer.failure[:100],
    }


def _differs(row: Payout | None, answer: PayoutAnswer) -> bool:
    return row is None or _facts(answer) != {name: getattr(row, name) for name in _facts(answer)}


@transaction.atomic
def _note(account: ConnectedAccount, answer: PayoutAnswer, now: datetime) -> None:
    account = (
        ConnectedAccount.objects.select_for_update(no_key=True, of=("self",))
        .select_related("tradie", "former_tradie")
        .get(pk=account.pk)
    )
    before = only(Payout.objects.filter(pk=answer.id))
    if before and ORDER.index(PayoutStatus(answer.status)) < ORDER.index(PayoutStatus(before.status)):
        return  # an answer from before
    has_failed = answer.status == PayoutStatus.FAILED
    failed_at = ((before and before.failed_at) or now) if has_failed else None
    facts = {**_facts(answer), "failed_at": failed_at, "checked_at": now}
    payout, _ = Payout.objects.update_or_create(
        id=answer.id,
        defaults=facts,
        create_defaults={
            **facts,
            "tradie": account.business,
            "account": account,
            "created_at": answer.created_at,
        },
    )
    if has_failed and not (before and before.failed_at):
        messages.tell_payout_failed(payout, now=now)


def look_for_payouts(*, now: datetime) -> int:
    """The sweep over the payouts of each account, for events that were lost; returns of how many accounts something was
    new. Those never looked at come first, then those longest ago."""
    paid = Payment.objects.filter(account_id=OuterRef("account_id"))
    due = ConnectedAccount.objects.filter(
        Exists(paid), Q(payouts_checked_at=None) | Q(payouts_checked_at__lt=now - EVERY)
    ).order_by(F("payouts_checked_at").asc(nulls_first=True), "pk")

    def look(account: ConnectedAccount) -> bool:
        ConnectedAccount.objects.filter(pk=account.pk).update(payouts_checked_at=now)  # whatever happens
        return note_lost(account, now=now) > 0

    return rounds.each(list(due[:MOST_AT_ONCE]), look)


def note_lost(account: ConnectedAccount, *, now: datetime) -> int:
    """Those of the last weeks; returns how many were new or had changed. Raises StripeRefused."""
    return note(account, list(stripe_payouts.list_some(account.account_id, since=now - LOOKED_BACK)), now=now)


def differences(account_id: str, since: datetime) -> Iterator[Difference]:
    """For the nightly comparison: what Stripe has and our rows have not, or otherwise. Raises StripeRefused."""
    answers = [
        answer for answer in stripe_payouts.list_some(account_id, since=since) if answer.currency == CURRENCY
    ]
    rows = {row.id: row for row in Payout.objects.filter(pk__in=[answer.id for answer in answers])}
    for answer in answers:
        row, told = rows.get(answer.id), f"{answer.status}, {answer.amount_cents} cents"
        if row is None:
            yield Difference(DiscrepancyKind.PAYOUT_UNKNOWN, answer.id, None, told, "", answer.created_at)
        elif (row.status, row.amount_cents) != (answer.status, answer.amount_cents):
            ours = f"{row.status}, {row.amount_cents} cents"
            yield Difference(DiscrepancyKind.PAYOUT_STATUS, answer.id, None, told, ours, answer.created_at)


def payouts_of(tradie: Tradie, first: date, until: date) -> QuerySet[Payout]:
    """Those that arrive from one day to before another, the last first."""
    return tradie.payouts.filter(arrives_on__gte=first, arrives_on__lt=until)


def next_of(tradie: Tradie) -> Next | None:
    """What Stripe has announced, of the first day on which any of it arrives. One query."""
    to_come = tradie.payouts.filter(status__in=TO_COME).order_by("arrives_on")
    for day in to_come.values("arrives_on").annotate(cents=Sum("amount_cents"))[:1]:
        return Next(int(day["cents"]), day["arrives_on"])
    return None


def that_came_back(tradie: Tradie, *, now: datetime) -> Payout | None:
    """The last one that the bank sent back, as long as no other has followed: Stripe pays out nothing more until that
    is mended. Two queries at most."""
    failed = tradie.payouts.filter(failed_at__gt=now - SAID_FOR)
    payout = failed.order_by("-failed_at").first()
    return payout if payout and not payout.is_followed else None
