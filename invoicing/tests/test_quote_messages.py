"""What customers and tradies are told about quotes, and what is not told any more."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Service, Tradie
from invoicing import quotes
from invoicing.quote_messages import REMINDED_AT
from invoicing.quote_models import Quote
from invoicing.quote_tokens import link_of
from local.testing.cast import make_booking
from local.testing.quoting import reread, sent_quote, writing
from local.testing.sent import Sent, body, deliver, deliver_all
from notifications import budgets
from notifications.models import Channel, Message
from peepopay.local_time import in_zone

pytestmark = pytest.mark.django_db


def told(kind: str, **which: Any) -> Message:
    return Message.objects.get(kind=kind, **which)


def only_now() -> None:
    """What is due: the reminder is not."""
    Message.objects.filter(kind="quote_lapses_soon").delete()
    deliver_all(now=timezone.now())


def test_the_quote_with_its_lines_and_its_link(drain: Service, sent: Sent) -> None:
    offer = sent_quote(drain)
    only_now()
    (mail,) = sent.mails
    assert mail["Subject"] == "Quote from Sam's Plumbing: New hot water system, $1,800"
    assert "Sam's Plumbing via PeepoPay" in mail["From"]
    assert mail["Reply-To"] == "sam@example.com"
    text = body(mail, "plain")
    for words in (
        "We take the old one away.",
        "- Hot water system: $1,500\n- Fitting, hours (2.5 \N{MULTIPLICATION SIGN} $120): $300",
        "Total: $1,800, including $163.64 GST",
        "Deposit when you accept: $100",
        link_of(offer),
    ):
        assert words in text
    (sms,) = sent.sms
    assert sms["body"].startswith("Sam's Plumbing: quote of $1,800, valid until ")
    assert len(sms["body"]) <= 160


def test_a_changed_quote_says_so_and_the_first_is_not_told_any_more(
    sam: Tradie, drain: Service, sent: Sent
) -> None:
    offer = sent_quote(drain)
    quotes.send(sam, writing(drain, title="Cheaper"), now=timezone.now(), quote=offer)
    only_now()
    assert [mail["Subject"] for mail in sent.mails] == ["Changed quote from Sam's Plumbing: Cheaper, $1,800"]
    assert Message.objects.filter(skipped_because="The quote was changed again.").count() == 2


def test_the_day_before_it_lapses_at_ten_in_the_morning(drain: Service, sent: Sent) -> None:
    offer = sent_quote(drain)
    reminder = told("quote_lapses_soon", channel="email")
    due = in_zone(reminder.due_at, offer.tradie.timezone)
    last = in_zone(offer.valid_until - timedelta(seconds=1), offer.tradie.timezone)  # type: ignore[operator]
    assert (due.time(), due.date()) == (REMINDED_AT, last.date() - timedelta(days=1))
    deliver_all(now=reminder.due_at)
    assert any("is valid until" in mail["Subject"] for mail in sent.mails)


def test_whoever_had_many_messages_that_day_gets_no_reminder(drain: Service, sent: Sent) -> None:
    sent_quote(drain)
    reminder = told("quote_lapses_soon", channel="email")
    while budgets.take_one(Channel.EMAIL, "jo@example.com", now=reminder.due_at):
        pass
    deliver(reminder, now=reminder.due_at)
    reminder.refresh_from_db()
    assert reminder.skipped_because == "Too many messages to them in a day."
    assert not sent.mails


@pytest.mark.parametrize("status", ["pending", "confirmed"])
def test_who_has_accepted_is_not_reminded(drain: Service, sent: Sent, status: str) -> None:
    offer = sent_quote(drain)
    make_booking(drain, quote_id=offer.pk, status=status)
    deliver_all(now=timezone.now())
    assert not sent.mails


def test_withdrawing_is_told_and_declining_too(sam: Tradie, drain: Service, sent: Sent) -> None:
    offer = sent_quote(drain)
    quotes.withdraw(offer, now=timezone.now())
    only_now()
    assert [(mail["To"], mail["Subject"]) for mail in sent.mails] == [
        ("jo@example.com", "Sam's Plumbing has withdrawn the quote for New hot water system")
    ]
    quotes.send(sam, writing(drain), now=timezone.now(), quote=reread(offer))
    quotes.decline(reread(offer), version=2, reason="Too dear", now=timezone.now())
    only_now()
    mail = sent.mails[-1]
    assert (mail["To"], mail["Reply-To"]) == ("sam@example.com", "jo@example.com")
    assert mail["Subject"] == "Quote declined: New hot water system, $1,800, Jo Citizen"
    assert "They wrote:\nToo dear" in body(mail, "plain")


def test_a_quote_that_is_gone_is_not_told_of(drain: Service, sent: Sent) -> None:
    offer = sent_quote(drain)
    Quote.objects.filter(pk=offer.pk).update(erased_at=timezone.now())
    deliver_all(now=timezone.now())
    assert not sent.mails
