"""A page with a form on it, as it is opened and as it comes back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render

REFUSED = 400


class Sent(Protocol):
    """A form, or a formset."""

    @property
    def is_bound(self) -> bool: ...

    def is_valid(self) -> bool: ...


def posted(request: HttpRequest) -> QueryDict | None:
    """What a form was sent with, be it nothing at all; None when its page is only opened."""
    return request.POST if request.method == "POST" else None


def form_page(
    request: HttpRequest, template: str, context: Mapping[str, Any], *forms: Sent, refused: bool = False
) -> HttpResponse:
    """400 where one of them was sent and is refused, or all of what was sent is (`refused`), as the API answers what it
    can't take: whoever sent it, be it no browser, sees that nothing was done. Else 200."""
    refused = refused or any(form.is_bound and not form.is_valid() for form in forms)
    return render(request, template, context, status=REFUSED if refused else 200)
