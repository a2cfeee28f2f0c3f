"""The key that a page which makes something new carries (`web/dashboard/once.py`), for tests that send one unseen."""

from __future__ import annotations

from uuid import uuid4


def another_page() -> dict[str, str]:
    """As if the page had been opened once more."""
    return {"form_key": str(uuid4())}


ONE_PAGE = another_page()
