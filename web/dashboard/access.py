"""Who is signed in: every page of the dashboard starts from here, and so from one tradie."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.cache import never_cache

from accounts.models import Tradie
from availability.models import Calendar

View = Callable[..., HttpResponseBase]


def tradie_of(request: HttpRequest) -> Tradie | None:
    """The business of who is signed in, or None."""
    try:
        return request.user.tradie  # type: ignore[union-attr]
    except (AttributeError, ObjectDoesNotExist):
        return None


def for_tradies(view: View) -> View:
    """The view gets `(request, tradie, ...)`: it can't forget whose page it is, and nothing of it is cached.

    Nobody meets a dead end: without a business an operator goes to the admin, anybody else sets one up.
    """

    @never_cache
    @login_required
    @wraps(view)
    def with_tradie(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        tradie = tradie_of(request)
        if tradie is None:
            return redirect("admin:index" if request.user.is_staff else "business_setup")
        return view(request, tradie, *args, **kwargs)

    return with_tradie


def calendar_of(request: HttpRequest, tradie: Tradie) -> Calendar:
    """The calendar that the address names (`?calendar=ID`), else the first; 404 for one that is not the tradie's."""
    named = request.GET.get("calendar", "")
    if not named:
        return tradie.calendars.filter(is_active=True)[0]
    try:
        return get_object_or_404(tradie.calendars, pk=UUID(named))
    except ValueError:
        raise Http404 from None
