"""Account links and the page they lead to: a stand-in for Stripe's onboarding form."""

from __future__ import annotations

import html
import time
from pathlib import Path
from urllib.parse import urlsplit

from . import accounts
from .errors import StripeError, missing
from .store import Object
from .world import PLATFORM, Call, World, now

LIVES = 300  # seconds, as long as one of Stripe's
PAGE = (Path(__file__).parent / "assets" / "onboarding.html").read_text()


def create_link(world: World, call: Call) -> Object:
    """POST /v2/core/account_links. The link works once and for five minutes."""
    account = accounts.retrieve(world, Call("GET", call.path), call.params.get("account") or "")
    use_case = call.params.get("use_case") or {}
    options = use_case.get(use_case.get("type") or "") or {}
    if not options:
        raise missing("use_case")
    for name in ("refresh_url", "return_url"):
        _require_web_address(options, name)
    token = f"{account['id']}-{time.time_ns():x}"
    link = {
        "object": "v2.core.account_link",
        "account": account["id"],
        "created": accounts.timestamp(now()),
        "expires_at": accounts.timestamp(now() + LIVES),
        "livemode": False,
        "url": f"{world.origin}/_demo/onboarding/{token}",
        "use_case": use_case,
    }
    stored = {"id": token, "_created": now(), "_options": options, "_used": False}
    world.store.insert(link | stored, PLATFORM)
    return link


def open_link(world: World, token: str) -> tuple[str, str]:
    """Visiting a link. -> ("page", HTML) or, for a used or old one, ("redirect", the refresh address)."""
    link = _find(world, token)
    if link["_used"] or link["_created"] + LIVES < now():
        return "redirect", link["_options"]["refresh_url"]
    account = world.store.get("v2.core.account", link["account"], PLATFORM) or {}
    name = html.escape(account.get("display_name") or account.get("contact_email") or link["account"])
    page = PAGE.replace("{{account}}", html.escape(link["account"])).replace("{{name}}", name)
    return "page", page


def leave(world: World, token: str, button: str) -> str:
    """Pressing a button on the page: `finish`, `check` (Stripe takes its time) or `later`. -> where to go back to."""
    link = _find(world, token)
    options = link["_options"]
    if link["_used"]:
        return str(options["refresh_url"])
    world.store.save(link | {"_used": True})
    if status := {"finish": "active", "check": "pending"}.get(button):
        accounts.set_card_payments(world, link["account"], status)
    return str(options.get("return_url") or options["refresh_url"])


def _find(world: World, token: str) -> Object:
    link = world.store.get("v2.core.account_link", token, PLATFORM)
    if link is None:
        raise StripeError("There is no such onboarding link.", status=404)
    return link


def _require_web_address(options: dict[str, str], name: str) -> None:
    address = options.get(name)
    if address is None:
        if name == "refresh_url":
            raise missing(name)
        return
    if urlsplit(address).scheme not in ("http", "https"):
        raise StripeError(f"Not a valid URL: {name}", code="invalid_fields")
