"""Somebody with a browser of their own, who notices every error on every page."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, ConsoleMessage, Page, WebError

from local.demo_login import PASSWORD
from local.ports import wait_until
from local.stack import Stack

from .booking_widget import BookingWidget

HEIGHTS = {375: 812, 1280: 900}


class Visitor:
    """One browser context with one page. `width` in CSS px; `zone` is where the browser thinks it is."""

    def __init__(
        self,
        browser: Browser,
        stack: Stack,
        *,
        width: int = 1280,
        zone: str = "Australia/Sydney",
        dark: bool = False,
    ) -> None:
        self.stack = stack
        self.context = browser.new_context(
            viewport={"width": width, "height": HEIGHTS.get(width, 900)},
            locale="en-AU",
            timezone_id=zone,
            reduced_motion="reduce",
            color_scheme="dark" if dark else "light",
            ignore_https_errors=stack.proxied,  # its certificate is of this machine's making
        )
        self.problems: list[str] = []
        self._expected: list[str] = []
        self.context.on("console", self._hear)
        self.context.on("weberror", self._crashed)
        self.page: Page = self.context.new_page()

    def expects(self, pattern: str) -> None:
        """An error that belongs to the test: browsers log every answer of 400 and up."""
        self._expected.append(pattern)

    def leave(self) -> list[str]:
        """Closes the browser. -> what went wrong on any page and was not expected."""
        self.context.close()
        return [text for text in self.problems if not any(re.search(known, text) for known in self._expected)]

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.problems.append(f"{message.text} ({message.location['url']})")

    def _crashed(self, problem: WebError) -> None:
        self.problems.append(f"uncaught: {problem.error}")

    # ---- where people go

    def open_website(self) -> BookingWidget:
        """The tradie's own website, with the widget in a frame from another origin."""
        self.page.goto(self.stack.website_url + "/")
        frame = self.page.frame_locator("peepopay-booking iframe")
        return BookingWidget(self.page, frame)

    def open_booking_page(self, slug: str = "joe-plumber") -> BookingWidget:
        self.page.goto(f"{self.stack.site_url}/book/{slug}")
        return BookingWidget(self.page, self.page)

    def sign_in(self, email: str = "joe@example.com") -> None:
        """Ends on Today."""
        self.page.goto(f"{self.stack.site_url}/dashboard/")
        self.page.get_by_label("Email").fill(email)
        self.page.get_by_label("Password", exact=True).fill(PASSWORD)
        self.page.get_by_role("button", name=re.compile("^sign in$", re.IGNORECASE)).click()
        self.page.get_by_role("heading", name="Today", level=1).wait_for()

    def take_second_step(self, code_now: Callable[[], str]) -> None:
        """A code works once: one that somebody used in this half minute is waited out, not tried over and over."""
        self.expects("status of 400 .*/2fa/")
        code = ""
        while "/2fa/" in self.page.url:
            wait_until(lambda used=code: code_now() != used, seconds=35)
            code = code_now()
            self.page.get_by_label("Code").fill(code)
            self.page.get_by_role("button", name="Sign in", exact=True).click()

    def picture(self, path: Path) -> None:
        self.page.screenshot(path=path, full_page=True)
