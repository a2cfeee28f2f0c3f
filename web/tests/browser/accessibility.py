"""axe-core on a page, or on a frame of one."""

from __future__ import annotations

from functools import cache
from typing import Any

from playwright.sync_api import Frame, Page

from local.stack import CHECKOUT

AXE = CHECKOUT / "widget" / "node_modules" / "axe-core" / "axe.min.js"
OPTIONS = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "iframes": False,  # a frame is looked at by itself
    "resultTypes": ["violations"],  # what passed is not worked out in full
}


# What the bar at the bottom of a phone covers just now is there once one scrolls.
RUN = """async (options) => {
    const bar = document.querySelector(".navigation");
    if (bar) bar.style.position = "static";
    const found = (await axe.run(document, options)).violations;
    if (bar) bar.style.position = "";
    return found;
}"""


@cache
def axe() -> str:
    return AXE.read_text()


SIDEWAYS = """() => {
    const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
    if (wide <= 0) return "";
    const out = [...document.querySelectorAll("body *")].filter(
        (one) => one.getBoundingClientRect().right > innerWidth + 1 && one.checkVisibility());
    return `${wide} px: ` + out.slice(-3).map((one) => one.outerHTML.slice(0, 80)).join(" | ");
}"""


def sideways(page: Page) -> list[str]:
    """What makes the page scroll sideways when it is enlarged to 200 % on a phone, where 375 px become 188."""
    before = page.viewport_size
    page.set_viewport_size({"width": 188, "height": 400})
    wide = page.evaluate(SIDEWAYS)
    assert before
    page.set_viewport_size(before)
    return [f"scrolls sideways by {wide}"] if wide else []


def violations(frame: Page | Frame) -> list[str]:
    """`rule: what to mend (where)` for everything that axe finds."""
    frame.wait_for_load_state("domcontentloaded")  # after a click the next page may only have begun
    frame.evaluate(axe())
    found: list[dict[str, Any]] = frame.evaluate(RUN, OPTIONS)
    return [
        f"{rule['id']}: {rule['help']} ({node['target']}) {node['failureSummary']}"
        for rule in found
        for node in rule["nodes"]
    ]
