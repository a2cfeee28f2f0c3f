"""No page breaks its own policy: each is opened in a browser, which would log a violation as an error."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import expect

from local.authenticator import code_now
from local.demo_login import ADMIN_KEY, PASSWORD
from local.stack import Stack

from .visitor import Visitor

Visit = Callable[..., Visitor]

ACCOUNT = ("", "login/", "signup/", "email/", "password/change/", "password/reset/", "login/code/")
ACCOUNT += ("reauthenticate/", "2fa/", "2fa/totp/deactivate/", "2fa/recovery-codes/generate/")


def test_the_admin_and_the_pages_of_an_account(visit: Visit, stack: Stack) -> None:
    visitor = visit(width=375)
    visitor.expects("favicon.ico")  # the admin names no icon, so browsers ask for one
    page = visitor.page
    sign_in_operator(visitor, stack)
    lists = page.locator("#content-main tr[class^='model-'] th a").evaluate_all(
        "links => links.map(a => a.href)"
    )
    assert len(lists) >= 15
    for address in lists:
        page.goto(address)
        first, add = page.locator("#result_list tbody th a").first, page.locator(".object-tools a.addlink")
        for link in [link.get_attribute("href") for link in (first, add) if link.count()]:
            page.goto(f"{stack.site_url}{link}")
    for address in ACCOUNT:
        page.goto(f"{stack.site_url}/accounts/{address}")


def sign_in_operator(visitor: Visitor, stack: Stack) -> None:
    page = visitor.page
    page.goto(f"{stack.site_url}/admin/")
    page.get_by_label("Email").fill("admin@example.com")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    visitor.take_second_step(lambda: code_now(ADMIN_KEY))
    expect(page.get_by_role("heading", name="Operator")).to_be_visible()


def test_setting_up_an_authenticator_shows_its_picture(visit: Visit, stack: Stack) -> None:
    alex = visit(width=375)
    alex.sign_in("alex@example.com")
    alex.page.goto(f"{stack.site_url}/accounts/2fa/totp/activate/")
    if "reauthenticate" in alex.page.url:
        alex.page.get_by_label("Password").fill(PASSWORD)
        alex.page.get_by_role("button", name="Go on").click()
    picture = alex.page.locator("img[src^='data:']")
    expect(picture).to_be_visible()
    assert picture.evaluate("img => img.naturalWidth") > 0


def test_the_api_documentation(visit: Visit, stack: Stack) -> None:
    page = visit().page
    page.goto(f"{stack.site_url}/api/docs")
    operation = page.locator("#operations-tradies-tradie")
    operation.get_by_role("button").first.click()
    operation.get_by_role("button", name="Try it out").click()
    operation.locator("input").first.fill("joe-plumber")
    operation.get_by_role("button", name="Execute").click()
    expect(operation.locator(".live-responses-table").get_by_text("Joe's Plumbing").first).to_be_visible()


def test_the_development_pages_and_the_front_door(visit: Visit, stack: Stack) -> None:
    page = visit().page
    page.goto(f"{stack.site_url}/sent")
    card = page.locator("details:has(> iframe)").first  # the newest may be a text
    card.evaluate("card => (card.open = true)")
    frame = card.frame_locator("iframe")
    expect(frame.locator("body")).to_contain_text(re.compile("PeepoPay|booking", re.IGNORECASE))
    page.goto(f"{stack.site_url}/")
