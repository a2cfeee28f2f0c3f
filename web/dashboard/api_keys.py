"""API keys of a business: making one, its secret once, revoking it."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages as notices
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from accounts.api_keys import keys_of, make_key, revoke_key, secret_of
from accounts.key_models import ApiKey, Scope
from accounts.models import Membership
from accounts.roles import May
from peepopay.errors import ValidationFailed
from peepopay.forms import add_refusal
from peepopay.methods import SHOW_AND_SAVE, require_POST, require_safe
from web.dashboard import shown_once
from web.dashboard.access import for_members, with_password_again
from web.dashboard.api_keys_forms import ApiKeyForm
from web.dashboard.once import made_once
from web.form_pages import form_page, posted


def _own(member: Membership, key_id: UUID) -> ApiKey:
    return get_object_or_404(keys_of(member.tradie), pk=key_id)


def _secret_id(key: ApiKey) -> str:
    return f"key {key.pk}"


@for_members(May.CONNECTIONS)
@with_password_again
@SHOW_AND_SAVE
@made_once
def add(request: HttpRequest, member: Membership) -> HttpResponse:
    form = ApiKeyForm(posted(request), initial={"scopes": [Scope.BOOKINGS_READ]})
    if request.method == "POST" and form.is_valid():
        now, given = timezone.now(), form.cleaned_data
        try:
            key = make_key(
                member,
                name=given["name"],
                scopes=given["scopes"],
                expires_at=form.expires_at(now),
                now=now,
            )
        except ValidationFailed as refusal:
            add_refusal(form, refusal)
        else:
            shown_once.show_next(request, _secret_id(key))
            return redirect("key", key.pk)
    return form_page(request, "connections/key_form.html", {"tradie": member.tradie, "form": form}, form)


@for_members(May.CONNECTIONS)
@require_safe
def key(request: HttpRequest, member: Membership, key_id: UUID) -> HttpResponse:
    """What it may, and how to revoke it; with the key itself to whoever has just made it."""
    found = _own(member, key_id)
    shown = secret_of(found) if shown_once.may_show(request, _secret_id(found)) else ""
    context = {"tradie": member.tradie, "key": found, "secret": shown, "now": timezone.now()}
    return render(request, "connections/key.html", context)


@for_members(May.CONNECTIONS)
@require_POST
def revoke(request: HttpRequest, member: Membership, key_id: UUID) -> HttpResponse:
    found = _own(member, key_id)
    revoke_key(found, now=timezone.now())
    notices.success(request, f"Revoked. “{found.name}” opens nothing any more.")
    return redirect("connections")
