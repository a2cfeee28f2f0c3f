"""System checks that name the setting that is missing or unsafe, with a hint. `manage.py check --deploy`."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register


@register(Tags.security, deploy=True)
def stripe_is_configured(**_: Any) -> list[CheckMessage]:
    """Without keys no deposit can be taken; without webhook secrets no payment confirms by itself."""
    found: list[CheckMessage] = []
    if not settings.STRIPE_SECRET_KEY or not settings.STRIPE_PUBLISHABLE_KEY:
        found.append(
            Error(
                "Stripe's keys are missing.",
                hint="Set STRIPE_SECRET_KEY and STRIPE_PUBLISHABLE_KEY.",
                id="peepopay.E001",
            )
        )
    if not settings.STRIPE_WEBHOOK_SECRETS:
        found.append(
            Error(
                "No webhook secret is set, so every webhook would be refused.",
                hint="Set STRIPE_WEBHOOK_SECRETS to the signing secrets of your endpoints.",
                id="peepopay.E002",
            )
        )
    return found


@register(Tags.security, deploy=True)
def site_is_served_over_https(**_: Any) -> list[CheckMessage]:
    if settings.SITE_URL.startswith("https://"):
        return []
    return [
        Error(
            "SITE_URL is not https.",
            hint="Set SITE_URL to the public address, such as https://book.example.com.au.",
            id="peepopay.E003",
        )
    ]


@register(Tags.security, deploy=True)
def limits_are_on(**_: Any) -> list[CheckMessage]:
    if settings.RATE_LIMITS:
        return []
    return [Warning("RATE_LIMITS is off.", hint="Only load tests switch it off.", id="peepopay.W001")]


@register(Tags.security, deploy=True)
def messages_really_leave(**_: Any) -> list[CheckMessage]:
    if not settings.SENT_MESSAGES_DIR:
        return []
    return [
        Warning(
            "SENT_MESSAGES_DIR is set: mails and SMS are kept as files and never sent.",
            hint="Unset it in production.",
            id="peepopay.W002",
        )
    ]
