"""An authenticator app for those who have none at hand: the six digits that a key makes now (RFC 6238)."""

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time


def code_now(key: str) -> str:
    """`key` in base 32. The code changes every 30 seconds, and sign-in takes each once."""
    counter = next(yield_hotp_counters_from_time())
    return format_hotp_value(hotp_value(key, counter))
