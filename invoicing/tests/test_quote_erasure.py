"""Customers' details in quotes are kept no longer than they are needed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.audit_models import AuditEntry, Change
from accounts.models import Service, Tradie
from invoicing import quote_erasure, quotes
from invoicing.quote_models import Quote
from invoicing.quote_tokens import find_by_token, token_of
from local.testing.cast import make_booking
from local.testing.quoting import reread, sent_quote, writing
from notifications.models import Message

pytestmark = pytest.mark.django_db
LATER = timedelta(days=120)


def erase(after: timedelta = LATER) -> int:
    return quote_erasure.erase_due(now=timezone.now() + after, at_most=10)


def test_where_nothing_came_of_it_they_go_after_90_days(sam: Tradie, drain: Service) -> None:
    quotes.save_draft(sam, writing(drain), now=timezone.now())
    offer = sent_quote(drain)
    token = token_of(offer)
    assert erase(timedelta(days=80)) == 0
    assert (erase(), erase()) == (2, 0)
    for quote in Quote.objects.all():
        assert (quote.customer_name, quote.customer_email, quote.address_line1) == ("(erased)", "", "")
    assert find_by_token(token) is None
    assert not Message.objects.exists()
    assert AuditEntry.objects.get(kind=Change.DETAILS_ERASED).detail == "of 2 quotes, as their time was up"


def test_what_became_a_job_keeps_them_as_long_as_the_job(drain: Service) -> None:
    offer = sent_quote(drain)
    booking = make_booking(drain, quote_id=offer.pk)
    assert erase() == 0
    type(booking).objects.filter(pk=booking.pk).update(erased_at=timezone.now())
    assert erase() == 1
    assert reread(offer).customer_name == "(erased)"
