"""Dollars and times as people write them."""

from __future__ import annotations

import doctest

import pytest

from local.testing.cast import at
from peepopay import money
from peepopay.local_time import iso, moment, zone_label


def test_the_examples_in_the_docstrings_hold():
    assert doctest.testmod(money).failed == 0


@pytest.mark.parametrize(
    ("instant", "zone", "text", "label"),
    [
        ("2027-01-14 08:00 +11:00", "Australia/Sydney", "Thu 14 Jan, 8:00 am", "AEDT, Sydney time"),
        ("2027-07-14 08:00 +10:00", "Australia/Sydney", "Wed 14 Jul, 8:00 am", "AEST, Sydney time"),
        ("2027-01-14 12:05 +10:30", "Australia/Adelaide", "Thu 14 Jan, 12:05 pm", "ACDT, Adelaide time"),
        ("2027-01-14 00:00 +08:00", "Australia/Perth", "Thu 14 Jan, 12:00 am", "AWST, Perth time"),
        ("2027-01-14 23:59 +11:00", "Australia/Lord_Howe", "Thu 14 Jan, 11:59 pm", "Lord Howe time"),
        ("2027-01-14 09:00 +09:30", "Australia/Darwin", "Thu 14 Jan, 9:00 am", "ACST, Darwin time"),
    ],
)
def test_a_moment_is_in_the_tradies_zone_and_names_it(instant, zone, text, label):
    assert (moment(at(instant), zone), zone_label(at(instant), zone)) == (text, label)


def test_a_time_that_happens_twice_is_told_apart_by_its_offset():
    first, second = at("2027-04-04 02:30 +11:00"), at("2027-04-04 02:30 +10:00")
    assert [iso(first, "Australia/Sydney"), iso(second, "Australia/Sydney")] == [
        "2027-04-04T02:30:00+11:00",
        "2027-04-04T02:30:00+10:00",
    ]
