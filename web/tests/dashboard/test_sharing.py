"""What a tradie is given to put online booking on their own website."""

from __future__ import annotations

from typing import Any

from accounts.models import Tradie
from web.dashboard.sharing import other_ways, to_share


def test_the_snippet_gets_the_widget_from_where_it_is_served(sam: Tradie, settings: Any) -> None:
    settings.WIDGET_URL = "https://widget.example.com.au"
    shared = to_share(sam)
    assert shared["booking_page"] == "https://widget.example.com.au/book/sam-plumber"
    assert 'src="https://widget.example.com.au/embed.js"' in shared["snippet"]


def test_each_way_names_the_business_and_where_the_widget_is(sam: Tradie, settings: Any) -> None:
    settings.WIDGET_URL = "https://widget.example.com.au"
    script = '<script async src="https://widget.example.com.au/embed.js"'
    snippets = {way.name: way.snippet for way in other_ways(sam)}
    assert snippets == {
        "button": '<a href="https://widget.example.com.au/book/sam-plumber" data-peepopay-open="sam-plumber">'
        f"Book online</a>\n{script}></script>",
        "corner": f'{script} data-button="sam-plumber" data-label="Book online" data-colour="#0e68d0"></script>',
        "frame": '<iframe src="https://widget.example.com.au/book/sam-plumber?embed=1" title="Book online" '
        'allow="payment *" width="100%" height="900"></iframe>',
    }
