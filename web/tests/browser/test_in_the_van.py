"""A phone in the van: today's jobs are read where there is no reception, and are gone once signed out."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import expect

from local.ports import wait_until
from local.stack import Stack

from .accessibility import sideways, violations
from .visitor import Visitor

Visit = Callable[..., Visitor]
IS_KEPT = "path => caches.match(path).then(copy => copy !== undefined)"
COPIES = "caches.keys().then(names => names.length)"


def test_today_is_read_without_reception_and_forgotten_at_sign_out(visit: Visit, stack: Stack) -> None:
    joe = visit(width=375)
    joe.expects("ERR_INTERNET_DISCONNECTED|status of 503")
    joe.sign_in()
    page = joe.page
    page.goto(f"{stack.site_url}/dashboard/you/in-the-van")
    page.get_by_role("button", name="Keep them on this phone").click()
    expect(page.get_by_text("This phone keeps today's jobs from now on.")).to_be_visible()
    wait_until(lambda: page.evaluate(IS_KEPT, "/dashboard/"), seconds=20)
    as_of = page.get_by_text(re.compile(r"^As of .*: no reception\.$"))
    expect(as_of).to_be_hidden()

    address = page.locator(".next__who a").get_attribute("href")
    wait_until(lambda: page.evaluate(IS_KEPT, address), seconds=20)
    joe.context.set_offline(True)
    page.reload()
    expect(page.get_by_role("heading", name="Today", level=1)).to_be_visible()
    expect(as_of).to_be_visible()
    assert violations(page) + sideways(page) == []
    page.goto(f"{stack.site_url}{address}")
    expect(as_of).to_be_visible()
    page.get_by_label("Private notes").fill("Key is under the mat")
    page.get_by_role("button", name="Save notes").click()
    expect(page.get_by_role("status").filter(has_text="Waiting to be sent")).to_contain_text("Notes: ")
    page.goto(f"{stack.site_url}/dashboard/calendar")
    page.get_by_role("link", name="Today and its jobs").click()
    expect(as_of).to_be_visible()

    waiting = page.get_by_role("status").filter(has_text="Waiting to be sent")
    expect(waiting).to_be_visible()
    assert violations(page) + sideways(page) == []

    joe.context.set_offline(False)
    expect(page.get_by_text(re.compile("^Notes on .* saved"))).to_be_visible()
    expect(waiting).to_be_hidden()
    page.goto(f"{stack.site_url}{address}")
    expect(page.get_by_label("Private notes")).to_have_value("Key is under the mat")
    expect(as_of).to_be_hidden()
    page.locator("summary").first.click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(re.compile("/accounts/|/$"))
    assert page.evaluate(COPIES) == 0
