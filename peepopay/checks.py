"""System checks that name the setting that is missing or unsafe, with a hint. `manage.py check --deploy` runs them;
no program of the image starts while one of them finds an error (`peepopay/__main__.py`).

They read the settings and nothing else: not every program loads the apps.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator
from itertools import permutations
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

CONFIGURATION = "configuration"
DEMO_KEYS = {"sk_test_demo", "pk_test_demo", "whsec_demo"}  # local/stack.py; everybody can read them
STRIPE_BEGINS = {
    "STRIPE_SECRET_KEY": ("sk_", "rk_"),
    "STRIPE_PUBLISHABLE_KEY": ("pk_",),
    "STRIPE_WEBHOOK_SECRETS": ("whsec_",),
}
# The least and the most.
NUMBERS = {
    "APPLICATION_FEE_BASIS_POINTS": (0, 10_000),
    "EXPIRY_GRACE_SECONDS": (0, 3_600),
    "HOLD_MINUTES": (1, 1_440),
    "PERSONAL_DATA_MONTHS": (1, 1_200),  # 0 would erase customers who are still to be seen
}
STRIPE_ADDRESSES = {"STRIPE_API_BASE": "https://api.stripe.com", "STRIPE_JS_URL": "https://js.stripe.com/"}
Check = Callable[[], Iterator[CheckMessage]]


def of_a_deployment(check: Check) -> Check:
    def run(**_: Any) -> list[CheckMessage]:
        return list(check())

    register(run, CONFIGURATION, Tags.security, deploy=True)
    return check


def of_those_who_act(check: Check) -> Check:
    """Not of the relay and of beat, which are given no key, no proxy and no mail server."""

    def unless_it_only_passes_on() -> Iterator[CheckMessage]:
        return iter(()) if settings.PROGRAM in {"relay", "beat"} else check()

    return of_a_deployment(unless_it_only_passes_on)


@of_those_who_act
def stripe_is_configured() -> Iterator[CheckMessage]:
    """Without keys no deposit can be taken; without webhook secrets no payment confirms by itself."""
    if not settings.STRIPE_SECRET_KEY or not settings.STRIPE_PUBLISHABLE_KEY:
        yield Error(
            "Stripe's keys are missing.",
            hint="Set STRIPE_SECRET_KEY and STRIPE_PUBLISHABLE_KEY. Example: sk_live_... and pk_live_...",
            id="peepopay.E001",
        )
    if not settings.STRIPE_WEBHOOK_SECRETS:
        yield Error(
            "No webhook secret is set, so every webhook would be refused.",
            hint="Set STRIPE_WEBHOOK_SECRETS to the signing secrets of your endpoints. Example: whsec_...,whsec_...",
            id="peepopay.E002",
        )


@of_those_who_act
def stripe_is_one_stripe() -> Iterator[CheckMessage]:
    """Keys of one mode, of a real account, for Stripe itself."""
    keys = [settings.STRIPE_SECRET_KEY, settings.STRIPE_PUBLISHABLE_KEY]
    if all(keys) and len({"_live_" in key for key in keys}) > 1:
        yield Error(
            "One of Stripe's keys is live and the other is for tests.",
            hint="Set STRIPE_SECRET_KEY and STRIPE_PUBLISHABLE_KEY to a pair. Example: sk_live_... and pk_live_...",
            id="peepopay.E004",
        )
    if DEMO_KEYS & {*keys, *settings.STRIPE_WEBHOOK_SECRETS}:
        yield Error(
            "The demo Stripe's keys are set: anybody could sign a webhook, and no money would move.",
            hint="Set STRIPE_SECRET_KEY, STRIPE_PUBLISHABLE_KEY and STRIPE_WEBHOOK_SECRETS to those of your account. "
            "Example: sk_live_..., pk_live_... and whsec_...",
            id="peepopay.E005",
        )
    for name, address in STRIPE_ADDRESSES.items():
        if "_live_" in settings.STRIPE_SECRET_KEY and not getattr(settings, name).startswith(address):
            yield Error(
                f"{name} is not Stripe's, and the keys are live.",
                hint=f"Unset {name}, or let it begin with {address}.",
                id="peepopay.E006",
            )


@of_those_who_act
def stripe_has_its_own_values() -> Iterator[CheckMessage]:
    """No example that was left in, and nothing in another's place: pages show the publishable key to everybody."""
    for name, begins in STRIPE_BEGINS.items():
        value = getattr(settings, name)
        values = value if isinstance(value, list) else [value]
        if any("..." in value for value in values):
            yield Error(
                f"{name} is still the example.",
                hint=f"Set {name} to what Stripe's dashboard shows: {begins[0]} and many letters.",
                id="peepopay.E015",
            )
        elif not all(value.startswith(begins) for value in values if value):
            yield Error(
                f"{name} is something else of Stripe's: it begins with {' or '.join(begins)}.",
                hint=f"Set {name} to what Stripe's dashboard shows under that name.",
                id="peepopay.E016",
            )


