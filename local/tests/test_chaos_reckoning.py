"""The reckoning after `make chaos` notices each of the things that it is there for."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from local.chaos.customers import Told
from local.chaos.reckoning import Booking, Charges, Mail, lost, mails, money, sent_again, sold_twice

NINE = datetime(2030, 1, 14, 9, tzinfo=UTC)
HALF_AN_HOUR = timedelta(minutes=30)
JO = Booking(
    id="1",
    reference="JO",
    status="confirmed",
    calendar="sam",
    period=(NINE, NINE + HALF_AN_HOUR),
    deposit_cents=3_000,
    email="jo@chaos.example",
    was_confirmed=True,
)
LAPSED = replace(JO, status="expired", was_confirmed=False)
CANCELLED = replace(JO, status="cancelled")
PAID = Charges(charged=[3_000])


def of_money(booking: Booking, charges: Charges | None) -> list[str]:
    return list(money({booking.id: booking}, {booking.id: charges} if charges else {}))


def test_a_paid_booking_and_a_lapsed_hold_are_in_order() -> None:
    assert of_money(JO, PAID) == []
    assert of_money(LAPSED, Charges()) == []
    assert of_money(CANCELLED, Charges(charged=[3_000], returned=3_000)) == []


def test_money_without_a_booking_is_found() -> None:
    assert list(money({}, {"9": PAID})) == ["Stripe charged [3000] for 9, which is no booking"]
    assert of_money(LAPSED, PAID) == ["JO is expired: 3000 cents were kept, 0 are due"]
    assert of_money(CANCELLED, Charges([3_000], returned=1_000)) == [
        "JO is cancelled: 2000 cents were kept, 0 are due"
    ]


def test_a_booking_without_its_money_or_paid_twice_is_found() -> None:
    assert of_money(JO, None) == ["JO goes ahead with 3000 due and [] paid"]
    assert of_money(JO, Charges([3_000], returned=3_000)) == [
        "JO is confirmed: 0 cents were kept, 3000 are due"
    ]
    assert of_money(JO, Charges([3_000, 3_000])) == [
        "JO is confirmed: 6000 cents were kept, 3000 are due",
        "JO goes ahead with 3000 due and [3000, 3000] paid",
    ]


def test_what_can_be_paid_after_its_hold_lapsed_is_found() -> None:
    assert of_money(LAPSED, Charges(payable=1)) == ["JO is expired and can still be paid"]
    assert of_money(replace(LAPSED, status="pending"), Charges(payable=1)) == []


def test_a_time_sold_twice_is_found_also_behind_a_longer_booking() -> None:
    long = replace(JO, id="2", reference="LONG", period=(NINE - HALF_AN_HOUR, NINE + 4 * HALF_AN_HOUR))
    within = replace(JO, id="3", reference="WITHIN", period=(NINE + HALF_AN_HOUR, NINE + 2 * HALF_AN_HOUR))
    found = list(sold_twice({booking.id: booking for booking in (JO, long, within)}))
    assert found == ["JO and LONG have one time", "WITHIN and LONG have one time"]
    assert list(sold_twice({"1": JO, "2": replace(long, calendar="lee"), "3": within})) == []
    assert list(sold_twice({"1": JO, "2": replace(long, status="cancelled"), "3": within})) == []


def test_what_a_customer_was_told_must_still_be_so() -> None:
    assert list(lost({}, [Told(1, booking="1")])) == ["Customer 1 was told 201 for 1, which is gone"]
    assert list(lost({"1": LAPSED}, [Told(1, booking="1", confirmed=True)])) == [
        "JO is expired, and its customer was told that it is confirmed"
    ]
    assert list(lost({"1": JO}, [Told(1, booking="1", confirmed=True, cancelled=True)])) == [
        "JO is confirmed, and its customer was told that it is cancelled"
    ]
    assert list(lost({"1": CANCELLED}, [Told(1, booking="1", confirmed=True, cancelled=True)])) == []


def test_each_booking_is_confirmed_by_one_mail() -> None:
    mail = Mail(JO.email, "Booked: Leaking tap", "<1@x>")
    other = replace(mail, message_id="<2@x>")
    assert list(mails({"1": JO}, [mail])) == []
    assert list(mails({"1": JO}, [])) == ["jo@chaos.example got 0 confirmations for 1 bookings"]
    assert list(mails({"1": JO}, [mail, other])) == ["jo@chaos.example got 2 confirmations for 1 bookings"]
    assert list(mails({"1": LAPSED}, [mail])) == ["jo@chaos.example got 1 confirmations for 0 bookings"]
    assert list(mails({"1": CANCELLED}, [])) == []
    assert (list(mails({"1": JO}, [mail, mail])), sent_again([mail, mail, other])) == ([], 1)
