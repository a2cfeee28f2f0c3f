"""What a business does with its quotes."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from accounts.audit_models import AuditEntry, Change
from accounts.models import Service, Tradie
from accounts.service_rules import DepositIs, DepositKind
from invoicing import quotes
from invoicing.line_items import Line
from invoicing.quote_models import Quote, QuoteStatus, QuoteVersion
from invoicing.quote_states import QuoteState, listed
from invoicing.quote_terms import Pricing
from invoicing.quote_tokens import find_by_token, token_of, was_replaced
from local.testing.cast import make_booking, make_service
from local.testing.quoting import NO_DEPOSIT, reread, sent_quote, writing
from notifications.models import Message
from peepopay.errors import BookingNotChangeable, RateLimited, ValidationFailed

pytestmark = pytest.mark.django_db


def fields_refused(tradie: Tradie, service: Service, **changes: Any) -> set[str]:
    with pytest.raises(ValidationFailed) as refusal:
        quotes.save_draft(tradie, writing(service, **changes), now=timezone.now())
    return set(refusal.value.fields)


def test_a_draft_is_told_to_nobody_and_has_no_page(sam: Tradie, drain: Service) -> None:
    draft = quotes.save_draft(sam, writing(drain), now=timezone.now())
    assert not Message.objects.exists()
    assert find_by_token(token_of(draft)) is None
    quotes.save_draft(sam, writing(drain, title="Gas heater"), now=timezone.now(), quote=draft)
    assert [version.title for version in draft.versions.all()] == ["Gas heater"]


def test_sending_tells_the_customer_by_mail_and_sms_and_the_day_before_it_lapses(
    sam: Tradie, drain: Service
) -> None:
    offer = sent_quote(drain)
    told = Message.objects.filter(about=offer.pk).values_list("kind", "channel", "recipient")
    assert set(told) == {
        (kind, channel, to)
        for kind in ("quote_sent", "quote_lapses_soon")
        for channel, to in (("email", "jo@example.com"), ("sms", "+61412345678"))
    }
    assert AuditEntry.objects.get(kind=Change.QUOTE_SENT).detail == "$1,800, deposit $100"
    assert find_by_token(token_of(offer)) == offer


def test_what_lapses_tomorrow_is_not_told_of_twice(drain: Service) -> None:
    offer = sent_quote(drain, last_day=timezone.now().date() + timedelta(days=1))
    assert not Message.objects.filter(about=offer.pk, kind="quote_lapses_soon").exists()


def test_a_draft_that_is_sent_keeps_its_number(sam: Tradie, drain: Service) -> None:
    draft = quotes.save_draft(sam, writing(drain), now=timezone.now())
    quotes.send(sam, quotes.written_in(draft, draft.versions.get()), now=timezone.now(), quote=draft)
    offer = reread(draft)
    current = offer.current
    assert current is not None
    assert (offer.status, offer.current.number, offer.versions.count()) == (QuoteStatus.SENT, 1, 1)
    assert offer.current.price_cents == 180_000


def test_a_change_is_a_version_of_its_own_at_the_same_link(sam: Tradie, drain: Service) -> None:
    offer = sent_quote(drain)
    token = token_of(offer)
    dearer = writing(drain, lines=[Line("All of it", Decimal(1), 200_000)])
    quotes.send(sam, dearer, now=timezone.now(), quote=offer)
    found = find_by_token(token)
    assert found is not None
    assert found.current is not None
    assert (found.current.number, found.current.price_cents) == (2, 200_000)
    first = QuoteVersion.objects.get(quote=offer, number=1)
    assert [row.description for row in first.lines.all()] == ["Hot water system", "Fitting, hours"]


def test_what_was_sent_is_no_draft_any_more(sam: Tradie, drain: Service) -> None:
    offer = sent_quote(drain)
    with pytest.raises(BookingNotChangeable):
        quotes.save_draft(sam, writing(drain), now=timezone.now(), quote=offer)
    with pytest.raises(BookingNotChangeable):
        quotes.discard(offer)


def test_a_draft_can_be_thrown_away(sam: Tradie, drain: Service) -> None:
    quotes.discard(quotes.save_draft(sam, writing(drain), now=timezone.now()))
    assert not Quote.objects.exists()


@pytest.mark.parametrize("end", ["lapsed", "declined", "withdrawn"])
def test_what_is_over_can_be_sent_again(sam: Tradie, drain: Service, end: str) -> None:
    offer = sent_quote(drain)
    match end:
        case "declined":
            quotes.decline(offer, version=1, reason="Too dear", now=timezone.now())
        case "withdrawn":
            quotes.withdraw(offer, now=timezone.now())
        case "lapsed":
            Quote.objects.filter(pk=offer.pk).update(valid_until=timezone.now())
    quotes.send(sam, writing(drain), now=timezone.now(), quote=offer)
    assert list(listed(sam, QuoteState.SENT, "", timezone.now())) == [offer]
    assert reread(offer).decline_reason == ""


def test_only_what_is_open_can_be_withdrawn_declined_or_reminded_of(sam: Tradie, drain: Service) -> None:
    offer, now = sent_quote(drain), timezone.now()
    quotes.withdraw(offer, now=now)
    for act in (
        lambda: quotes.withdraw(offer, now=now),
        lambda: quotes.decline(offer, version=1, reason="", now=now),
        lambda: quotes.remind(offer, now=now),
    ):
        with pytest.raises(BookingNotChangeable):
            act()


def test_declining_says_no_to_the_version_that_was_read(sam: Tradie, drain: Service) -> None:
    offer = sent_quote(drain)
    quotes.send(sam, writing(drain, title="Cheaper"), now=timezone.now(), quote=offer)
    with pytest.raises(BookingNotChangeable, match="read it again"):
        quotes.decline(offer, version=1, reason="", now=timezone.now())


def test_a_new_link_ends_the_one_before(drain: Service) -> None:
    offer = sent_quote(drain)
    old = token_of(offer)
    quotes.renew_link(offer, now=timezone.now())
    assert find_by_token(old) is None
    assert was_replaced(old)
    assert find_by_token(token_of(reread(offer))) == offer
    assert Message.objects.filter(kind="quote_link", channel="email").count() == 1


def test_the_deposit_is_a_part_of_the_total(sam: Tradie, drain: Service) -> None:
    by_percent = sent_quote(drain, deposit=Pricing(DepositKind.PERCENT, percent=20))
    assert by_percent.current.deposit_cents == 36_000
    in_full = sent_quote(drain, deposit=Pricing(DepositKind.FULL))
    assert (in_full.current.deposit_cents, in_full.current.deposit_is) == (180_000, DepositIs.PART_PAYMENT)
    dear = Pricing(DepositKind.FIXED, fixed_cents=180_001)
    assert fields_refused(sam, drain, deposit=dear) == {"deposit_fixed_cents"}
    tiny = Pricing(DepositKind.FIXED, fixed_cents=49)
    assert fields_refused(sam, drain, deposit=tiny) == {"deposit_fixed_cents"}
    assert fields_refused(sam, drain, deposit=Pricing(DepositKind.PERCENT)) == {"deposit_percent"}


def test_above_the_laws_cap_it_needs_a_reason_which_is_kept(sam: Tradie, drain: Service) -> None:
    Service.objects.filter(pk=drain.pk).update(is_residential_building=True)
    drain.refresh_from_db()
    above = {"kind": DepositKind.PERCENT, "percent": 11}
    assert fields_refused(sam, drain, deposit=Pricing(**above)) == {"cap_override_reason"}
    sent_quote(drain, deposit=Pricing(**above, override_reason="Owner-builder"))
    noted = AuditEntry.objects.get(kind=Change.DEPOSIT_CAP_OVERRIDDEN)
    assert noted.detail == "$198 of $1,800: Owner-builder"


def test_a_late_fee_above_the_deposit_is_refused(sam: Tradie, drain: Service) -> None:
    Service.objects.filter(pk=drain.pk).update(late_fee_cents=2_000)
    drain.refresh_from_db()
    low = Pricing(DepositKind.FIXED, fixed_cents=1_000)
    assert fields_refused(sam, drain, deposit=low) == {"late_fee_cents"}


def test_lengths_days_and_services_are_checked(sam: Tradie, alex: Tradie, drain: Service) -> None:
    today = timezone.now().date()
    assert fields_refused(sam, drain, duration_minutes=721) == {"duration_minutes"}
    assert fields_refused(sam, drain, last_day=today - timedelta(days=2)) == {"last_day"}
    assert fields_refused(sam, drain, last_day=today + timedelta(days=400)) == {"last_day"}
    assert fields_refused(sam, make_service(alex)) == {"service"}


def test_the_list_shows_each_in_its_state(sam: Tradie, drain: Service, settings: Any) -> None:
    settings.RATE_LIMITS = False
    now = timezone.now()
    draft = quotes.save_draft(sam, writing(drain), now=now)
    sent, lapsed, withdrawn, declined, taken, paying = (sent_quote(drain) for _ in range(6))
    Quote.objects.filter(pk=lapsed.pk).update(valid_until=now)
    quotes.withdraw(withdrawn, now=now)
    quotes.decline(declined, version=1, reason="", now=now)
    make_booking(drain, quote_id=taken.pk)
    make_booking(drain, quote_id=paying.pk, status="pending")
    make_booking(drain, quote_id=sent.pk, status="expired")
    found = {state.value: set(listed(sam, state, "", now)) for state in QuoteState}
    assert found == {
        "draft": {draft},
        "sent": {sent, paying},
        "accepted": {taken},
        "lapsed": {lapsed},
        "declined": {declined},
        "withdrawn": {withdrawn},
    }
    assert len(listed(sam, "", "", now)) == 7
    assert set(listed(sam, "", sent.reference, now)) == {sent}
    assert len(listed(sam, "", "0412 345", now)) == 7
    assert not listed(sam, "", "nobody", now)


def test_a_mailbox_is_not_filled_by_quotes(sam: Tradie, drain: Service, settings: Any) -> None:
    settings.RATE_LIMITS = True
    for _ in range(4):  # one of the five of a day is kept for news that they must have
        sent_quote(drain)
    with pytest.raises(RateLimited, match="to that address"):
        sent_quote(drain)


def test_a_business_sends_so_many_a_day(
    sam: Tradie, drain: Service, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.RATE_LIMITS = True
    monkeypatch.setattr(quotes, "MOST_SENT_A_DAY", 2)
    sent_quote(drain, deposit=NO_DEPOSIT)
    sent_quote(drain, deposit=NO_DEPOSIT)
    with pytest.raises(RateLimited):
        sent_quote(drain)
