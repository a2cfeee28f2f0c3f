"""A challenge of somebody else's, as Turnstile and hCaptcha have it: their script shows it and has an answer, which
their server judges. Off unless it is configured; then only whoever a form suspects is asked (`form_check.py`)."""

from __future__ import annotations

import hashlib
import logging
from typing import Any

import requests
from django.conf import settings
from django.core.cache import caches
from prometheus_client import Counter

CONNECT_SECONDS, ANSWER_SECONDS = 2, 3
KNOWN_SECONDS = 600  # an answer is judged once, and a request may come twice

JUDGED = Counter(
    "peepopay_challenges", "Answers to the challenge, by what its provider made of them.", ["result"]
)
for _result in ("solved", "failed", "unknown"):
    JUDGED.labels(_result)

logger = logging.getLogger(__name__)


def is_configured() -> bool:
    return bool(settings.CHALLENGE_SITE_KEY)


def is_solved(answer: str) -> bool:
    """Yes also where the provider has no answer for us: then the limits are left (docs/strangers.md)."""
    name = f"challenge:{hashlib.sha256(answer.encode()).hexdigest()}"
    if caches["redis"].get(name):
        return True
    result = _judged(answer)
    JUDGED.labels(result).inc()
    if result == "solved":
        caches["redis"].set(name, 1, KNOWN_SECONDS)
    return result != "failed"


def _judged(answer: str) -> str:
    """`unknown`: it is away, or it doesn't know us."""
    try:
        told: Any = requests.post(
            settings.CHALLENGE_VERIFY_URL,
            {"secret": settings.CHALLENGE_SECRET, "response": answer},
            timeout=(CONNECT_SECONDS, ANSWER_SECONDS),
            allow_redirects=False,
        ).json()
        if told["success"] is True:
            return "solved"
        wrong = [str(code) for code in told.get("error-codes", [])]
    except (requests.RequestException, ValueError, LookupError, TypeError, AttributeError) as problem:
        logger.warning("The challenge's provider has no answer: %s", type(problem).__name__)
        return "unknown"
    if any("secret" in code for code in wrong):
        logger.error("The challenge's provider refuses CHALLENGE_SECRET")
        return "unknown"
    return "failed"
