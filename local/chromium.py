"""Chromium without a window, driven by Playwright. The machine's own: nothing is downloaded."""

import os
import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Playwright

# The first is the same browser without what only a window needs: half the computing.
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = ("--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run")
MISSING = "Chromium is not installed: apt-get install chromium-headless-shell"


def path() -> str | None:
    """Where it is; None where it isn't. CHROMIUM_PATH wins."""
    return os.environ.get("CHROMIUM_PATH") or next(filter(None, map(shutil.which, NAMES)), None)


def launch(playwright: "Playwright", executable: str) -> "Browser":
    # Its sandbox refuses to run as root.
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    return playwright.chromium.launch(executable_path=executable, args=[*QUIET, *sandbox])
