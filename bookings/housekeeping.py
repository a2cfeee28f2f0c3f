"""Rows that have served their time."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection

from accounts.browser_models import SignedInBrowser
from accounts.invitations import forget_old as forget_invitations
from accounts.sign_ups import forget_unconfirmed
from accounts.widget_reports import forget_old as forget_reports
from notifications import account_mails, budgets, opt_outs
from notifications.webhooks import log as webhook_log
from peepopay.models import FormPress, RateCount

REPLIES_FOR = timedelta(days=30)
A_MOMENT = timedelta(minutes=10)
RATE_COUNTS_FOR = timedelta(hours=1)
PRESSES_FOR = timedelta(days=7)  # longer than a page stays open in a browser


def forget_old_rows(*, now: datetime) -> int:
    """Counters, keys of forms, sessions, cached values, invitations, sign-ups, account mails, webhooks and
    reports of the booking page that ran out; returns how many went."""
    counters, _ = RateCount.objects.filter(ends_at__lt=now - RATE_COUNTS_FOR).delete()
    presses, _ = FormPress.objects.filter(at__lt=now - PRESSES_FOR).delete()
    sessions, _ = Session.objects.filter(expire_date__lt=now).delete()
    sessions += _forget_browsers(now)
    people = forget_invitations(now=now) + forget_unconfirmed(now=now)
    replies = opt_outs.forget_seen(before=now - REPLIES_FOR)
    sent = (
        replies
        + forget_reports(now=now)
        + budgets.forget(now=now)
        + webhook_log.forget_old(now=now)
        + account_mails.forget_old(now=now)
    )
    return counters + presses + sessions + _forget_cached(now) + people + sent


def _forget_browsers(now: datetime) -> int:
    """Whose session is over. One of just now may be written a moment before its session."""
    over = SignedInBrowser.objects.exclude(session_key__in=Session.objects.values("pk"))
    return over.filter(signed_in_at__lt=now - A_MOMENT).delete()[0]


def _forget_cached(now: datetime) -> int:
    """Django drops them only once the table is full, and counts it at every write."""
    table = connection.ops.quote_name(str(settings.CACHES["default"]["LOCATION"]))
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table} WHERE expires < %s", [now])  # noqa: S608
        return int(cursor.rowcount)
