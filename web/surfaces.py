"""What browsers are told on every answer, by surface: what it may load, who may frame it, what it may ask of a device.

One table, by address, so that whatever answers there (a view, Django's own 404, a refusal before any view) says the
same. docs/security.md shows it, and a test holds both against every address.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from csp.constants import NONE, SELF
from csp.middleware import CSPMiddleware, PolicyParts
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

Directives = Mapping[str, Sequence[str]]

NOTHING: Directives = {
    "default-src": [NONE],
    "base-uri": [NONE],
    "form-action": [NONE],
    "frame-ancestors": [NONE],
}
# A string never becomes markup or code: a script that tries (`innerHTML = ...`) is stopped by the browser.
TRUSTED_TYPES: Directives = {"require-trusted-types-for": ["'script'"], "trusted-types": [NONE]}
OWN_FILES: Directives = {
    **NOTHING,
    "script-src": [SELF],
    "style-src": [SELF],
    "img-src": [SELF],
    "connect-src": [SELF],
    "form-action": [SELF],
}
PAGES: Directives = {**OWN_FILES, **TRUSTED_TYPES}
# By any website, unless the business of the page names its own (`web/customer/framing.py`).
ANYBODYS: Directives = {"frame-ancestors": ["*"]}
FRAMED_PAGES: Directives = {**PAGES, **ANYBODYS}

# What a page could ask the device or the browser for; nothing of ours does, but for paying.
DEVICE = (
    "accelerometer",
    "camera",
    "display-capture",
    "geolocation",
    "gyroscope",
    "magnetometer",
    "microphone",
    "midi",
    "payment",
    "usb",
)


@dataclass(frozen=True)
class Surface:
    """`prefixes`: of the addresses. `policy`: Content-Security-Policy. `opener`, `resource`: Cross-Origin-Opener-Policy
    and -Resource-Policy. `may_ask`: feature -> origins, as they stand in Permissions-Policy."""

    name: str
    prefixes: tuple[str, ...]
    policy: Directives
    referrer: str = "same-origin"
    opener: str = "same-origin"
    resource: str = "same-origin"
    may_ask: tuple[tuple[str, str], ...] = ()

    @property
    def may_be_framed(self) -> bool:
        return NONE not in self.policy["frame-ancestors"]

    @property
    def permissions(self) -> str:
        allowed = dict(self.may_ask)
        return ", ".join(f"{feature}={allowed.get(feature, '()')}" for feature in DEVICE)


def surfaces() -> list[Surface]:
    """All, the first that fits counts; the last fits every address."""
    return [
        # Its button leads to Stripe's questions about a business, and browsers look at where a form ends up.
        Surface(
            "Page to connect Stripe",
            ("/dashboard/card-payments",),
            {**PAGES, "form-action": [SELF, _stripe_pages()]},
        ),
        Surface("Page of the widget", ("/dashboard/widget",), {**PAGES, "frame-src": _booking_pages()}),
        # Phones put it on their home screen, and its one worker keeps pages there (`web/van.py`).
        Surface("Dashboard", ("/dashboard/",), {**PAGES, "manifest-src": [SELF], "trusted-types": ["van"]}),
        # The picture to scan when setting up an authenticator app is a data: address.
        Surface(
            "Sign-in", ("/accounts/",), {**PAGES, "img-src": [SELF, "data:"], "form-action": _sign_in_ends()}
        ),
        # Their address carries the customer's secret: it goes nowhere, not even to ourselves. That of a booking opens
        # in the widget's frame.
        Surface("Page of a booking", ("/manage/", "/waiting/"), FRAMED_PAGES, referrer="no-referrer"),
        Surface("Page of a quote", ("/quote/",), PAGES, referrer="no-referrer"),
        _paying(),
        _widget(),
        # Other sites load the script, a frame within their page its files, and mail programs the logo of a business.
        Surface(
            "Files of the widget", ("/embed.js", "/widget/", "/logos/"), NOTHING, resource="cross-origin"
        ),
        Surface("Admin", ("/admin/",), OWN_FILES),
        # Swagger draws its icons as data: pictures and sets styles on elements.
        Surface(
            "API documentation",
            ("/api/docs",),
            {**OWN_FILES, "style-src": [SELF, "'unsafe-inline'"], "img-src": [SELF, "data:"]},
        ),
        Surface(
            "API", ("/api/", "/mcp", "/webhooks/", "/feeds/", "/health"), NOTHING, referrer="no-referrer"
        ),
        Surface("Static files", ("/static/",), NOTHING),
        # The front door has the booking page of a business in a frame, to be tried.
        Surface("Everything else", ("/",), {**PAGES, "frame-src": _booking_pages()}),
    ]


def _stripe() -> tuple[list[str], str, str]:
    """From where Stripe.js and its frames come, whom it asks, and who may ask for a wallet
    (https://docs.stripe.com/security/guide#content-security-policy)."""
    stripe_js, stripe_api = origin(settings.STRIPE_JS_URL), origin(settings.STRIPE_API_BASE)
    parts = ["https://*.js.stripe.com"] if stripe_js == "https://js.stripe.com" else []
    payers = " ".join(f'"{payer}"' for payer in (stripe_js, *parts, "https://hooks.stripe.com"))
    return [stripe_js, *parts], stripe_api, payers


def _booking_pages() -> list[str]:
    """Where customers book: at our own address, or at one beside it."""
    widget = origin(settings.WIDGET_URL)
    return [SELF] if widget == origin(settings.SITE_URL) else [SELF, widget]


def _sign_in_ends() -> list[str]:
    """Where its forms end up: the button that leads to Google does so there."""
    return [SELF, "https://accounts.google.com"] if settings.GOOGLE_CLIENT_ID else [SELF]


def _stripe_pages() -> str:
    """Where Stripe's own pages are."""
    stripe_js = origin(settings.STRIPE_JS_URL)
    return "https://*.stripe.com" if stripe_js == "https://js.stripe.com" else stripe_js


def _paying() -> Surface:
    """Where something is paid by a link: a page of our own, with Stripe's card form in it and in nobody's frame. The
    address carries the customer's secret: Stripe is told whose page it is, and no more."""
    scripts, api, payers = _stripe()
    return Surface(
        "Page to pay",
        ("/pay/",),
        {
            **OWN_FILES,
            "script-src": [SELF, *scripts],
            "frame-src": [*scripts, "https://hooks.stripe.com"],
            "connect-src": [SELF, api, *scripts[1:]],
            "img-src": [SELF, "data:", "https:"],
        },
        referrer="strict-origin",
        opener="same-origin-allow-popups",  # a bank or a wallet may open a window
        may_ask=(("payment", f"(self {payers})"),),
    )


def _challenge() -> list[str]:
    """From where the challenge comes, if there is one (`peepopay/challenge.py`)."""
    if not settings.CHALLENGE_SITE_KEY:
        return []
    return settings.CHALLENGE_ORIGINS or [origin(settings.CHALLENGE_SCRIPT_URL)]


def _widget() -> Surface:
    """The booking page, in anybody's frame or alone: open to what Stripe.js needs, and a challenge, and nothing
    else."""
    scripts, api, payers = _stripe()
    challenge = _challenge()
    return Surface(
        "Booking widget",
        ("/book/", "/widget/index.html"),
        {
            "default-src": [SELF],
            "script-src": [SELF, *scripts, *challenge],
            "style-src": [SELF, *challenge],
            "frame-src": [*scripts, "https://hooks.stripe.com", *challenge],
            "connect-src": [SELF, api, *scripts[1:], *challenge],
            "img-src": [SELF, "data:", "https:"],
            "object-src": [NONE],
            "base-uri": [NONE],
            "form-action": [SELF],
            **ANYBODYS,
        },
        referrer="strict-origin-when-cross-origin",  # Stripe and the wallets look at who asks
        opener="same-origin-allow-popups",  # a bank or a wallet may open a window
        resource="cross-origin",
        may_ask=(("payment", f"(self {payers})"),),
    )


def origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


class SurfaceHeaders(CSPMiddleware):
    """Outside of all that may answer, so that nothing goes without; what a view has set itself stays.

    A view may change its own policy by django-csp's decorators.
    """

    def __init__(self, get_response: Any) -> None:
        super().__init__(get_response)
        self.surfaces = surfaces()

    def surface_of(self, path: str) -> Surface:
        return next(surface for surface in self.surfaces if path.startswith(surface.prefixes))

    def get_policy_parts(
        self, request: HttpRequest, response: HttpResponseBase, report_only: bool = False
    ) -> PolicyParts:
        parts = super().get_policy_parts(request, response, report_only)
        if parts.config is None and not report_only:
            parts.config = dict(self.surface_of(request.path_info).policy)
        return parts

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        surface = self.surface_of(request.path_info)
        response.headers.setdefault("Referrer-Policy", surface.referrer)
        response.headers.setdefault("Cross-Origin-Opener-Policy", surface.opener)
        response.headers.setdefault("Cross-Origin-Resource-Policy", surface.resource)
        response.headers.setdefault("Permissions-Policy", surface.permissions)
        if surface.may_be_framed:
            response.xframe_options_exempt = True  # type: ignore[attr-defined]  # XFrameOptionsMiddleware reads it
        return super().process_response(request, response)
