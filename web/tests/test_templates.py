"""What no template may do, whichever page it is for."""

from __future__ import annotations

import re

from django.conf import settings


def test_no_list_is_given_a_role_that_takes_its_items_from_it() -> None:
    """To a screen reader a `<ul role="status">` is no list, and what is in it are items of none."""
    templates = settings.BASE_DIR / "templates"
    other = re.compile(r"<[uo]l[^>]*\srole=\"(?!list\")")
    assert [path.name for path in templates.rglob("*.html") if other.search(path.read_text())] == []
