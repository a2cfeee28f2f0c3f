"""Commands that need settings but no server: checks, types, migrations to write, the OpenAPI schema."""

import os
import secrets
import subprocess
import sys

from local.paths import CHECKOUT

# As a deployment would have it. Nothing listens on port 1, so a command that does connect fails at once.
PRODUCTION_LIKE = {
    "SITE_URL": "https://book.example.com",
    "ALLAUTH_TRUSTED_PROXY_COUNT": "1",
    "DATABASE_URL": "postgres://peepopay:secret@127.0.0.1:1/peepopay",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "CELERY_BROKER_URL": "amqp://peepopay:secret@127.0.0.1:1//",
    "STRIPE_SECRET_KEY": "sk_test_example",
    "STRIPE_PUBLISHABLE_KEY": "pk_test_example",
    "STRIPE_WEBHOOK_SECRETS": "whsec_example",
    "STRIPE_API_BASE": "https://api.stripe.com",
    "STRIPE_JS_URL": "https://js.stripe.com/endive/stripe.js",
    "EMAIL_URL": "smtp+tls://peepopay:secret@127.0.0.1:1",
    "DEFAULT_FROM_EMAIL": "PeepoPay <bookings@example.com>",
    "SENT_MESSAGES_DIR": "",
    "RATE_LIMITS": "on",
}


def manage(*words: str) -> int:
    """Returns its exit code."""
    return python("manage.py", *words)


def python(*words: str) -> int:
    """Returns its exit code."""
    env = os.environ | PRODUCTION_LIKE | {"SECRET_KEY": secrets.token_urlsafe(48), "DEBUG": "off"}
    return subprocess.run([sys.executable, *words], cwd=CHECKOUT, env=env).returncode


def write_schema(path: str) -> int:
    """The OpenAPI description, valid and without a single warning, or an exit code other than 0."""
    return manage("spectacular", "--validate", "--fail-on-warn", "--file", path)
