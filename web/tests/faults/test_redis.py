"""Redis killed, frozen and restarted while customers book and a tradie is signed in: slower at worst."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import requests

from local.demo_login import PASSWORD
from local.ports import wait_until
from local.processes import Process

from .conftest import Town

pytestmark = pytest.mark.slow


class Joe:
    """A browser in which Joe signs in."""

    def __init__(self, site: str) -> None:
        self.site, self.browser = site, requests.Session()

    def sign_in(self) -> bool:
        page = self.site + "/accounts/login/"
        self.browser.get(page, timeout=10).raise_for_status()
        form = {
            "login": "joe@example.com",
            "password": PASSWORD,
            "csrfmiddlewaretoken": self.browser.cookies["csrftoken"],
        }
        self.browser.post(page, data=form, headers={"Referer": page}, timeout=10).raise_for_status()
        return self.is_in()

    def is_in(self) -> bool:
        answer = self.browser.get(self.site + "/dashboard/", allow_redirects=False, timeout=10)
        assert answer.status_code < 500
        return answer.status_code == 200


@pytest.fixture
def valkey(town: Town) -> Iterator[Process]:
    process = town.stack.processes["valkey"]
    yield process
    if process.alive:
        process.thaw()
    else:
        process.start()


FAULTS: dict[str, tuple[Callable[[Process], None], Callable[[Process], object]]] = {
    "killed": (Process.kill, Process.start),
    "frozen": (Process.freeze, Process.thaw),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_without_redis_everything_goes_on_and_nobody_is_signed_out(
    town: Town, valkey: Process, fault: str
) -> None:
    breaks, mends = FAULTS[fault]
    joe = Joe(town.stack.site_url)
    assert joe.sign_in()
    with town.traffic(town.quote, pause=0.3) as answers:
        breaks(valkey)
        assert joe.is_in()
        assert Joe(town.stack.site_url).sign_in()
        # Each of web's processes answers from its own look of up to a second ago.
        for part in ("/redis", "/all"):
            assert wait_until(lambda part=part: town.health(part).status == 503, seconds=5)
        assert [town.health(part).status for part in ("", "/db", "/rabbitmq")] == [200] * 3
        # On a busy machine a sign of life may be late.
        assert wait_until(lambda: town.health("/workers").status == 200, seconds=20)
        assert the_next_list_knows(town)
        mends(valkey)
        assert joe.is_in()
        assert the_next_list_knows(town)
    assert {answer.status for answer in answers} == {201}
    town.wait_told()


def the_next_list_knows(town: Town) -> bool:
    """A time that was just booked is not in the very next list."""
    made = town.quote()
    assert made.status == 201
    return made.body["booking"]["start"] not in town.shop.free_starts(town.shop.service("Free quote"))
