"""How soon a calendar can be used on a phone with a slow connection: the booking page by itself, and in a website."""

import json
from dataclasses import dataclass
from statistics import median
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from bench import flow
from bench.report import Report
from local import chromium

ROUNDS = 7
PATIENCE_S = 30


@dataclass(frozen=True)
class Line:
    """A connection, and a phone at its end. `cpu`: how many times slower than this machine."""

    name: str
    latency_ms: int
    down_kbit: int
    up_kbit: int
    cpu: int
    at_most_s: float


# As WebPageTest has them.
LINES = (
    Line("fast 3G, CPU 4 times slower", 150, 1_600, 768, 4, at_most_s=1.0),
    Line("slow 3G", 400, 400, 400, 1, at_most_s=2.0),
)
# In every frame: when a day that is free has been drawn and can be pressed, in ms since 1970.
WATCH = """
const service = %s;
const watch = new MutationObserver(() => {
  const box = document.querySelector("peepopay-booking");
  if (box && !box.service) box.setAttribute("service", (box.service = service));
  box?.scrollIntoView();  // what is out of sight is not drawn
  if (!document.querySelector("td button:not([aria-disabled=true])")) return;
  watch.disconnect();
  requestAnimationFrame(() => setTimeout(() => (window.usable = performance.timeOrigin + performance.now())));
});
watch.observe(document, {childList: true, subtree: true});
"""


def measure(report: Report) -> None:
    stack = flow.start(proxied=True, RATE_LIMITS="off")  # nginx and Traefik compress
    with sync_playwright() as playwright:
        executable = chromium.path()
        assert executable, chromium.MISSING
        browser = chromium.launch(playwright, executable)
        service = stack.query("SELECT id FROM accounts_service WHERE name = 'Leaking tap'")[0][0]
        alone, within = f"{stack.site_url}/book/joe-plumber?service={service}", f"{stack.website_url}/"
        for line in LINES:
            for where, address in (("by itself", alone), ("in a website", within)):
                seconds = median(usable_after(browser, line, address, str(service)) for _ in range(ROUNDS))
                report.figure(f"{line.name}, {where}", seconds, "s", at_most=line.at_most_s)
        browser.close()
    stack.stop()


def usable_after(browser: Browser, line: Line, address: str, service: str) -> float:
    """Seconds from asking for the page, with nothing kept from before."""
    context = browser.new_context(viewport={"width": 375, "height": 812}, ignore_https_errors=True)
    page = context.new_page()
    page.add_init_script(WATCH % json.dumps(service))
    throttle(page, line)
    page.goto(address, wait_until="commit")
    began: float = page.evaluate("performance.timeOrigin")
    usable = 0
    for _ in range(PATIENCE_S * 10):
        page.wait_for_timeout(100)
        usable = max(frame.evaluate("window.usable ?? 0") for frame in page.frames)
        if usable:
            break
    context.close()
    if not usable:
        raise RuntimeError(f"{address} can't be used after {PATIENCE_S} s")
    return (usable - began) / 1000


def throttle(page: Page, line: Line) -> None:
    devtools: Any = page.context.new_cdp_session(page)
    devtools.send("Network.enable")
    devtools.send(
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": line.latency_ms,
            "downloadThroughput": line.down_kbit * 125,
            "uploadThroughput": line.up_kbit * 125,
        },
    )
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": line.cpu})
