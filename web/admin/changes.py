"""Who changed which setting of a business, and from what to what: on the pages of the business and of its services."""

from __future__ import annotations

from typing import Any

from django.db.models import Model, QuerySet
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.text import capfirst

from accounts import audit
from accounts.audit_models import AuditEntry, Change
from accounts.models import Tradie
from web.admin.reading import moment_of

MOST_SHOWN = 20
SETTINGS = (
    *(Change.BUSINESS_CHANGED, Change.STRIPE_OPENED, Change.CREW_CHANGED, Change.HOURS_CHANGED),
    *(Change.TIME_OFF_CHANGED, Change.CALENDAR_CONNECTED, Change.CALENDAR_REMOVED),
    *(Change.RULES_CHANGED, Change.PAY_TO_CHANGED, Change.XERO_CODES_CHANGED),
    *(Change.SERVICE_ADDED, Change.SERVICE_CHANGED, Change.SERVICE_OFFERED, Change.SERVICE_WITHDRAWN),
    *(Change.SERVICE_REMOVED, Change.DEPOSIT_CAP_OVERRIDDEN),
)


def settings_of(tradie: Tradie) -> QuerySet[AuditEntry]:
    return audit.changes_of(tradie).filter(kind__in=SETTINGS)


def as_list(entries: QuerySet[AuditEntry], tradie: Tradie) -> str:
    """The last of them, each with a link to its entry, and one to all that happened in this business."""
    entries = entries.select_related("user", "tradie")
    rows = format_html_join("", '<li><a href="{}">{}</a>, {}: {}</li>', map(_row, entries[:MOST_SHOWN]))
    everything = f"{reverse('admin:accounts_auditentry_changelist')}?tradie__id__exact={tradie.pk}"
    return format_html(
        '<ul>{}</ul><a href="{}">All that changed in this business</a>', rows or "None yet.", everything
    )


def _row(entry: AuditEntry) -> tuple[str, str, str, str]:
    url = reverse("admin:accounts_auditentry_change", args=[entry.pk])
    who = entry.user.get_full_name() if entry.user else "PeepoPay"
    what = " · ".join(filter(None, (str(entry), capfirst(entry.detail))))
    return url, moment_of(entry, entry.at), who, what


def note_what_an_operator_changed(
    kind: Change, tradie: Tradie, before: Model, after: Model, form: Any
) -> None:
    """In the transaction of the page; the business reads it too."""
    told = audit.difference(before, after, form.changed_data)
    about = {"about": str(after), "about_id": after.pk} if kind == Change.SERVICE_CHANGED else {}
    if told:
        audit.note(tradie.pk, kind, detail=told, **about)
