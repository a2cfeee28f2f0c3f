"""A booking that the business makes, with the deposit as they settled it: a link to pay, cash in the books, or none."""

from __future__ import annotations

import uuid
from datetime import datetime

from bookings.by_hand import Deposit, JobByHand, take_job
from bookings.models import Booking
from payments import expiry
from payments.connected_accounts import require_chargeable_account
from peepopay.errors import SlotUnavailable
from peepopay.local_time import in_zone

from .invoice_models import How
from .receipts import record_deposit


def take(job: JobByHand, *, now: datetime) -> Booking:
    """One rule for the page and the API. An overdue hold of somebody else is expired first.

    Raises what `take_job` does, and TradieNotBookable where a link is to be sent and no account takes cards.
    """
    if job.deposit == Deposit.LINK:
        require_chargeable_account(job.service.tradie)

    def along(booking: Booking) -> None:
        if job.deposit == Deposit.CASH:
            today = in_zone(now, booking.tradie.timezone).date()
            key = uuid.uuid5(booking.pk, "deposit")
            record_deposit(
                booking, job.cash_cents, how=How.CASH, received_on=today, key=key, by=job.by, now=now
            )

    try:
        return take_job(job, now=now, along=along)
    except SlotUnavailable:
        tradie, terms = job.service.tradie, job.terms
        if not expiry.expire_in_the_way(tradie, terms.job, job.starts_at, now=now):
            raise
        return take_job(job, now=now, along=along)
