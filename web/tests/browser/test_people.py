"""An owner invites somebody, who joins from the mail; and every page on that way is fit for everybody."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from local.demo_login import PASSWORD
from local.stack import Stack

from .accessibility import violations
from .post import Post
from .visitor import Visitor

Visit = Callable[..., Visitor]


@pytest.mark.parametrize("width", [375, 1280])
def test_from_the_invitation_to_the_first_look_at_the_day(
    visit: Visit, stack: Stack, post: Post, width: int
) -> None:
    address, found = f"pat{width}@example.com", {}
    joe, pat = visit(width=width), visit(width=width)
    joe.sign_in()
    open_menu(joe.page, "Who signs in")
    joe.page.get_by_role("link", name="Invite somebody").click()
    joe.page.get_by_label("Name").fill("Pat")
    joe.page.get_by_label("Email", exact=True).fill(address)
    joe.page.get_by_role("radio", name=re.compile("^Worker")).check()
    joe.page.get_by_role("button", name="Invite", exact=True).click()
    expect(joe.page.get_by_text(f"We're mailing {address} a link to join.")).to_be_visible()
    found["people with an invitation"] = violations(joe.page)

    mail = post.wait_for_mail(address, about="invites you to Joe's Plumbing")
    link = re.search(r"https?://\S+/join/\S+", mail.text)
    assert link, mail.text
    pat.page.goto(link.group())
    found["invitation"] = violations(pat.page)
    pat.page.get_by_role("link", name="I’m new here").click()
    pat.page.get_by_label("Email").fill(address)
    pat.page.get_by_label("Password", exact=True).fill(PASSWORD)
    pat.page.get_by_role("button", name=re.compile("sign up", re.IGNORECASE)).click()
    pat.page.get_by_label("Code").fill(code_in(post.wait_for_mail(address, about="[Cc]onfirm").text))
    pat.page.get_by_role("button", name=re.compile("confirm", re.IGNORECASE)).click()
    pat.page.get_by_role("button", name="Join").click()
    expect(pat.page.get_by_text("Welcome to Joe's Plumbing.")).to_be_visible()
    expect(pat.page.get_by_role("navigation", name="Main").get_by_role("link")).to_have_text(
        ["Today", "Bookings", "Calendar", "More"]
    )
    found["a worker's day"] = violations(pat.page)
    pat.expects("403")
    pat.page.goto(f"{stack.site_url}/dashboard/services")
    expect(pat.page.get_by_text("Please ask Joe Rossi.")).to_be_visible()
    found["refused"] = violations(pat.page)
    pat.page.goto(f"{stack.site_url}/dashboard/you")
    found["you"] = violations(pat.page)

    joe.page.goto(f"{stack.site_url}/dashboard/people")
    joe.page.get_by_role("link", name="Pat").filter(has_text=address).click()
    found["person"] = violations(joe.page)
    joe.page.get_by_role("button", name="Remove Pat").click()
    expect(joe.page.get_by_text("Pat is out, and signed out on every device.")).to_be_visible()
    pat.page.goto(f"{stack.site_url}/dashboard/")
    expect(pat.page).to_have_url(re.compile("/accounts/login/"))
    assert {where: problems for where, problems in found.items() if problems} == {}


def test_who_works_for_two_businesses_switches_between_them(visit: Visit, stack: Stack) -> None:
    kim = visit(width=375)
    kim.sign_in("kim@example.com")
    menu = kim.page.locator("details.menu")
    expect(menu.locator("summary")).to_have_text("Joe's Plumbing")
    menu.locator("summary").click()
    assert violations(kim.page) == []
    menu.get_by_role("button", name="Switch to Alex Electric").click()
    expect(menu.locator("summary")).to_have_text("Alex Electric")


def open_menu(page: Page, link: str) -> None:
    page.locator("details.menu summary").click()
    page.locator("details.menu").get_by_role("link", name=link).click()


def code_in(text: str) -> str:
    match = re.search(r"^[A-Z0-9]{3,4}-?[A-Z0-9]{3,4}$", text, re.M)
    assert match, text
    return match.group()
