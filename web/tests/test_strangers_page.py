"""docs/strangers.md says the figures that the code has."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.conf import settings

from accounts import invitations, sign_ups, widget_reports
from accounts.widget_models import COUNTED
from availability import asked_places
from bookings import drawing_photos, limits, photos, scheduling
from bookings.housekeeping import RATE_COUNTS_FOR
from bookings.models import Actor
from notifications import budgets
from notifications.models import Channel
from peepopay import throttling, uploads
from peepopay.api import LARGEST_JSON
from peepopay.middleware import LONGEST_ADDRESS
from web.api.booking_inputs import AddressInput, BookingInput, CustomerInput
from web.dashboard import embed_forms
from web.sign_in import codes, mails
from web.webhooks import MOST_BYTES

PAGE = " ".join((settings.BASE_DIR / "docs" / "strangers.md").read_text().split())
MAILS, TEXTS = budgets.MOST[Channel.EMAIL], budgets.MOST[Channel.SMS]
MINUTES = throttling.AddressLimit.window // timedelta(minutes=1)
SENTENCES = [
    f"| mails | {MAILS.unconfirmed} | {MAILS.confirmed} |",
    f"mobiles only | {TEXTS.unconfirmed} | {TEXTS.confirmed} |",
    f"| {MAILS.unconfirmed - budgets.KEPT} and {TEXTS.unconfirmed - budgets.KEPT} |"
    f" {MAILS.confirmed - budgets.KEPT} and {TEXTS.confirmed - budgets.KEPT} |",
    f"at most {MAILS.unconfirmed} mails and {TEXTS.unconfirmed} SMS a day",
    f"{limits.MOVES_A_DAY[Actor.CUSTOMER]} a day once it is confirmed;"
    f" by the tradie {limits.MOVES_A_DAY[Actor.TRADIE]} |",
    f"| {budgets.MOST_TO_TRADIE[Channel.EMAIL]} a day;",
    f"| {budgets.MOST_TO_TRADIE[Channel.SMS]} a day to a number that they confirmed",
    f"| {mails.MOST_A_DAY} a day to one mailbox |",
    f"| {codes.MAILS_PER_CODE} mails an hour |",
    f"{invitations.MOST_A_DAY_TO_ONE_ADDRESS} to an address,"
    f" {invitations.MOST_A_DAY_FROM_ONE_BUSINESS} from a business",
    f"holds among them | {limits.MOST_UNCONFIRMED} |",
    f"confirmed ones too | {limits.MOST_UNPAID} |",
    f"| {settings.HOLD_MINUTES} minutes and a minute's grace;"
    f" {scheduling.LONGEST_HOLD // timedelta(minutes=1)} minutes in all",
    f"{asked_places.MOST_PLACES} postcodes of a business in a day",
    f"requests to book | {throttling.BookingAttempts.limit} in {MINUTES} minutes |",
    f"requests for a payment | {throttling.PaymentAttempts.limit} in {MINUTES} minutes |",
    f"page together | {throttling.TokenAttempts.limit} in {MINUTES} minutes |",
    f"| {throttling.WidgetReports.limit} in {MINUTES} minutes;"
    f" what is beyond {widget_reports.MOST_REPORTS:,} in {MINUTES} minutes",
    f"of {len(COUNTED)} words by day, for {widget_reports.MOST_SITES} websites of a business and those that it names"
    f" | {widget_reports.KEPT.days} days |",
    f"| {embed_forms.MOST_LOOKS} in {embed_forms.WINDOW // timedelta(minutes=1)} minutes of a business,",
    f"| {throttling.READS_PER_MINUTE} a minute and web process |",
    f"{LARGEST_JSON // 1024} kB of JSON (a webhook of Stripe's {MOST_BYTES // 1024} kB)",
    f"{LONGEST_ADDRESS:,} characters of address",
    f"| {photos.MOST} from each side, {photos.LARGEST_BYTES // 2**20} MB each"
    f" and {uploads.LARGEST_BYTES // 2**20} MB in one request;"
    f" what is kept of one is a picture of {drawing_photos.EDGE:,} pixels |",
    f"name {CustomerInput().fields['name'].max_length}, street {AddressInput().fields['line1'].max_length},"
    f" notes {BookingInput().fields['notes'].max_length:,} characters,"
    f" {BookingInput().fields['answers'].child.max_length:,} to each answer",
]


@pytest.mark.parametrize("sentence", SENTENCES)
def test_it_says(sentence: str) -> None:
    assert sentence in PAGE


def test_it_says_how_long_rows_stay() -> None:
    assert (timedelta(hours=1), timedelta(days=7)) == (RATE_COUNTS_FOR, sign_ups.KEPT_FOR)
    assert (timedelta(days=7), timedelta(days=30)) == (invitations.LASTS, invitations.KEPT_FOR)
    assert settings.EXPIRY_GRACE_SECONDS == 60


def test_every_file_that_it_names_is_there() -> None:
    for path in re.findall(r"`([a-z_/]+\.py)`", PAGE):
        assert (settings.BASE_DIR / path).is_file(), path
