"""The development page of sent mails and SMS."""

import json
import os
import re
from email.message import EmailMessage
from pathlib import Path

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from local.demo_data import add_admin
from local.demo_login import PASSWORD

pytestmark = pytest.mark.urls("local.urls")


@pytest.fixture
def sent(settings: Settings, tmp_path: Path) -> Path:
    settings.SENT_MESSAGES_DIR = str(tmp_path)
    for kind in ("mail", "sms"):
        (tmp_path / kind).mkdir()
    return tmp_path


def write_mail(folder: Path, name: str = "1.eml", *, written: int = 1) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"] = "Joe's Plumbing <bookings@example.com>", "jo@example.com"
    mail["Subject"] = "You're booked: Tue 14 Jan, 8:00 am 🔧"
    mail.set_content("Hello Jo, see you on Tuesday.")
    mail.add_alternative("<h1>Hello Jo</h1><script>alert(1)</script>", subtype="html")
    mail.add_attachment(b"BEGIN:VCALENDAR", maintype="text", subtype="calendar", filename="booking.ics")
    (folder / "mail" / name).write_bytes(mail.as_bytes())
    os.utime(folder / "mail" / name, (written, written))


def write_sms(folder: Path, *, written: int = 2) -> None:
    sms = {
        "to": "+61400000001",
        "body": "Booked & paid",
        "sent_at": "2027-01-01T00:00:00Z",
        "dedupe_key": "x",
    }
    path = folder / "sms" / "1.json"
    path.write_text(json.dumps(sms))
    os.utime(path, (written, written))


def test_it_says_when_nothing_was_sent(sent: Path, client: Client) -> None:
    assert "Nothing has been sent yet" in client.get("/sent").text


def test_it_shows_the_code_that_lets_the_demo_admin_in(sent: Path, client: Client, db: None) -> None:
    add_admin()
    client.post("/accounts/login/", {"login": "admin@example.com", "password": PASSWORD})
    assert client.get("/admin/").status_code == 302
    while client.get("/admin/").status_code == 302:  # the code goes stale if the half minute turns meanwhile
        shown = re.search(r"code <strong>(\d{6})</strong>", client.get("/sent").text)
        assert shown
        assert client.post("/accounts/2fa/authenticate/", {"code": shown[1]}).status_code != 429
    assert client.get("/admin/").status_code == 200


def test_newest_first_with_everything_escaped(sent: Path, client: Client) -> None:
    write_mail(sent)
    write_sms(sent)
    page = client.get("/sent").text
    assert page.index("Booked &amp; paid") < page.index("You&#x27;re booked: Tue 14 Jan, 8:00 am 🔧")
    assert "<h1>Hello Jo" not in page


def test_the_html_part_can_run_nothing(sent: Path, client: Client) -> None:
    write_mail(sent)
    answer = client.get("/sent/mail/1.eml/html")
    assert "<h1>Hello Jo</h1>" in answer.text
    assert "sandbox" in answer["Content-Security-Policy"]
    assert "allow-scripts" not in answer["Content-Security-Policy"]
    assert answer["X-Frame-Options"] == "SAMEORIGIN"


def test_an_attachment_is_a_download(sent: Path, client: Client) -> None:
    write_mail(sent)
    answer = client.get("/sent/mail/1.eml/attachments/0")
    assert answer["Content-Disposition"] == 'attachment; filename="booking.ics"'
    assert answer.content.strip() == b"BEGIN:VCALENDAR"
    assert client.get("/sent/mail/1.eml/attachments/1").status_code == 404


@pytest.mark.parametrize("name", ["2.eml", "..%2Fsecret.eml", "..", "%2e%2e"])
def test_other_names_are_not_found(sent: Path, client: Client, name: str) -> None:
    (sent / "secret.eml").write_text("secret")
    assert client.get(f"/sent/mail/{name}/html").status_code == 404


@pytest.mark.slow
def test_the_list_is_bounded(sent: Path, client: Client) -> None:
    for number in range(105):
        write_mail(sent, f"{number}.eml", written=number)
    page = client.get("/sent").text
    assert page.count("sent-kind-mail") == 100
    assert "These are the newest 100." in page
