"""Times, lengths and amounts as people and programs write them."""

from __future__ import annotations

import pytest

from peepopay.as_typed import cents_in, instant_in, instant_of, minutes_in, phone_in

SYDNEY = "Australia/Sydney"


@pytest.mark.parametrize(
    "text",
    [
        "2027-01-14T08:00:00+11:00",
        "2027-01-13T21:00:00Z",
        "2027-01-14 08:00",
        "2027-01-14T08:00:00",
        "14/01/2027 8:00 am",
        "14/1/2027 8am",
        "14/01/27 08:00",
        "14-01-2027 08:00:00",
        "Thu 14 Jan 2027, 8:00 am",
        "Thursday, 14 January 2027 at 8:00 a.m.",
        "14th January 2027 8.00 am",
        "Jan 14, 2027 8:00 AM",
    ],
)
def test_times_are_read_as_australians_write_them(text: str) -> None:
    assert instant_in(text, SYDNEY).isoformat() == "2027-01-13T21:00:00+00:00"


def test_day_and_time_may_come_apart() -> None:
    assert instant_of("14 Jan 2027", "8:00 am", SYDNEY) == instant_in("2027-01-14 08:00", SYDNEY)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "14/13/2027 8:00",
        "31/02/2027 8:00",
        "14/01/2027",
        "2027-01-14",
        "14/01/0001 8:00",
        "9" * 500,
    ],
)
def test_what_is_no_time_is_said(text: str) -> None:
    with pytest.raises(ValueError, match=r"that we can read|clocks skip"):
        instant_in(text, SYDNEY)


def test_a_time_that_the_clocks_skip_is_none() -> None:
    with pytest.raises(ValueError, match="clocks skip"):
        instant_in("2027-10-03 02:30", SYDNEY)


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("90", 90),
        ("1:30", 90),
        ("01:30:00", 90),
        ("1h 30m", 90),
        ("1.5 hours", 90),
        ("90 min", 90),
        ("2 hrs", 120),
    ],
)
def test_lengths(text: str, minutes: int) -> None:
    assert minutes_in(text) == minutes


@pytest.mark.parametrize("text", ["long", "1:75", "-5", "1h or so", "²"])
def test_no_lengths(text: str) -> None:
    with pytest.raises(ValueError, match="isn't a length"):
        minutes_in(text)


def test_amounts_and_numbers() -> None:
    assert [cents_in(text) for text in ("$1,200.50", "from $80", "95 AUD", "0")] == [120_050, 8_000, 9_500, 0]
    assert [phone_in(text) for text in ("0412 345 678", "412345678", "+61 412 345 678")] == [
        "+61412345678"
    ] * 3
    with pytest.raises(ValueError, match="isn't a phone number"):
        phone_in("12")
