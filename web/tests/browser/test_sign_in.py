"""Ways in besides the password: a code by e-mail and a passkey for tradies, and the second step of the operator."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from local.demo_login import PASSWORD
from local.stack import Stack

from .accessibility import sideways, violations
from .post import Post
from .visitor import Visitor

Visit = Callable[..., Visitor]


@pytest.mark.parametrize("width", [375, 1280])
def test_a_tradie_signs_in_with_a_code_by_mail(visit: Visit, stack: Stack, post: Post, width: int) -> None:
    alex = visit(width=width)
    alex.expects("status of 400")  # of a wrong code
    page = alex.page
    page.goto(f"{stack.site_url}/dashboard/")
    page.get_by_role("link", name="Email me a code").click()
    found = {"ask": violations(page)}
    page.get_by_label("Email").fill("alex@example.com")
    page.get_by_role("button", name="Email me a code").click()
    expect(page.get_by_role("heading", name="Enter your code")).to_be_visible()
    found["enter"] = violations(page)
    mail = post.mails_to("alex@example.com")[0]
    code = re.search(r"^[A-Z]{5}-[A-Z]{5}$", mail.text, re.MULTILINE)
    assert (mail.subject, bool(code)) == ("Your sign-in code", True)
    page.get_by_label("Code").fill("BBBBB-BBBBB")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_text("That code isn't right").first).to_be_visible()
    found["refused"] = violations(page)
    page.get_by_label("Code").fill(code.group() if code else "")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", name="Today", level=1)).to_be_visible()
    assert {where: problems for where, problems in found.items() if problems} == {}


def test_a_passkey_signs_in_alone_and_is_the_second_step_of_a_password(visit: Visit, stack: Stack) -> None:
    alex = visit(width=375, dark=True)
    page, accounts = alex.page, f"{stack.site_url}/accounts"
    finger = Finger(page)
    alex.sign_in("alex@example.com")
    page.goto(f"{accounts}/2fa/")
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()
    finger.is_shown(False)
    page.get_by_role("button", name="Add it").click()
    expect(page.get_by_role("alert")).to_contain_text("it was called off, or took too long")
    found = {"add": violations(page) + sideways(page)}
    finger.is_shown(True)
    page.get_by_label("What you call it").fill("My phone")
    page.get_by_role("button", name="Add it").click()
    expect(page.get_by_text("10 of 10 are left.")).to_be_visible()
    page.get_by_text("Alex Electric").click()
    page.get_by_role("button", name="Sign out").click()

    page.goto(f"{stack.site_url}/dashboard/money")
    found["sign in"] = violations(page) + sideways(page)
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("heading", name="Money", level=1)).to_be_visible()
    page.get_by_text("Alex Electric").click()
    page.get_by_role("button", name="Sign out").click()

    page.goto(f"{accounts}/login/")
    page.get_by_label("Email").fill("alex@example.com")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", name="Second step")).to_be_visible()
    found["second step"] = violations(page) + sideways(page)
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("heading", name="Today", level=1)).to_be_visible()

    page.goto(f"{accounts}/2fa/webauthn/")
    expect(page.get_by_text("My phone").first).to_be_visible()
    found["list"] = violations(page) + sideways(page)
    page.get_by_role("link", name="Rename My phone").click()
    page.get_by_role("link", name="Use a passkey").click()
    found["is it you"] = violations(page) + sideways(page)
    page.get_by_role("button", name="Use a passkey").click()
    page.get_by_label("What you call it").fill("Old phone")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Remove Old phone").click()
    found["remove"] = violations(page) + sideways(page)
    page.get_by_role("button", name="Remove it").click()
    expect(page.get_by_text("You have none yet.")).to_be_visible()
    assert {where: problems for where, problems in found.items() if problems} == {}


class Finger:
    """The reader of this browser's device, which the owner touches as soon as it asks, or somebody else does."""

    def __init__(self, page: Page) -> None:
        self.devtools = page.context.new_cdp_session(page)
        self.devtools.send("WebAuthn.enable")
        device = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True}
        device |= {"hasUserVerification": True, "isUserVerified": True, "automaticPresenceSimulation": True}
        made = self.devtools.send("WebAuthn.addVirtualAuthenticator", {"options": device})
        self.device = {"authenticatorId": made["authenticatorId"]}

    def is_shown(self, is_the_owners: bool) -> None:
        self.devtools.send("WebAuthn.setUserVerified", {**self.device, "isUserVerified": is_the_owners})


def test_a_newcomer_gets_into_the_demo_admin_with_what_is_shown(visit: Visit, stack: Stack) -> None:
    visitor = visit(width=375)
    visitor.expects("favicon.ico")  # the admin names no icon, so browsers ask for one
    page = visitor.page
    page.goto(f"{stack.site_url}/admin/")
    page.get_by_label("Email").fill("admin@example.com")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", name="Second step")).to_be_visible()
    assert violations(page) == []
    visitor.take_second_step(lambda: shown_code(visitor))
    expect(page.get_by_role("heading", name="Operator")).to_be_visible()


def shown_code(visitor: Visitor) -> str:
    page = visitor.context.new_page()
    page.goto(f"{visitor.stack.site_url}/sent")
    code = page.get_by_text("admin@example.com signs in").locator("strong").inner_text()
    page.close()
    return code
