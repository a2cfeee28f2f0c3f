"""What a tradie is given to put online booking on their own website."""

from __future__ import annotations

from typing import Any

from accounts.models import Tradie
from web.dashboard.sharing import to_share


def test_the_snippet_gets_the_widget_from_where_it_is_served(sam: Tradie, settings: Any) -> None:
    settings.WIDGET_URL = "https://widget.example.com.au"
    shared = to_share(sam)
    assert shared["booking_page"] == "https://widget.example.com.au/book/sam-plumber"
    assert 'src="https://widget.example.com.au/embed.js"' in shared["snippet"]
