"""What customers are sent, and what of it the business decides."""

from __future__ import annotations

from typing import Any

from django.contrib import messages as notices
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from accounts.models import Membership
from accounts.roles import May
from bookings.message_examples import WORDED, channels_of, example_of
from bookings.message_tests import send_test
from notifications.models import Channel
from notifications.sending_rules import change_settings, change_words, our_number, settings_of
from peepopay.errors import RateLimited
from peepopay.methods import SHOW_AND_SAVE, require_POST
from peepopay.phone import as_written
from web.dashboard.access import for_members
from web.dashboard.customer_messages_forms import RemindersForm, WordsForm
from web.dashboard.versions import one_at_a_time
from web.form_pages import form_page, posted


@for_members(May.BUSINESS)
@SHOW_AND_SAVE
@one_at_a_time
def customer_messages(request: HttpRequest, member: Membership) -> HttpResponse:
    tradie, settings = member.tradie, settings_of(member.tradie)
    form = RemindersForm(posted(request), instance=settings)
    if request.method == "POST" and form.is_valid():
        change_settings(tradie, form.instance, list(form.fields))
        notices.success(request, "Saved.")
        return redirect("customer_messages")
    context = {
        "tradie": tradie,
        "form": form,
        "settings": settings,
        "our_number": our_number(),
        "worded": [(kind, label, kind in settings.words) for kind, label in WORDED.items()],
    }
    return form_page(request, "accounts/customer_messages.html", context, form)


def _label(kind: str) -> str:
    if kind not in WORDED:
        raise Http404
    return WORDED[kind]


@for_members(May.BUSINESS)
@SHOW_AND_SAVE
@one_at_a_time
def words(request: HttpRequest, member: Membership, kind: str) -> HttpResponse:
    """What a message says besides, with what it looks like then; `look` shows it before it is saved."""
    label, tradie = _label(kind), member.tradie
    saved = settings_of(tradie).words.get(kind, {})
    form = WordsForm(posted(request), initial=saved, channels=channels_of(kind))
    shown: dict[str, Any] = saved
    if request.method == "POST" and form.is_valid():
        if "look" not in request.POST:
            change_words(tradie, kind, label, form.cleaned_data)
            notices.success(request, "Saved.")
            return redirect("message_words", kind)
        shown = form.cleaned_data
    context = {
        "tradie": tradie,
        "form": form,
        "kind": kind,
        "label": label,
        "example": example_of(tradie, kind, shown, now=timezone.now()),
        "is_saved": shown == saved,
    }
    return form_page(request, "accounts/message_words.html", context, form)


@for_members(May.BUSINESS)
@require_POST
def words_test(request: HttpRequest, member: Membership, kind: str) -> HttpResponse:
    """`by`: email or sms."""
    _label(kind)
    channel = Channel.SMS if request.POST.get("by") == "sms" else Channel.EMAIL
    try:
        sent_to = send_test(member, kind, channel, now=timezone.now())
    except RateLimited as refusal:
        notices.warning(request, refusal.message)
        return redirect("message_words", kind)
    if sent_to:
        notices.success(request, f"A test is on its way to {as_written(sent_to)}.")
    else:
        notices.warning(request, "Give a mobile of yours first, under Your messages.")
    return redirect("message_words", kind)
