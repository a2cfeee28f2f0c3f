"""A secret that is shown once: right after it was made, in the session that made it.

The session notes which; the secret itself is derived anew, so that it lies in no session either.
"""

from __future__ import annotations

from django.http import HttpRequest

NOTED = "shown_once"


def show_next(request: HttpRequest, secret_id: str) -> None:
    """The next page may show the secret of this id."""
    request.session[NOTED] = secret_id


def may_show(request: HttpRequest, secret_id: str) -> bool:
    """Whether this page may, and no other after it. Who only asks for the head of the page uses nothing up."""
    if request.session.get(NOTED) != secret_id:
        return False
    if request.method == "GET":
        del request.session[NOTED]
    return True
