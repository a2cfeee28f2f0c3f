"""Of what somebody in a business wants to hear, by which way: for themselves alone."""

from __future__ import annotations

from django.contrib import messages as notices
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts.models import Membership
from accounts.roles import May
from bookings.news import choice_of, choose, person
from notifications.budgets import is_own
from notifications.phones import are_told
from peepopay.methods import SHOW_AND_SAVE
from web.dashboard.access import for_members
from web.dashboard.news_forms import NewsForm
from web.dashboard.versions import one_at_a_time
from web.form_pages import form_page, posted


@for_members(May.JOBS)
@SHOW_AND_SAVE
@one_at_a_time
def news(request: HttpRequest, member: Membership) -> HttpResponse:
    whoever = person(member)
    choice = choice_of(whoever, member.tradie)
    form = NewsForm(
        posted(request), choice=choice, business_mobile=choice.mobile, on_phones=bool(whoever.phones)
    )
    if request.method == "POST" and form.is_valid():
        choose(member, **form.said)
        notices.success(request, "Saved.")
        return redirect("news")
    context = {
        "tradie": member.tradie,
        "form": form,
        "choice": choice,
        "reads_business": whoever.reads_business,
        "to_confirm": bool(choice.mobile and choice.by_sms) and not is_own(choice.mobile),
        "phones": len(whoever.phones),
        "phones_are_told": are_told(),
    }
    return form_page(request, "accounts/news.html", context, form)
