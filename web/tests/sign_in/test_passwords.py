"""How passwords are kept. (The tests themselves hash them faster: see `local/pytest_plugin.py`.)"""

from __future__ import annotations

from typing import Any

from django.contrib.auth.hashers import make_password

from peepopay import settings as deployed


def test_a_password_is_kept_as_argon2(settings: Any) -> None:
    settings.PASSWORD_HASHERS = deployed.PASSWORD_HASHERS
    assert make_password("a long enough password").startswith("argon2$argon2id$")
