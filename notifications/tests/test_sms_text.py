"""Text that fits an SMS."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.sms_text import GSM, gsm, short_name


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Joe\u2019s \u201cbest\u201d \u2013 ever\u2026", 'Joe\'s "best" - ever...'),
        ("Müller & Søn", "Müller & Søn"),
        ("Čapek, Dvořák", "Capek, Dvorak"),
        ("hot 🔥 water", "hot  water"),
        ("https://a.example/manage/aB_-9", "https://a.example/manage/aB_-9"),
        ("سباكة", ""),
    ],
)
def test_text_is_made_plain(text: str, plain: str) -> None:
    assert gsm(text) == plain


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("Joe's Plumbing", "Joe's Plumbing"),
        ("🚿 Joe's\n Plumbing 🚿", "Joe's Plumbing"),
        ("Joe's Plumbing, Gasfitting & Hot Water Systems", "Joe's Plumbing, Gasfitting"),
        ("W" * 120, "W" * 30),
        ("سباكة سيدني", "Your tradie"),
        ("🚿🚿", "Your tradie"),
    ],
)
def test_a_business_name_is_shortened_at_a_word(name: str, short: str) -> None:
    assert short_name(name) == short


@given(st.text(max_size=200))
def test_whatever_the_name_it_fits(name: str) -> None:
    short = short_name(name)
    assert 1 <= len(short) <= 30
    assert set(short) <= GSM
