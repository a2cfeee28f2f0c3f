"""The whole product, as the end-to-end tests and `make run` start it."""

import json
import os
import urllib.request
from pathlib import Path

import pytest

from local.stack import Stack

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def on_rabbitmq(breakable_stack: Stack) -> Stack:
    return breakable_stack


def get(url: str) -> str:
    with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310
        return str(answer.read().decode())


def test_everything_is_healthy_on_rabbitmq(on_rabbitmq: Stack) -> None:
    answer = json.loads(get(f"{on_rabbitmq.site_url}/health/all"))
    programs = ["relay", "worker", "beat", "queue webhooks", "queue messages"]
    programs += ["queue outgoing", "queue sweeps"]
    assert answer["status"] == "healthy"
    assert list(answer["checks"]) == ["db", "redis", "rabbitmq", *programs]


def test_the_demo_data_is_there_and_the_books_balance(on_rabbitmq: Stack) -> None:
    assert (
        json.loads(get(f"{on_rabbitmq.site_url}/api/tradies/joe-plumber"))["business_name"]
        == "Joe's Plumbing"
    )
    assert on_rabbitmq.query("SELECT count(*) FROM bookings_booking WHERE status = %s", "confirmed") >= [(3,)]
    assert on_rabbitmq.manage("check_invariants").split()[-1] == "0"


def test_the_example_website_is_another_origin_with_our_widget_in_it(on_rabbitmq: Stack) -> None:
    page = get(f"{on_rabbitmq.website_url}/")
    assert f'src="{on_rabbitmq.site_url}/embed.js"' in page
    with pytest.raises(urllib.error.HTTPError, match="404"):
        get(f"{on_rabbitmq.website_url}/../website.py")


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="this system pins no processes")
def test_each_web_process_has_a_core_of_its_own(on_rabbitmq: Stack) -> None:
    master = on_rabbitmq.processes["web"].pid
    workers = Path(f"/proc/{master}/task/{master}/children").read_text().split()
    cores = [os.sched_getaffinity(int(worker)) for worker in workers]
    everything = os.sched_getaffinity(0)
    assert len(cores) == len(everything)
    assert sorted(core for own in cores for core in own) == sorted(everything)
