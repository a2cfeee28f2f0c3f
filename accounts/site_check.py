"""What a website does with the booking page that its owner pasted into it, read from the page as it is sent."""

from __future__ import annotations

import re
import socket
import threading
from html.parser import HTMLParser
from itertools import product
from typing import NamedTuple
from urllib.parse import urlsplit

from django.conf import settings

from peepopay.outbound import Answer, NotReached, Resolve, answer_in, ask, follow

from .models import Tradie

MOST_READ = 1_000_000  # bytes of a page
BUSY = "Somebody else's website is being looked at. Try again in a moment."
NOT_THERE = (
    "Your booking page isn't in it as far as we can see. Some builders, Wix among them, put it there only in the "
    "browser: open the page yourself, wait for the times, and see whether it is listed above."
)
SCRIPTS = ("script-src-elem", "script-src", "default-src")
FRAMES = ("frame-src", "child-src", "default-src")
KEPT_OUT = (
    "A rule of the website (Content-Security-Policy) keeps {what} of your booking page out. Ask whoever looks after it "
    "to add {ours} to {name}; until then, link to your booking page."
)
NO_WALLETS = (
    "The website forbids payments in frames (Permissions-Policy: payment=()): Apple Pay and Google Pay aren't offered "
    "there. Cards work. Whoever hosts it can take that rule away."
)
NOT_NAMED = (
    "You named the websites that your booking page may stand on, and this isn't one of them: add it under "
    "Your booking page."
)
_one_at_a_time = threading.Lock()  # of a process: the others answer customers meanwhile


class Finding(NamedTuple):
    """A sentence about the page, and whether all is well with it."""

    is_good: bool
    said: str