@of_a_deployment
def site_is_served_over_https() -> Iterator[CheckMessage]:
    for name in ("SITE_URL", "WIDGET_URL"):
        if not getattr(settings, name).startswith("https://"):
            yield Error(
                f"{name} is not https.",
                hint=f"Set {name} to the public address, such as https://book.example.com.au.",
                id="peepopay.E003",
            )
    if urlsplit(settings.SITE_URL).path:
        yield Error(
            "SITE_URL is more than a host: links in mails would lead nowhere.",
            hint="Set SITE_URL to the public address alone, such as https://book.example.com.au.",
            id="peepopay.E003",
        )


@of_those_who_act
def a_proxy_stands_in_front() -> Iterator[CheckMessage]:
    """Without it every visitor would have the proxy's address, and every page would send them to itself."""
    if not settings.ALLAUTH_TRUSTED_PROXY_COUNT:
        yield Error(
            "No proxy is trusted, so whose request it is and that it came by https can't be known.",
            hint="Set ALLAUTH_TRUSTED_PROXY_COUNT to the number of proxies in front. Example: 1 behind Traefik.",
            id="peepopay.E007",
        )


@of_a_deployment
def nothing_is_left_of_development() -> Iterator[CheckMessage]:
    if settings.DEBUG:
        yield Error(
            "DEBUG is on: pages of errors would show code and settings to everybody.",
            hint="Unset DEBUG, or set DEBUG=off.",
            id="peepopay.E008",
        )
    if settings.ROOT_URLCONF != "web.urls":
        yield Error(
            "ROOT_URLCONF is not the product's: pages of development would be public.",
            hint="Unset ROOT_URLCONF, or set ROOT_URLCONF=web.urls.",
            id="peepopay.E009",
        )


@of_a_deployment
def limits_are_on() -> Iterator[CheckMessage]:
    if not settings.RATE_LIMITS:
        yield Warning("RATE_LIMITS is off.", hint="Only load tests switch it off.", id="peepopay.W001")


@of_those_who_act
def numbers_are_possible() -> Iterator[CheckMessage]:
    for name, (least, most) in NUMBERS.items():
        if not least <= getattr(settings, name) <= most:
            yield Error(
                f"{name} is out of bounds.",
                hint=f"Unset it, or set {name} to {least} at least and {most} at most.",
                id="peepopay.E020",
            )


@of_those_who_act
def google_is_whole() -> Iterator[CheckMessage]:
    for name, other in permutations(("GOOGLE_CLIENT_ID", "GOOGLE_CLIENT_SECRET")):
        if getattr(settings, name) and not getattr(settings, other):
            yield Error(
                f"{name} is set, and {other} is not: nobody could sign in with Google.",
                hint="Set both, as https://console.cloud.google.com/apis/credentials shows them, or neither. "
                "Example: 0123-abc.apps.googleusercontent.com and GOCSPX-...",
                id="peepopay.E021",
            )


@of_those_who_act
def a_challenge_is_whole() -> Iterator[CheckMessage]:
    names = ("CHALLENGE_SITE_KEY", "CHALLENGE_SECRET", "CHALLENGE_SCRIPT_URL", "CHALLENGE_VERIFY_URL")
    missing = [name for name in names if not getattr(settings, name)]
    if missing and len(missing) < len(names):
        yield Error(
            f"The challenge lacks {', '.join(missing)}.",
            hint="Set all four, or none of them: docs/strangers.md.",
            id="peepopay.E019",
        )


@of_a_deployment
def webhooks_stay_outside() -> Iterator[CheckMessage]:
    """Whoever runs a business could look around in what is named here."""
    try:
        opened = [ipaddress.ip_network(network) for network in settings.WEBHOOK_PRIVATE_NETWORKS]
    except ValueError as problem:
        yield Error(
            f"WEBHOOK_PRIVATE_NETWORKS can't be read: {problem}.",
            hint="Unset it, or name networks. Example: 10.20.0.0/16",
            id="peepopay.E013",
        )
        return
    if opened:
        yield Warning(
            "WEBHOOK_PRIVATE_NETWORKS lets businesses' webhooks into networks that are not public.",
            hint="Unset it, unless their systems really are there.",
            id="peepopay.W003",
        )


@of_a_deployment
def metrics_have_an_address() -> Iterator[CheckMessage]:
    host, _, port = settings.METRICS_ADDRESS.rpartition(":")
    if settings.METRICS_ADDRESS and not (host and port.isdecimal() and 0 < int(port) < 65536):
        yield Error(
            "METRICS_ADDRESS is no address to listen at.",
            hint="Unset it, or set it to HOST:PORT. Example: 0.0.0.0:9100",
            id="peepopay.E014",
        )
