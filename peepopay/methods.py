"""Which methods a view takes, said where anybody can read it: a wrong one is a 405 before anything else is asked.

In Django the CSRF check comes first, and would answer 403 to a method that the address doesn't even have. These
stand in for `django.views.decorators.http`; `ApiBoundaryMiddleware` reads what they note.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django.views.decorators.http import require_http_methods as refuse_others

View = TypeVar("View", bound=Callable[..., Any])


def require_http_methods(methods: list[str]) -> Callable[[View], View]:
    def decorate(view: View) -> View:
        checked = refuse_others(methods)(view)
        vars(checked)["allowed_methods"] = methods  # outer decorators hand it on: functools.wraps copies it
        return checked

    return decorate


require_safe = require_http_methods(["GET", "HEAD"])
require_POST = require_http_methods(["POST"])
SHOW_AND_SAVE = require_http_methods(["GET", "HEAD", "POST"])


def allowed_methods(view: Any) -> list[str] | None:
    """As noted, or those that a class of views has; None for a function that says nothing (Django's own)."""
    noted: list[str] | None = getattr(view, "allowed_methods", None)
    view_class = getattr(view, "view_class", None) or getattr(view, "cls", None)
    if noted or view_class is None:
        return noted
    found = [name.upper() for name in view_class.http_method_names if hasattr(view_class, name)]
    if hasattr(view, "cls"):  # of the API: OPTIONS is for preflights, which `PublicCors` answers
        found.remove("OPTIONS")
    return [*found, "HEAD"] if "GET" in found and "HEAD" not in found else found