class _Page(HTMLParser):
    """The tags that matter, each with its attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def parse_marked_section(self, i: int, report: int = 1) -> int:
        """`<![...]>`: a comment, as it is to browsers; the parser would fail at one that it does not know."""
        return self.parse_bogus_comment(i)

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.tags if name == tag]


def look_at(tradie: Tradie, url: str, *, resolve: Resolve = socket.getaddrinfo) -> list[Finding]:
    """Fetch the page at `url`, which is as of `clean_url`, and say what is right and wrong with it. Takes seconds:
    outside of transactions. Raises NotReached."""
    if not _one_at_a_time.acquire(blocking=False):
        raise NotReached(BUSY)
    try:
        url, answer = _fetched(url, resolve)
    finally:
        _one_at_a_time.release()
    if answer.status != 200:
        raise NotReached(f"It answered {answer.status}.")
    return findings_in(tradie, url, answer)


def _fetched(url: str, resolve: Resolve) -> tuple[str, Answer]:
    """Where redirects ended, and what is there."""
    headers = {"User-Agent": f"PeepoPay-Check/1 ({settings.SITE_URL})", "Accept": "text/html"}
    url, reply = follow(url, lambda at: ask("GET", at, headers, most=MOST_READ, resolve=resolve))
    return url, answer_in(reply, MOST_READ)


def findings_in(tradie: Tradie, url: str, answer: Answer) -> list[Finding]:
    """Of the page that came as `answer` from `url`."""
    page = _Page()
    page.feed(answer.text)
    book = f"{settings.WIDGET_URL}/book/"
    scripts = [
        script for script in page.all("script") if _is(script, "src", f"{settings.WIDGET_URL}/embed.js")
    ]
    frames = [frame for frame in page.all("iframe") if _is(frame, "src", book)]
    shown = [tag.get("tradie") for tag in page.all("peepopay-booking")]
    shown += [tag["data-peepopay-open"] for _, tag in page.tags if "data-peepopay-open" in tag]
    shown += [script["data-button"] for script in scripts if "data-button" in script]
    shown += [urlsplit(frame["src"]).path.split("/")[2] for frame in frames]
    links = [link for link in page.all("a") if _is(link, "href", f"{book}{tradie.slug}")]

    found = [_how_it_stands(tradie, shown, bool(scripts or frames), bool(links))]
    if scripts or frames:
        policies = answer.headers.get_all("Content-Security-Policy", [])
        policies += [tag.get("content", "") for tag in page.all("meta") if _names_policy(tag)]
        found += _kept_out(scripts, [part for policy in policies for part in policy.split(",")])
        found += [problem for frame in frames for problem in _locked(frame)]
        if re.search(r"\bpayment=\(\s*\)", answer.headers.get("Permissions-Policy", "")):
            found.append(Finding(False, NO_WALLETS))
        named = [urlsplit(site).netloc for site in tradie.allowed_sites]
        if named and urlsplit(url).netloc not in named:
            found.append(Finding(False, NOT_NAMED))
    return found


def _how_it_stands(tradie: Tradie, shown: list[str | None], runs: bool, is_linked: bool) -> Finding:
    if tradie.slug in shown:
        if runs:
            return Finding(True, "Your booking page is in it.")
        return Finding(
            False, "The place for your booking page is in it, but not the script: paste both lines."
        )
    others = [slug for slug in shown if slug]
    if others:
        return Finding(
            False, f"It shows the booking page “{others[0]}”, not yours: copy your own and paste it anew."
        )
    if runs:
        return Finding(
            False, "The script is in it, but not the place for your booking page: paste both lines."
        )
    if is_linked:
        return Finding(True, "A link to your booking page is in it.")
    return Finding(False, NOT_THERE)


def _kept_out(scripts: list[dict[str, str]], policies: list[str]) -> list[Finding]:
    """By the content security policies of the page."""
    asked = {"frames": FRAMES, **({"the script": SCRIPTS} if scripts else {})}
    nonces = [f"'nonce-{script['nonce']}'" for script in scripts if script.get("nonce")]
    found = []
    for policy, (what, names) in product(policies, asked.items()):
        name, sources = _sources(policy, names)
        if name and not _lets_in(sources, settings.WIDGET_URL, nonces if names == SCRIPTS else []):
            rule = {"what": what, "ours": settings.WIDGET_URL, "name": name}
            found.append(Finding(False, KEPT_OUT.format(**rule)))
    return found


def _locked(frame: dict[str, str]) -> list[Finding]:
    found = []
    if "sandbox" in frame and not {"allow-scripts", "allow-forms", "allow-same-origin"} <= set(
        frame["sandbox"].lower().split()
    ):
        found.append(
            Finding(
                False,
                "The frame is locked (sandbox), so that nobody can book in it. Take that attribute off it.",
            )
        )
    if "payment" not in frame.get("allow", ""):
        found.append(
            Finding(
                False, 'The frame lacks allow="payment *": Apple Pay and Google Pay aren\'t offered in it.'
            )
        )
    return found


def _sources(policy: str, names: tuple[str, ...]) -> tuple[str, list[str]]:
    """The first of these directives that the policy has, and what it lets in; "" where it has none."""
    directives: dict[str, list[str]] = {}
    for directive in policy.split(";"):
        name, *sources = directive.split() or [""]
        directives.setdefault(name.lower(), sources)
    return next(((name, directives[name]) for name in names if name in directives), ("", []))


def _lets_in(sources: list[str], url: str, nonces: list[str]) -> bool:
    if set(nonces) & set(sources):
        return True
    if "'strict-dynamic'" in sources:
        return False  # then addresses count for nothing
    ours = urlsplit(url)
    for source in sources:
        scheme, _, place = source.lower().rpartition("://")
        host, _, port = place.partition("/")[0].partition(":")
        if source == "*" or source.lower() == f"{ours.scheme}:":
            return True
        if scheme not in ("", ours.scheme) or (port not in ("", "*") and port != str(ours.port or 443)):
            continue
        name = ours.hostname or ""
        if host == name or (host.startswith("*.") and name.endswith(host[1:])):
            return True
    return False


def _is(tag: dict[str, str], attribute: str, address: str) -> bool:
    """Whether it leads to `address`, or below or beside it by a query."""
    told = tag.get(attribute, "").strip()
    told = f"https:{told}" if told.startswith("//") else told
    return told == address or (
        told.startswith(address) and (address.endswith("/") or told[len(address)] in "?#/")
    )


def _names_policy(tag: dict[str, str]) -> bool:
    return tag.get("http-equiv", "").lower() == "content-security-policy"
