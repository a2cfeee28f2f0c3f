"""What rests sealed in a table is opened by our keys only, today's and yesterday's."""

from __future__ import annotations

from typing import Any

import pytest

from peepopay.sealing import Unreadable, seal, unseal

CONTENT = {"to": "jo@example.com", "text": "BCDFG-HJKLM, O’Brien"}


def test_it_opens_again_and_says_nothing_meanwhile() -> None:
    sealed = seal(CONTENT, purpose="mail")
    assert unseal(sealed, purpose="mail") == CONTENT
    assert sealed != seal(CONTENT, purpose="mail")
    assert not [word for word in ("jo@", "BCDFG", "Brien") if word in sealed]


def test_it_outlives_a_change_of_the_secret_key_while_the_old_one_is_kept(settings: Any) -> None:
    sealed, old = seal(CONTENT, purpose="mail"), settings.SECRET_KEY
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another", [old]
    assert unseal(sealed, purpose="mail") == CONTENT
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(Unreadable):
        unseal(sealed, purpose="mail")


def test_it_opens_for_its_own_purpose_only() -> None:
    with pytest.raises(Unreadable):
        unseal(seal(CONTENT, purpose="mail"), purpose="another")
