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
from peepopay import sweeps
from peepopay.models import FormPress, RateCount

from . import call_backs, waitlist

REPLIES_FOR = timedelta(days=30)
A_MOMENT = timedelta(minutes=10)
RATE_COUNTS_FOR = timedelta(hours=1)
PRESSES_FOR = timedelta(days=7)  # longer than a page stays open in a browser


def forget_old_rows(*, now: datetime) -> int:
    """Whatever ran out, each kind by itself; returns how many rows went."""
    return sweeps.every(*STEPS, now=now)


def _forget_counters(now: datetime) -> int:
    return sweeps.forget(RateCount.objects.filter(ends_at__lt=now - RATE_COUNTS_FOR))


def _forget_presses(now: datetime) -> int:
    return sweeps.forget(FormPress.objects.filter(at__lt=now - PRESSES_FOR))


def _forget_sessions(now: datetime) -> int:
    return sweeps.forget(Session.objects.filter(expire_date__lt=now))


def _forget_replies(now: datetime) -> int:
    return opt_outs.forget_seen(before=now - REPLIES_FOR)


def _forget_browsers(now: datetime) -> int:
    """Whose session is over. One of just now may be written a moment before its session."""
    over = SignedInBrowser.objects.exclude(session_key__in=Session.objects.values("pk"))
    return sweeps.forget(over.filter(signed_in_at__lt=now - A_MOMENT))


def _forget_cached(now: datetime) -> int:
    """Django drops them only once the table is full, and counts it at every write."""
    table = connection.ops.quote_name(str(settings.CACHES["default"]["LOCATION"]))
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table} WHERE expires < %s", [now])  # noqa: S608
        return int(cursor.rowcount)


STEPS = (
    _forget_counters,
    _forget_presses,
    _forget_sessions,
    _forget_browsers,  # after the sessions
    _forget_cached,
    _forget_replies,
    forget_invitations,
    forget_unconfirmed,
    forget_reports,
    budgets.forget,
    webhook_log.forget_old,
    account_mails.forget_old,
    call_backs.forget_old,
    waitlist.forget_old,
)
