"""Who gets to which page of the dashboard."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.decorators import reauthentication_required
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache

from accounts.roles import May, rights_of
from peepopay import acting
from web import visits
from web.members import member_of, refusal

NOT_YOURS = "You are here on a visit: this page is about a person who works here."
View = Callable[..., HttpResponseBase]


def for_members(may: May, *, also_closed: bool = False) -> Callable[[View], View]:
    """The view gets `(request, member, ...)`: it can't forget whose page it is, and nothing of it is cached. Whose role
    may not gets a 403 that says whom to ask. Of a business that is closed only what is for it too (`also_closed`).

    Nobody meets a dead end: without a business an operator goes to the admin, anybody else sets one up.
    """
    if not isinstance(may, May):
        raise TypeError("say what one has to be allowed: @for_members(May.JOBS)")

    def guard(view: View) -> View:
        @for_anybody_signed_in
        @wraps(view)
        def with_member(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            member = member_of(request)
            if member is None:
                return redirect("admin:index" if request.user.is_staff else "business_setup")
            if member.is_visit and visits.is_closed_to_visitors(request):
                return render(request, "accounts/refused.html", {"why": NOT_YOURS}, status=403)
            if member.tradie.closed_at and not also_closed:
                return redirect("closed")
            if may not in rights_of(member.role):
                return render(request, "accounts/refused.html", {"why": refusal(member, may)}, status=403)
            return view(request, member, *args, **kwargs)

        return with_member

    return guard


def with_password_again(view: View) -> View:
    """For what deals in secrets: who didn't give their password (or second factor) in the last five minutes is asked
    for it, and comes back to what they were doing. Put it under `for_members`."""
    asked: View = reauthentication_required(view)
    return asked


def for_anybody_signed_in(view: View) -> View:
    """With a business or without; never cached."""

    @wraps(view)
    def as_themselves(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        with acting.on_behalf_of(request.user.pk):
            return view(request, *args, **kwargs)

    guarded = never_cache(login_required(as_themselves))
    guarded.is_guarded = True  # type: ignore[attr-defined]  # urls.py gives no address to a page that is not
    return guarded
