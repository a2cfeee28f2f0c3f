"""Who is signed in has the page open that they send."""

from __future__ import annotations

import pytest

from web.tests.page_forms import Browser


@pytest.fixture
def client() -> Browser:
    return Browser()
