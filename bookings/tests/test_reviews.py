"""Every customer is asked once for a review of a job that is done, by day, whatever happened."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError

from accounts.models import Service
from bookings import reminder_links
from bookings.actors import By
from bookings.erasure import erase
from bookings.lifecycle import mark_completed, mark_no_show, undo_completed
from bookings.message_kinds import REVIEW
from bookings.models import Actor, Booking
from local.testing.cast import at, make_booking
from local.testing.sent import Sent, body, deliver
from notifications.models import Message, MessageSettings, StoppedBy
from notifications.opt_outs import stop_texts

EIGHT = at("2027-01-14 08:00 +11:00")
DONE = EIGHT + timedelta(hours=1)
DUE = DONE + timedelta(hours=24)
PAGE = "https://g.page/r/sams-plumbing/review"
BY = By(Actor.TRADIE)


@pytest.fixture
def job(drain: Service) -> Booking:
    MessageSettings.objects.create(tradie=drain.tradie, review_url=PAGE)
    return make_booking(drain, EIGHT)


def done(job: Booking, now: datetime = DONE) -> Booking:
    assert mark_completed(job, by=BY, now=now)
    return job


def invitations() -> list[Message]:
    return list(Message.objects.filter(kind=REVIEW))


def test_the_day_after_a_mail_with_the_page_and_a_way_to_get_no_more(sent: Sent, job: Booking) -> None:
    (invitation,) = invitations() if done(job) else []
    assert (invitation.due_at, invitation.channel) == (DUE, "email")
    deliver(invitation, now=DUE)
    (mail,) = sent.mails
    assert mail["Subject"] == "How was it with Sam's Plumbing?"
    for part in ("plain", "html"):
        assert PAGE in body(mail, part)
        assert reminder_links.reminders_url(job) in body(mail, part)
    assert reminder_links.reminders_url(job) in mail["List-Unsubscribe"]


def test_by_sms_where_there_is_no_address(sent: Sent, job: Booking) -> None:
    Booking.objects.update(customer_email="")
    job.refresh_from_db()
    (invitation,) = invitations() if done(job) else []
    deliver(invitation, now=DUE)
    (text,) = sent.sms
    assert text["body"] == f"Sam's Plumbing: thank you. How was it? {PAGE} No more: reply STOP"


def test_no_sms_that_nobody_could_reply_stop_to(job: Booking) -> None:
    registered = {"sender_registration": "SSIR-1", "sender_registered_on": "2026-07-01"}
    MessageSettings.objects.update(sender_name="SamPlumbing", **registered)
    Booking.objects.update(customer_email="")
    job.refresh_from_db()
    done(job)
    assert invitations() == []


@pytest.mark.parametrize(
    ("marked", "due"),
    [
        ("2027-01-14 20:59 +11:00", "2027-01-15 20:59 +11:00"),
        ("2027-01-14 21:00 +11:00", "2027-01-16 07:00 +11:00"),
        ("2027-01-15 03:00 +11:00", "2027-01-16 07:00 +11:00"),
        ("2027-01-15 07:00 +11:00", "2027-01-16 07:00 +11:00"),
        ("2027-04-03 21:30 +11:00", "2027-04-04 20:30 +10:00"),  # the clocks went back
    ],
)
def test_by_day(job: Booking, marked: str, due: str) -> None:
    done(job, at(marked))
    assert [invitation.due_at for invitation in invitations()] == [at(due)]


def test_a_worker_that_comes_at_night_waits_for_the_morning(sent: Sent, job: Booking) -> None:
    done(job)
    deliver(invitations()[0], now=at("2027-01-15 23:00 +11:00"))
    assert sent.mails == []
    assert invitations()[0].due_at == at("2027-01-16 07:00 +11:00")


def test_whatever_happened_to_the_job_before(job: Booking) -> None:
    Booking.objects.update(late_minutes=120, tradie_notes="Angry.", sequence=4)
    job.refresh_from_db()
    done(job)
    assert len(invitations()) == 1


def test_undone_before_it_went_it_goes_too_and_done_again_asks_anew(sent: Sent, job: Booking) -> None:
    done(job)
    assert undo_completed(job, by=BY, now=DONE + timedelta(hours=1))
    assert invitations() == []
    done(job, DONE + timedelta(hours=2))
    assert [invitation.due_at for invitation in invitations()] == [DUE + timedelta(hours=2)]


def test_done_again_after_it_went_asks_nobody_twice(sent: Sent, job: Booking) -> None:
    done(job)
    deliver(invitations()[0], now=DUE - timedelta(minutes=1))  # as if it had been due
    assert undo_completed(job, by=BY, now=DUE - timedelta(minutes=1))
    done(job, DUE)
    assert len(invitations()) == len(sent.mails) == 1


def test_undone_while_a_worker_had_it_it_is_not_sent(sent: Sent, job: Booking) -> None:
    done(job)
    Message.objects.filter(kind=REVIEW).update(attempts=1)
    undo_completed(job, by=BY, now=DONE)
    deliver(invitations()[0], now=DUE)
    assert sent.mails == []
    assert invitations()[0].skipped_because == "The booking is confirmed now."


def test_who_wants_no_reminders_is_not_asked(sent: Sent, job: Booking) -> None:
    reminder_links.stop(job, now=DONE)
    done(job)
    deliver(invitations()[0], now=DUE)
    assert sent.mails == []
    assert invitations()[0].skipped_because == "They want no reminders."


def test_nor_who_replied_stop(sent: Sent, job: Booking) -> None:
    stop_texts(job.customer_phone, by=StoppedBy.REPLY, now=DONE)
    Booking.objects.update(customer_email="")
    job.refresh_from_db()
    done(job)
    deliver(invitations()[0], now=DUE)
    assert sent.sms == []


def test_nor_whose_details_are_erased(job: Booking) -> None:
    done(job)
    erase(Booking.objects.all(), now=DONE)
    assert invitations() == []
    job.refresh_from_db()
    assert undo_completed(job, by=BY, now=DONE)
    done(job)
    assert invitations() == []


def test_nor_whom_the_business_tells_nothing_nor_who_was_not_there(job: Booking) -> None:
    assert mark_no_show(job, by=BY, now=DONE)
    other = make_booking(job.service, EIGHT + timedelta(hours=2), tell_customer=False)
    done(other, EIGHT + timedelta(hours=3))
    assert invitations() == []


def test_off_at_first_and_off_again_before_it_is_sent(sent: Sent, job: Booking) -> None:
    done(job)
    MessageSettings.objects.update(review_url="")
    deliver(invitations()[0], now=DUE)
    assert sent.mails == []
    other = make_booking(job.service, EIGHT + timedelta(hours=2))
    done(other, EIGHT + timedelta(hours=3))
    assert len(invitations()) == 1


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com",
        "https://",
        "https://joe@example.com/",
        "javascript:alert(1)",
        "https://x y.com",
        'https://e.com/"',
    ],
)
def test_only_a_whole_https_address_is_one(drain: Service, url: str, db: Any) -> None:
    with pytest.raises(IntegrityError, match="message_settings_review_url_is_https"):
        MessageSettings.objects.create(tradie=drain.tradie, review_url=url)
