"""Where a business has its events sent: adding a place, its secret, what was sent there and what became of it."""

from __future__ import annotations

import json
from uuid import UUID

from django.contrib import messages as notices
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from accounts.models import Membership
from accounts.roles import May
from notifications.models import WebhookDelivery, WebhookEndpoint
from notifications.webhooks import delivery as deliveries
from notifications.webhooks import endpoints, event_types, log, telling
from peepopay.errors import RateLimited, ValidationFailed
from peepopay.forms import PART_MISSING
from peepopay.methods import SHOW_AND_SAVE, require_POST, require_safe
from peepopay.pages import page_of
from web.dashboard import shown_once
from web.dashboard.access import for_members, with_password_again
from web.dashboard.once import made_once
from web.dashboard.versions import one_at_a_time
from web.dashboard.webhooks_forms import NewSecretForm, WebhookForm, initial
from web.form_pages import form_page, posted


def _own(member: Membership, endpoint_id: UUID) -> WebhookEndpoint:
    return get_object_or_404(member.tradie.webhook_endpoints.select_related("tradie"), pk=endpoint_id)


def _own_delivery(member: Membership, delivery_id: UUID) -> WebhookDelivery:
    own = WebhookDelivery.objects.filter(endpoint__tradie=member.tradie).select_related("endpoint", "event")
    return get_object_or_404(own, pk=delivery_id)


def _secret_id(endpoint: WebhookEndpoint) -> str:
    return f"webhook {endpoint.pk} {endpoint.secret_number}"


@for_members(May.CONNECTIONS)
@with_password_again
@SHOW_AND_SAVE
@made_once
def add(request: HttpRequest, member: Membership) -> HttpResponse:
    every = [kind.name for kind in event_types.to_choose_from()]
    form = WebhookForm(posted(request), initial={"event_types": every})
    form.is_new = True
    if request.method == "POST" and form.is_valid():
        try:
            endpoint = endpoints.add_endpoint(member.tradie, **form.cleaned_data, now=timezone.now())
        except ValidationFailed as refusal:
            _refuse(form, refusal)
        else:
            shown_once.show_next(request, _secret_id(endpoint))
            return redirect("webhook_secret", endpoint.pk)
    return form_page(request, "connections/webhook_form.html", {"tradie": member.tradie, "form": form}, form)


def _refuse(form: WebhookForm, refusal: ValidationFailed) -> None:
    for field, sentences in refusal.fields.items():
        form.add_error(field, sentences)
    if not refusal.fields:
        form.add_error(None, refusal.message)


@for_members(May.CONNECTIONS)
@require_safe
def secret(request: HttpRequest, member: Membership, endpoint_id: UUID) -> HttpResponse:
    """The secret, to whoever has just made it; to everybody else, how to make another."""
    endpoint = _own(member, endpoint_id)
    shown = endpoints.secret_of(endpoint) if shown_once.may_show(request, _secret_id(endpoint)) else ""
    context = {"tradie": member.tradie, "endpoint": endpoint, "secret": shown, "now": timezone.now()}
    return render(request, "connections/webhook_secret.html", context)


@for_members(May.CONNECTIONS)
@with_password_again
@require_POST
def new_secret(request: HttpRequest, member: Membership, endpoint_id: UUID) -> HttpResponse:
    endpoint = _own(member, endpoint_id)
    form = NewSecretForm(request.POST)
    if not form.is_valid():
        notices.error(request, PART_MISSING)
        return redirect("webhook_secret", endpoint.pk)
    if endpoints.change_secret(endpoint, instead_of=form.cleaned_data["instead_of"], now=timezone.now()):
        shown_once.show_next(request, _secret_id(endpoint))
    return redirect("webhook_secret", endpoint.pk)


@for_members(May.CONNECTIONS)
@require_safe
def webhook(request: HttpRequest, member: Membership, endpoint_id: UUID) -> HttpResponse:
    """How it fares, and what was sent there."""
    endpoint = _own(member, endpoint_id)
    context = {
        "tradie": member.tradie,
        "endpoint": endpoint,
        "now": timezone.now(),
        "page": page_of(log.deliveries_to(endpoint), request.GET.get("page")),
    }
    return render(request, "connections/webhook.html", context)


@for_members(May.CONNECTIONS)
@with_password_again
@SHOW_AND_SAVE
@one_at_a_time
def change(request: HttpRequest, member: Membership, endpoint_id: UUID) -> HttpResponse:
    endpoint = _own(member, endpoint_id)
    form = WebhookForm(posted(request), initial=initial(endpoint))
    if request.method == "POST" and form.is_valid():
        try:
            endpoints.change_endpoint(endpoint, **form.cleaned_data)
        except ValidationFailed as refusal:
            _refuse(form, refusal)
        else:
            notices.success(request, "Saved.")
            return redirect("webhook", endpoint.pk)
    context = {"tradie": member.tradie, "form": form, "endpoint": endpoint}
    return form_page(request, "connections/webhook_form.html", context, form)


@for_members(May.CONNECTIONS)
@require_POST
def test(request: HttpRequest, member: Membership, endpoint_id: UUID) -> HttpResponse:
    endpoint = _own(member, endpoint_id)
    try:
        sent = telling.send_test_event(endpoint, now=timezone.now())
    except RateLimited as refusal:
        notices.warning(request, refusal.message)
        return redirect("webhook", endpoint.pk)
    if sent is None:
        notices.warning(request, "A test event is on its way already. Reload this page in a moment.")
        return redirect("webhook", endpoint.pk)
    notices.success(
        request, "A test event is on its way. Reload this page in a moment to see what came back."
    )
    return redirect("delivery", sent.pk)


@for_members(May.CONNECTIONS)
@require_POST
def switch_on(request: HttpRequest, member: Membership, endpoint_id: UUID) -> HttpResponse:
    endpoint = _own(member, endpoint_id)
    if endpoints.switch_on(endpoint):
        notices.success(request, "Switched on. What happens from now on is sent; send again what it missed.")
    return redirect("webhook", endpoint.pk)


@for_members(May.CONNECTIONS)
@require_POST
def remove(request: HttpRequest, member: Membership, endpoint_id: UUID) -> HttpResponse:
    endpoint = _own(member, endpoint_id)
    endpoints.remove_endpoint(endpoint)
    notices.success(request, f"Removed. Nothing is sent to {endpoint.url} any more.")
    return redirect("connections")


@for_members(May.CONNECTIONS)
@require_safe
def delivery(request: HttpRequest, member: Membership, delivery_id: UUID) -> HttpResponse:
    """One event: what was sent and what came back."""
    row = _own_delivery(member, delivery_id)
    context = {
        "tradie": member.tradie,
        "delivery": row,
        "message_id": deliveries.message_id(row.event),
        "body": json.dumps(json.loads(deliveries.body_of(row.event)), indent=2, ensure_ascii=False),
    }
    return render(request, "connections/delivery.html", context)


@for_members(May.CONNECTIONS)
@require_POST
def again(request: HttpRequest, member: Membership, delivery_id: UUID) -> HttpResponse:
    row = _own_delivery(member, delivery_id)
    if row.endpoint.switched_off_at:
        notices.warning(request, "That address is switched off. Switch it on first.")
    elif telling.send_again(row, now=timezone.now()):
        notices.success(request, "It's on its way again, with the same id.")
    else:
        notices.warning(request, "It's on its way already.")
    return redirect("webhook", row.endpoint_id)
