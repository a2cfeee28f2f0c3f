"""Whether the booking page works on the websites it stands on: what it told of itself, and what came of it."""

from __future__ import annotations

from django.contrib import messages as notices
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from accounts.models import Membership
from accounts.roles import May
from accounts.site_check import Finding
from accounts.widget_reports import SHOWN, seen_at
from bookings.came_online import abandoned, came_online
from bookings.job_lists import jobs_of
from payments.models import ConnectedAccount
from payments.stripe_gateway import StripeRefused
from payments.wallet_domains import register
from peepopay.lookups import only
from peepopay.methods import SHOW_AND_SAVE
from web.dashboard.access import for_members
from web.dashboard.card_payments import AWAY
from web.dashboard.embed_findings import findings_of, funnel_of, hosts_of, offered_at
from web.dashboard.embed_forms import SiteForm, WalletsForm
from web.form_pages import form_page, posted


@for_members(May.BUSINESS)
@SHOW_AND_SAVE
def embed_doctor(request: HttpRequest, member: Membership) -> HttpResponse:
    """A POST looks at a page of the tradie's website and says what is in it; or with `wallets` it has Stripe offer
    Apple Pay and Google Pay on the websites that it is on. Of ours neither changes anything."""
    tradie, now = member.tradie, timezone.now()
    form = SiteForm(None if "wallets" in request.POST else posted(request))
    found = form.look_at(tradie, now=now) if form.is_valid() else []
    account = only(ConnectedAccount.objects.filter(tradie=tradie, can_charge=True))
    jobs, since = jobs_of(member), now - SHOWN
    sites = seen_at(tradie, now=now)
    came = came_online(jobs, since=since)
    wallets = WalletsForm(
        request.POST if "wallets" in request.POST else None,
        hosts=hosts_of(tradie, sites),
        initial={"hosts": hosts_of(tradie, [])},
    )
    offered: list[Finding] = []
    if account and wallets.is_valid():
        try:
            domains = register(account.account_id, wallets.cleaned_data["hosts"])
            offered = [offered_at(domain) for domain in domains]
        except StripeRefused:
            notices.error(request, AWAY)
    context = {
        "tradie": tradie,
        "now": now,
        "sites": [findings_of(site, tradie) for site in sites],
        "funnel": funnel_of(sites, came),
        "nothing_ever": not sites and not came.taken,
        "abandoned": abandoned(jobs, since=since),
        "days": SHOWN.days,
        "form": form,
        "found": found,
        "account": account,
        "wallets": wallets,
        "offered": offered,
    }
    return form_page(request, "accounts/embed_doctor.html", context, form, wallets)
