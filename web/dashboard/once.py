"""Pages that make something new make it once, however often their button is pressed."""

from __future__ import annotations

from functools import wraps
from uuid import UUID, uuid4

from django.contrib import messages as notices
from django.db import transaction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone

from accounts.models import Membership
from peepopay.forms import PART_MISSING
from peepopay.models import FormPress
from web.dashboard.access import View

FIELD = "form_key"


def made_once(view: View) -> View:
    """Put it below everything that may refuse the request. The page carries a key (`_form_key.html`), which is written
    in one transaction with what the view makes: whoever sends the page again, or twice at once, is led to where the
    first press led. A view that shows its form again has made nothing, and its key stays good.

    Such a view asks no other machine, or its transaction would wait for that. What does (an invoice, a refund) keeps a
    key in its own row.
    """

    @wraps(view)
    def keyed(request: HttpRequest, member: Membership) -> HttpResponseBase:
        if request.method != "POST":
            request.form_key = uuid4()  # type: ignore[attr-defined]
            return view(request, member)
        key = _sent(request)
        if key is None:
            notices.error(request, PART_MISSING)
            return redirect(request.get_full_path())
        request.form_key = key  # type: ignore[attr-defined]
        with transaction.atomic():
            press, is_first = FormPress.objects.get_or_create(key=key, defaults={"at": timezone.now()})
            if not is_first:
                return redirect(press.leads_to)
            return _noted(press, view(request, member))

    return keyed


def _sent(request: HttpRequest) -> UUID | None:
    try:
        return UUID(request.POST.get(FIELD, ""))
    except ValueError:
        return None


def _noted(press: FormPress, answer: HttpResponseBase) -> HttpResponseBase:
    if leads_to := answer.get("Location"):
        FormPress.objects.filter(pk=press.pk).update(leads_to=leads_to)
    else:
        press.delete()
    return answer
