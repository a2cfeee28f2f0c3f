"""`make screenshots`: the pictures in README.md and on the home page, taken from the running product."""

import os
import re
import sys
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, FrameLocator, Locator, Page, expect, sync_playwright

from local import chromium
from local.demo_login import PASSWORD
from local.paths import CHECKOUT
from local.ports import free_ports_in_a_row
from local.processes import temporary_folder
from local.stack import Stack

FOLDER = CHECKOUT / "docs" / "images"
PHONE = {"width": 390, "height": 760}


def main() -> int:
    """Returns the exit code."""
    executable = chromium.path()
    if not executable:
        print(chromium.MISSING, file=sys.stderr)
        return 1
    stack = Stack(
        folder=temporary_folder("screenshots"),
        given=os.environ,
        web_port=free_ports_in_a_row(3),
        disposable=True,
        tell=print,
    )
    stack.start()
    try:
        with sync_playwright() as playwright:
            browser = chromium.launch(playwright, executable)
            for path in (widget(browser, stack), dashboard(browser, stack), *home_page(browser, stack)):
                print(f"{path.relative_to(CHECKOUT)}: {path.stat().st_size // 1000} kB")
            browser.close()
    finally:
        stack.stop()
    return 0


def widget(browser: Browser, stack: Stack) -> Path:
    """A day with many free times, on the plumber's own website."""
    page = new_page(browser, width=900, height=860)
    page.goto(f"{stack.website_url}/")
    frame = page.frame_locator("peepopay-booking iframe")
    frame.get_by_role("button", name="Blocked drain").click()
    choose_day(frame)
    page.locator("#book").evaluate("section => section.scrollIntoView()")
    return picture(page, "widget.png")


def dashboard(browser: Browser, stack: Stack) -> Path:
    page = new_page(browser, **PHONE)
    sign_in(page, stack)
    return picture(page, "dashboard.png")


def home_page(browser: Browser, stack: Stack) -> list[Path]:
    """The three phones of the home page: a customer books, the day, the month's money."""
    customer = new_page(browser, **PHONE)
    customer.goto(f"{stack.site_url}/book/joe-plumber")
    customer.get_by_role("button", name="Blocked drain").click()
    time = choose_day(customer)
    time.evaluate("button => button.scrollIntoView({block: 'center'})")
    tradie = new_page(browser, **PHONE)
    sign_in(tradie, stack)
    pictures = [phone(customer, "book.webp"), phone(tradie, "today.webp")]
    tradie.goto(f"{stack.site_url}/dashboard/money")
    return [*pictures, phone(tradie, "money.webp")]


def choose_day(widget: FrameLocator | Page) -> Locator:
    """In the first week of next month, however few days are left of this one. -> the first free time"""
    widget.get_by_role("button", name="Next month").click()
    widget.get_by_role("button", name=re.compile(r"\d+ times? free")).nth(3).click()
    time = widget.get_by_role("button", name=re.compile(r"\d:\d\d [ap]m")).first
    expect(time).to_be_visible()
    return time


def phone(page: Page, name: str) -> Path:
    """As WebP: a third of the bytes."""
    path = CHECKOUT / "static" / "img" / "home" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.open(BytesIO(page.screenshot())).save(path, "WEBP", quality=80)
    return path


def sign_in(page: Page, stack: Stack) -> None:
    page.goto(f"{stack.site_url}/dashboard/")
    page.get_by_label("Email").fill("joe@example.com")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.locator("form button[type=submit]").click()
    expect(page.get_by_role("heading", name="Today", level=1)).to_be_visible()


def new_page(browser: Browser, *, width: int, height: int) -> Page:
    """`width` and `height` in CSS px."""
    context = browser.new_context(
        viewport={"width": width, "height": height},
        locale="en-AU",
        timezone_id="Australia/Sydney",
        reduced_motion="reduce",
    )
    return context.new_page()


def picture(page: Page, name: str) -> Path:
    FOLDER.mkdir(parents=True, exist_ok=True)
    path = FOLDER / name
    page.screenshot(path=path)
    return path


if __name__ == "__main__":
    sys.exit(main())
