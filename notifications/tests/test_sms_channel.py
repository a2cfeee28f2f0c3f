"""SMS over Twilio, to files, and to nowhere."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from local.ports import free_port
from notifications.channels import sms as sms_module
from notifications.channels.errors import ChannelError, Unsubscribed
from notifications.channels.sms import Sms, send

from .fake_twilio import ACCOUNT, FROM, SECRET, FakeTwilio

SMS = Sms(to="+61412345678", body="Sam's Plumbing: booked & paid @ 8:00 am", dedupe_key="booking:1")


@pytest.fixture
def twilio(settings: Any) -> Iterator[FakeTwilio]:
    with FakeTwilio() as server:
        settings.SMS_BACKEND = "notifications.channels.sms.TwilioBackend"
        settings.TWILIO_API_BASE = server.url
        settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN, settings.TWILIO_FROM = ACCOUNT, SECRET, FROM
        yield server


def test_an_sms_goes_out_over_twilio(twilio: FakeTwilio) -> None:
    send(SMS)
    assert twilio.received == [
        {"To": "+61412345678", "From": "+61480000000", "Body": "Sam's Plumbing: booked & paid @ 8:00 am"}
    ]


def test_a_messaging_service_takes_the_place_of_a_number(twilio: FakeTwilio, settings: Any) -> None:
    settings.TWILIO_FROM = "MG0123"
    send(SMS)
    assert twilio.received == [
        {"To": "+61412345678", "MessagingServiceSid": "MG0123", "Body": SMS.body},
    ]


def test_a_registered_name_takes_the_place_of_our_number(twilio: FakeTwilio) -> None:
    send(replace(SMS, sender="SamPlumbing"))
    assert twilio.received == [{"To": "+61412345678", "From": "SamPlumbing", "Body": SMS.body}]


def test_who_told_the_provider_stop_is_known_by_its_answer(twilio: FakeTwilio) -> None:
    twilio.status, twilio.code = 400, 21610
    with pytest.raises(Unsubscribed):
        send(SMS)


@pytest.mark.parametrize(
    ("status", "retry_helps"),
    [
        (400, False),
        (404, False),
        (422, False),
        (401, True),
        (403, True),
        (429, True),
        (500, True),
        (503, True),
    ],
)
def test_which_answers_are_worth_another_try(twilio: FakeTwilio, status: int, retry_helps: bool) -> None:
    twilio.status = status
    with pytest.raises(ChannelError) as refusal:
        send(SMS)
    assert (str(refusal.value), refusal.value.retry_helps) == (f"Twilio answered {status}.", retry_helps)
    assert refusal.value.is_denied is (status in {401, 403})


def test_a_provider_that_is_down_or_hangs_is_worth_another_try(
    twilio: FakeTwilio, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sms_module, "TIMEOUT_SECONDS", 0.1)
    twilio.delay_seconds = 0.5
    with pytest.raises(ChannelError, match="ReadTimeout") as slow:
        send(SMS)
    settings.TWILIO_API_BASE = f"http://127.0.0.1:{free_port()}"
    with pytest.raises(ChannelError, match="ConnectionError") as away:
        send(SMS)
    assert (slow.value.retry_helps, away.value.retry_helps) == (True, True)


def test_the_file_backend_writes_whole_files(settings: Any, tmp_path: Path) -> None:
    settings.SMS_BACKEND = "notifications.channels.files.SmsBackend"
    settings.SENT_MESSAGES_DIR = str(tmp_path)
    send(SMS)
    (path,) = tmp_path.glob("sms/*")
    written = json.loads(path.read_text())
    assert {**written, "sent_at": ""} == {
        "to": "+61412345678",
        "from": "",
        "body": SMS.body,
        "sent_at": "",
        "dedupe_key": "booking:1",
    }


def test_without_a_provider_nothing_personal_is_logged(
    settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.SMS_BACKEND = "notifications.channels.sms.ConsoleBackend"
    caplog.set_level(logging.DEBUG)
    send(SMS)
    assert [record.getMessage() for record in caplog.records] == [
        "An SMS of 39 characters was not sent: no provider is configured."
    ]
