"""/status while parts are away: it says so in words, by itself, and never fails."""

from __future__ import annotations

import pytest

from local.ports import wait_until
from local.testing.crowd import ask

from .breaks import BREAKS
from .conftest import Town

pytestmark = pytest.mark.slow


def says(town: Town, words: str) -> bool:
    answer = ask(town.stack.site_url, "GET", "/status")
    assert (answer.status, answer.seconds < 3) == (200, True)
    return words in str(answer.body)


def test_the_status_page_says_what_does_not_work_and_again_that_all_does(town: Town) -> None:
    assert wait_until(lambda: says(town, "Everything is working"), seconds=30)
    with BREAKS["Stripe hangs"](town):
        assert wait_until(lambda: says(town, "be paid right now"), seconds=15)
        assert not says(town, "be taken right now")
