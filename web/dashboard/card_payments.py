"""Card payments: to Stripe's own questions and back, what it still wants, and whether deposits can be taken."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages as notices
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from accounts.models import Membership, Tradie
from accounts.roles import May
from payments import connected_accounts, onboarding, stripe_wants
from payments.models import ConnectedAccount
from payments.setup_steps import STRIPE_DASHBOARD, why_payments_stopped
from payments.stripe_gateway import StripeRefused
from peepopay.lookups import only
from peepopay.methods import SHOW_AND_SAVE
from web.dashboard.access import for_members
from web.dashboard.setting_up import progress

AWAY = "Stripe gives no answer right now. Nothing is lost: try again in a minute."
REFUSED = (
    "Stripe didn't accept that. Check your name, email and phone under Business details and try again; if it stays,"
    " get in touch with us."
)
OLD_LINK = "That page of Stripe's had run out. Press the button below for a fresh one: your answers are kept."


@for_members(May.BUSINESS)
@SHOW_AND_SAVE
def card_payments(request: HttpRequest, member: Membership) -> HttpResponse:
    """POST leads to Stripe, with `instead_of` to open another account in the place of that one, which is gone; or with
    `look` it asks how things stand. Stripe leads back here with `from`, which proves
    nothing: it is asked."""
    tradie = member.tradie
    if request.method == "POST" and "look" not in request.POST:
        return _to_stripe(request, tradie)
    account = only(ConnectedAccount.objects.filter(tradie=tradie).select_related("tradie"))
    came_from = request.GET.get("from")
    if came_from == "old-link":
        notices.warning(request, OLD_LINK)
    if account and (request.method == "POST" or came_from):
        try:
            connected_accounts.refresh(account, now=timezone.now())
        except StripeRefused:
            notices.error(request, AWAY)
    if request.method == "POST" or came_from:
        return redirect("card_payments")
    return render(request, "payments/card_payments.html", {**_state(account), **progress(member)})


def _to_stripe(request: HttpRequest, tradie: Tradie) -> HttpResponse:
    page = settings.SITE_URL + reverse("card_payments")
    try:
        instead_of = request.POST.get("instead_of", "")
        return redirect(onboarding.begin(tradie, page=page, now=timezone.now(), instead_of=instead_of))
    except StripeRefused as refusal:
        notices.error(request, AWAY if refusal.retry_helps else REFUSED)
        return redirect("card_payments")


def _state(account: ConnectedAccount | None) -> dict[str, object]:
    """`state`: new, ready, started (Stripe wants more), checking (Stripe looks at it), or lost where only another
    account helps."""
    if account is None:
        return {"state": "new"}
    if account.can_charge:
        state = "ready"
    elif account.is_gone:
        state = "lost"
    elif account.card_payments == "pending" and not account.wants:
        state = "checking"
    else:
        state = "started"
    return {
        "state": state,
        "account": account,
        "wants": stripe_wants.in_words(account.wants),
        "why": why_payments_stopped(account) if account.lost_at or state == "lost" else "",
        "stripe_dashboard": STRIPE_DASHBOARD,
    }
