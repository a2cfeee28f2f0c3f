from __future__ import annotations

from typing import Any

import pytest

from accounts.models import Tradie, User
from local.testing.cast import owner_of

from .visits import confirm


@pytest.fixture(autouse=True)
def _mails_stay_here(settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


@pytest.fixture
def owner(sam: Tradie) -> User:
    """Sam, whose address is confirmed."""
    return confirm(owner_of(sam))
