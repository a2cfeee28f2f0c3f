"""Ways in besides the password: a code by e-mail for tradies, and the second step of the operator."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from local.demo_login import PASSWORD
from local.stack import Stack

from .accessibility import violations
from .post import Post
from .visitor import Visitor

Visit = Callable[..., Visitor]


@pytest.mark.parametrize("width", [375, 1280])
def test_a_tradie_signs_in_with_a_code_by_mail(visit: Visit, stack: Stack, post: Post, width: int) -> None:
    alex = visit(width=width)
    page = alex.page
    page.goto(f"{stack.site_url}/dashboard/")
    page.get_by_role("link", name="E-mail me a code").click()
    found = {"ask": violations(page)}
    page.get_by_label("Email").fill("alex@example.com")
    page.get_by_role("button", name="E-mail me a code").click()
    expect(page.get_by_role("heading", name="Enter your code")).to_be_visible()
    found["enter"] = violations(page)
    mail = post.mails_to("alex@example.com")[0]
    code = re.search(r"^[A-Z]{5}-[A-Z]{5}$", mail.text, re.MULTILINE)
    assert (mail.subject, bool(code)) == ("Your sign-in code", True)
    page.get_by_label("Code").fill("BBBBB-BBBBB")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("That code isn't right").first).to_be_visible()
    found["refused"] = violations(page)
    page.get_by_label("Code").fill(code.group() if code else "")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Today", level=1)).to_be_visible()
    assert {where: problems for where, problems in found.items() if problems} == {}


def test_a_newcomer_gets_into_the_demo_admin_with_what_is_shown(visit: Visit, stack: Stack) -> None:
    visitor = visit(width=375)
    visitor.expects("favicon.ico")  # the admin names no icon, so browsers ask for one
    page = visitor.page
    page.goto(f"{stack.site_url}/admin/")
    page.get_by_label("Email").fill("admin@example.com")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Second step")).to_be_visible()
    assert violations(page) == []
    while "/2fa/" in page.url:  # the code goes stale if the half minute turns meanwhile
        page.get_by_label("Code").fill(shown_code(visitor))
        page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Operator")).to_be_visible()


def shown_code(visitor: Visitor) -> str:
    page = visitor.context.new_page()
    page.goto(f"{visitor.stack.site_url}/sent")
    code = page.get_by_text("admin@example.com signs in").locator("strong").inner_text()
    page.close()
    return code
