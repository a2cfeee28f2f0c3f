"""Sign-in codes by e-mail: the way in that no stranger can close.

Anybody may ask for a code for any address, so how many mails leave must have an end, and yet the owner must never be
left without one. Hence an account has *one* code at a time, whoever asks: it is made of the account and the hour, and
mailed at most twice. An owner whose mails a stranger has used up finds the code in those. It can't be guessed (10^13,
three tries a session), and is void as soon as somebody has signed in.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.utils.crypto import salted_hmac

from accounts.models import User

LETTERS = (
    "BCDFGHJKLMNPQRSTVWXZ"  # no vowels, so no words, and nothing that looks like a digit (RFC 8628, 6.1)
)
LENGTH = 10
CHANGES_EVERY = timedelta(hours=1)
MAILS_PER_CODE = 2


def code_for(user: User, *, now: datetime) -> str:
    """`BCDFG-HJKLM`; the same for an hour, unless the user signs in or changes the password."""
    hour = int(now.timestamp() // CHANGES_EVERY.total_seconds())
    last_login = user.last_login.astimezone(UTC).isoformat() if user.last_login else ""
    of = f"{user.pk}:{user.password}:{last_login}:{hour}"
    number = int.from_bytes(salted_hmac("web.sign_in.codes", of, algorithm="sha256").digest())
    letters = "".join(LETTERS[number // len(LETTERS) ** place % len(LETTERS)] for place in range(LENGTH))
    return f"{letters[: LENGTH // 2]}-{letters[LENGTH // 2 :]}"


def is_void(code: str, user: User, *, asked_at: datetime) -> bool:
    """Whether the account has another code by now, for another reason than the clock."""
    return code not in (code_for(user, now=asked_at), code_for(user, now=asked_at + CHANGES_EVERY))
