"""What browsers are given: stripe.js, the frames it opens, and the onboarding page."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs

from . import dashboard, onboarding
from .errors import StripeError
from .gateway import Answer
from .world import World

ASSETS = Path(__file__).parent / "assets"
TYPES = {".js": "text/javascript", ".html": "text/html", ".css": "text/css"}
FILES = {
    "/stripe.js": "stripe.js",
    "/_demo/card.html": "card.html",
    "/_demo/card.js": "card.js",
    "/_demo/challenge.html": "challenge.html",
    "/_demo/challenge.js": "challenge.js",
    "/_demo/demo.css": "demo.css",
}
# The demo's own pages: nothing inline, nothing from elsewhere; any page may frame them, as with Stripe's.
POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'"


def answer(world: World, method: str, path: str, body: str) -> Answer:
    if path.startswith("/_demo/onboarding/"):
        return _onboarding(world, method, path.rsplit("/", 1)[1], body)
    if path == "/":
        return _page(dashboard.page(world).encode(), "text/html")
    if path not in FILES or method != "GET":
        raise StripeError(f"Unrecognized request URL ({method}: {path}).", status=404)
    file = ASSETS / FILES[path]
    return _page(file.read_bytes(), TYPES[file.suffix])


def _onboarding(world: World, method: str, token: str, body: str) -> Answer:
    with world.store.transaction():
        if method == "POST":
            (button,) = parse_qs(body).get("do", [""])
            return _redirect(onboarding.leave(world, token, button))
        kind, value = onboarding.open_link(world, token)
    return _redirect(value) if kind == "redirect" else _page(value.encode(), "text/html")


def _page(content: bytes, content_type: str) -> Answer:
    headers = {
        "Content-Type": f"{content_type}; charset=utf-8",
        "Content-Security-Policy": POLICY,
        "X-Content-Type-Options": "nosniff",
    }
    if content_type == "text/javascript":
        headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        headers["Access-Control-Allow-Origin"] = "*"
    return Answer(200, content, headers)


def _redirect(address: str) -> Answer:
    return Answer(303, b"", {"Location": address, "Content-Type": "text/plain"})
