"""A phone in the van: today's jobs are read where there is no reception, and are gone once signed out."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from playwright.sync_api import Route, expect

from local.ports import wait_until
from local.stack import Stack
from local.testing.phone import Phone
from local.testing.receiver import Start

from .accessibility import sideways, violations
from .booking_widget import Customer
from .free_days import FreeDays
from .visitor import Visitor

Visit = Callable[..., Visitor]
IS_KEPT = "path => caches.match(path).then(copy => copy !== undefined)"
COPIES = "caches.keys().then(names => names.length)"


def test_today_is_read_without_reception_and_forgotten_at_sign_out(
    visit: Visit, stack: Stack, free_days: FreeDays, start_receiver: Start
) -> None:
    joe = visit(width=375)
    joe.expects("status of 413|ERR_INTERNET_DISCONNECTED|status of 503|does not support the Push API")
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
    for words in ("Too much", "Key is under the mat"):
        page.get_by_label("Private notes").fill(words)
        page.get_by_role("button", name="Save notes").press("Enter")
    waiting = page.get_by_role("status").filter(has_text="Waiting to be sent")
    expect(waiting.get_by_role("listitem")).to_have_text([re.compile("^Notes: ")] * 2)
    page.goto(f"{stack.site_url}/dashboard/calendar")
    page.get_by_role("link", name="Today and its jobs").click()
    expect(as_of).to_be_visible()

    expect(waiting).to_be_visible()
    assert violations(page) + sideways(page) == []

    page.route("**/in-the-van/presses", refuse_too_much)
    joe.context.set_offline(False)
    expect(page.get_by_text(re.compile("^Notes on .* saved"))).to_be_visible()
    expect(waiting).to_be_hidden()
    refused = page.get_by_role("status").filter(has_text="PeepoPay didn’t take these")
    expect(refused.get_by_role("listitem")).to_have_text([re.compile(r"^Notes: .*: “Too much”$")])
    expect(refused.get_by_role("link")).to_have_attribute("href", address)
    assert violations(page) + sideways(page) == []
    refused.get_by_role("button", name="Forget these").press("Enter")
    expect(refused).to_be_hidden()
    page.goto(f"{stack.site_url}{address}")
    expect(page.get_by_label("Private notes")).to_have_value("Key is under the mat")
    expect(as_of).to_be_hidden()

    expect_told(joe, Phone(start_receiver()), visit, free_days)
    page.locator("summary").first.click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(re.compile("/accounts/|/$"))
    assert page.evaluate(COPIES) == 0


def refuse_too_much(route: Route) -> None:
    """As a proxy does what is too large for it, however often it comes."""
    if "tradie_notes=Too+much" in (route.request.post_data or ""):
        route.fulfill(status=413)
    else:
        route.continue_()


def expect_told(joe: Visitor, phone: Phone, visit: Visit, free_days: FreeDays) -> None:
    """No push service will have a browser without a screen: what it would give us comes from `phone`, and what arrives
    there is handed to the worker."""
    page = joe.page
    joe.context.grant_permissions(["notifications"])
    page.goto(f"{joe.stack.site_url}/dashboard/you/in-the-van")
    page.get_by_role("button", name="Tell me on this phone").click()
    expect(page.get_by_text("Your browser couldn’t set it up.")).to_be_visible()
    assert violations(page) + sideways(page) == []
    page.evaluate(
        """given => {
            const form = document.getElementById("phone-on");
            for (const name in given) form.elements[name].value = given[name];
            form.submit();
        }""",
        phone.given,
    )
    expect(page.get_by_text("This phone is told from now on.")).to_be_visible()
    expect(page.get_by_text("Your browser has dropped it since.")).to_be_visible()
    assert violations(page) + sideways(page) == []

    day = free_days()
    widget = visit(width=375).open_website()
    widget.hold("Blocked drain", day, "9:00 am", Customer("told@example.com", name="Secret Name"))
    widget.pay()
    widget.expect_booked()
    said = f"Paid: {day:%a} {day.day} {day:%b}, 9:00 am, Blocked drain"
    assert wait_until(lambda: said in phone.shown, seconds=20)
    got = next(told for told in map(phone.reads, phone.got) if told["text"] == said)
    assert what_the_worker_does(joe, got) == {"shown": said, "tag": got["tag"], "opened": got["url"]}
    page.goto(got["url"])
    expect(page.get_by_role("heading", name="Secret Name")).to_be_visible()


def what_the_worker_does(joe: Visitor, got: dict[str, str]) -> dict[str, str]:
    """With what arrived, and with a touch of it. A browser without a screen shows nothing and opens no windows, so it
    writes down what it was asked for."""
    (worker,) = joe.context.service_workers
    worker.evaluate(
        """() => {
            self.asked = {};
            self.registration.showNotification = async (shown, { tag, data }) =>
                Object.assign(self.asked, { shown, tag, data });
            self.clients.openWindow = async (opened) => Object.assign(self.asked, { opened });
        }"""
    )
    devtools, found = joe.context.new_cdp_session(joe.page), []
    devtools.on("ServiceWorker.workerRegistrationUpdated", lambda told: found.extend(told["registrations"]))
    devtools.send("ServiceWorker.enable")
    assert wait_until(lambda: joe.page.title() != "" and bool(found), seconds=20)
    (number,) = {one["registrationId"] for one in found}
    arrived = {"origin": joe.stack.site_url, "registrationId": number, "data": json.dumps(got)}
    devtools.send("ServiceWorker.deliverPushMessage", arrived)
    assert wait_until(lambda: worker.evaluate("'data' in self.asked"), seconds=20)
    worker.evaluate(
        """() => dispatchEvent(Object.assign(new ExtendableEvent("notificationclick"), {
            notification: { close() {}, data: self.asked.data },
        }))"""
    )
    assert wait_until(lambda: worker.evaluate("'opened' in self.asked"), seconds=20)
    asked: dict[str, str] = worker.evaluate("(({ data, ...asked }) => asked)(self.asked)")
    return asked
