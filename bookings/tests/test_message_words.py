"""What the messages about a booking say."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from accounts.models import Service, Tradie
from availability.crew import add_calendar
from availability.models import Calendar
from bookings import messages, policy
from bookings.message_kinds import KINDS
from bookings.models import Actor, Booking, Status
from bookings.proofs import link_token
from bookings.tokens import token_of
from local.testing.cast import at, make_booking, make_service, make_tradie
from local.testing.sent import Sent, body, deliver, deliver_all
from notifications.models import Message
from notifications.sms_text import GSM

NOW = at("2027-01-10 12:00 +11:00")
EIGHT = at("2027-01-14 08:00 +11:00")
BACK = policy.Outcome(3_000, 0, policy.Reason.FREE, "Cancelled in time: all of $30 comes back.")
NONE = policy.Outcome(
    0, 0, policy.Reason.NOTHING_PAID, "Nothing was paid by card, so there is nothing to send back."
)


@pytest.fixture
def booking(drain: Service) -> Booking:
    """Jo's drain at Sam's, Thursday 14 January 2027 at eight."""
    return make_booking(drain, EIGHT)


def tell_everything(booking: Booking) -> None:
    """Every kind of message at once, whatever the booking's status."""
    messages.tell_confirmed(booking, now=NOW)
    messages.tell_on_my_way(booking, now=NOW)
    messages.tell_requested(booking, now=NOW)
    messages.tell_declined(booking, now=NOW)
    messages.tell_request_lapsed(booking, now=NOW)
    messages.tell_card_refused(booking, now=NOW)
    messages.tell_moved(booking, now=NOW)
    messages.tell_handed_over(booking, now=NOW)
    messages.tell_asked_to_move(booking, reason="Flu.", answer_by=EIGHT, now=NOW)
    messages.tell_silent(booking, move_id=booking.pk, silent=2, now=NOW)
    booking.late_minutes = 90
    messages.tell_late(booking, now=NOW)
    messages.tell_cancelled(booking, BACK, actor=Actor.CUSTOMER, now=NOW)
    messages.tell_cancelled(booking, BACK, actor=Actor.TRADIE, now=NOW)
    messages.tell_lost(booking, refund_cents=3_000, now=NOW)
    messages.tell_refund_requested(booking, amount_cents=3_000, note="Sorry.", now=NOW, refund_id="a")
    messages.tell_balance_too_low(booking, amount_cents=3_000, now=NOW, refund_id="a")
    messages.tell_refund_sent(booking, amount_cents=3_000, now=NOW)
    messages.tell_refund_failed(booking, amount_cents=3_000, now=NOW)


def test_the_customers_confirmation_mail(sent: Sent, booking: Booking) -> None:
    messages.tell_confirmed(booking, now=NOW)
    deliver_all(now=NOW)

    money = policy.statement(booking.terms.policy, 3_000, booking.starts_at, "Australia/Sydney", now=NOW)
    assert money[0].startswith("Free to cancel until ")
    mail = sent.mails[0]
    page = f"https://book.example.com.au/manage/{link_token(booking, 'email', 'jo@example.com')}"
    assert mail["Subject"] == "Booked: Blocked drain, Thu 14 Jan, 8:00 am, with Sam's Plumbing"
    assert mail["From"] == "Sam's Plumbing via PeepoPay <bookings@peepopay.example>"
    assert mail["Reply-To"] == "sam@example.com"
    assert mail["To"] == "jo@example.com"
    assert body(mail, "plain") == (
        "Hi Jo Citizen,\n\n"
        "You're booked in with Sam's Plumbing.\n\n"
        "What:      Blocked drain\n"
        "When:      Thursday 14 January 2027, 8:00 am to 9:00 am (AEDT, Sydney time)\n"
        "Where:     1 George Street, Newtown NSW 2042\n"
        f"Reference: {booking.reference}\n\n"
        "Deposit receipt\n"
        "Sam's Plumbing received your deposit of $30, paid by card. The price is $120, GST included.\n"
        "It is a security deposit: GST on it is due when it is taken off your bill or kept."
        " The tax invoice comes from Sam's Plumbing with the job.\n"
        f"As a PDF: {page}/deposit-receipt\n\n"
        "If your plans change\n" + "".join(f"- {sentence}\n" for sentence in money) + "\n"
        f"See, move or cancel: {page}\n\n"
        "Questions? Call Sam's Plumbing on (02) 9550 1234, or reply to this email.\n"
    )


def test_the_confirmation_carries_a_calendar_file(sent: Sent, booking: Booking) -> None:
    messages.tell_confirmed(booking, now=NOW)
    deliver_all(now=NOW)
    customers, tradies = sent.mails

    (attachment,) = customers.iter_attachments()
    assert attachment.get_content_type() == "text/calendar"
    assert attachment["Content-Type"].params["method"] == "REQUEST"
    assert attachment.get_filename() == "booking.ics"
    assert f"UID:{booking.pk}@" in attachment.get_content()
    assert "METHOD:REQUEST" in attachment.get_content()
    assert list(tradies.iter_attachments()) == []  # it would carry the customer's manage link


def test_the_tradies_mail_names_the_customer_and_answers_reach_them(sent: Sent, booking: Booking) -> None:
    messages.tell_confirmed(booking, now=NOW)
    deliver_all(now=NOW)

    mail = sent.mails[1]
    assert mail["Subject"] == "New booking: Blocked drain, Thu 14 Jan, 8:00 am, Jo Citizen"
    assert mail["From"] == "PeepoPay <bookings@peepopay.example>"
    assert mail["Reply-To"] == "jo@example.com"
    assert token_of(booking) not in mail.as_string()
    for line in (
        "Deposit of $30 paid. The price is $120, GST included.",
        "0412 345 678",
        "The dog is friendly.",
    ):
        assert line in body(mail, "plain")


def test_the_sms_is_one_plain_message(sent: Sent, booking: Booking) -> None:
    messages.tell_confirmed(booking, now=NOW)
    deliver_all(now=NOW)
    (sms,) = sent.sms
    assert sms["to"] == "+61412345678"
    assert sms["body"] == (
        "Sam's Plumbing: booked for Thu 14 Jan, 8:00 am, Sydney time. "
        f"See or change: https://book.example.com.au/manage/{link_token(booking, 'sms', '+61412345678')}"
    )
    assert len(sms["body"]) <= 160


def test_of_several_the_mails_say_who_comes_and_of_one_they_do_not(
    sent: Sent, booking: Booking, sam: Tradie
) -> None:
    messages.tell_confirmed(booking, now=NOW)
    deliver_all(now=NOW)
    add_calendar(sam, "Van\n2", first_name="Sam <& Co>")
    messages.tell_moved(booking, now=NOW)
    deliver_all(now=NOW)
    alone, several = sent.mails[:2], sent.mails[2:]
    assert [part for mail in alone for part in ("plain", "html") if "Who: " in body(mail, part)] == []
    for mail in several:
        assert "Newtown NSW 2042\nWho:       Sam <& Co>\nReference: " in body(mail, "plain")
        assert "Who: Sam &lt;&amp; Co&gt;</p>" in body(mail, "html")
    assert [
        sms["body"] for sms in sent.sms if "Sam <" in sms["body"]
    ] == []  # it has 160 letters, and the link


def test_whose_job_is_off_is_told_to_the_business_alone(sent: Sent, drain: Service, van: Calendar) -> None:
    booking = make_booking(drain, EIGHT, status=Status.CANCELLED, cancelled_at=NOW)
    messages.tell_cancelled(booking, NONE, actor=Actor.CUSTOMER, now=NOW)
    deliver_all(now=NOW)
    customers, tradies = sent.mails
    assert ["Who:       Sam" in body(mail, "plain") for mail in (customers, tradies)] == [False, True]


def test_a_customer_is_told_who_comes_now(sent: Sent, drain: Service, van: Calendar) -> None:
    booking = make_booking(drain, EIGHT, calendar=van)
    messages.tell_handed_over(booking, now=NOW)
    deliver_all(now=NOW)
    [mail] = sent.mails
    assert mail["Subject"] == "Van 2 is coming: Blocked drain, Thu 14 Jan, 8:00 am, with Sam's Plumbing"
    assert body(mail, "plain").startswith(
        "Hi Jo Citizen,\n\nWho comes to your job with Sam's Plumbing has changed: it's Van 2 now.\n"
        "The time and the price stay as they are.\n\nWhat:      Blocked drain\n"
    )
    assert "it’s <strong>Van 2</strong> now." in body(mail, "html")
    assert sent.sms == []


@pytest.mark.parametrize(
    ("timezone", "state", "text", "said"),
    [
        ("Australia/Sydney", "NSW", "2027-01-14 08:00 +11:00", "8:00 am to 9:00 am (AEDT, Sydney time)"),
        ("Australia/Sydney", "NSW", "2027-07-14 08:00 +10:00", "8:00 am to 9:00 am (AEST, Sydney time)"),
        ("Australia/Perth", "WA", "2027-01-14 08:00 +08:00", "8:00 am to 9:00 am (AWST, Perth time)"),
        ("Australia/Adelaide", "SA", "2027-01-14 12:00 +10:30", "12:00 pm to 1:00 pm (ACDT, Adelaide time)"),
        ("Australia/Lord_Howe", "NSW", "2027-01-14 08:00 +11:00", "8:00 am to 9:00 am (Lord Howe time)"),
        ("Australia/Lord_Howe", "NSW", "2027-07-14 08:00 +10:30", "8:00 am to 9:00 am (Lord Howe time)"),
    ],
)
def test_times_are_the_tradies_and_say_so(
    sent: Sent, db: None, timezone: str, state: str, text: str, said: str
) -> None:
    service = make_service(make_tradie(timezone=timezone, state=state))
    messages.tell_confirmed(make_booking(service, at(text)), now=NOW)
    deliver_all(now=NOW)
    assert said in body(sent.mails[0], "plain")
    assert said in body(sent.mails[0], "html")
    assert said.split(" to ")[0] in sent.sms[0]["body"]


def test_no_message_of_any_kind_lacks_a_word(sent: Sent, booking: Booking, settings: Any) -> None:
    engine = settings.TEMPLATES[0]
    options = {**engine["OPTIONS"], "string_if_invalid": "%s is missing"}
    settings.TEMPLATES = [{**engine, "OPTIONS": options}]
    settings.RATE_LIMITS = False  # nobody gets one of each kind in a day
    tell_everything(booking)
    for message in Message.objects.all():
        Booking.objects.update(status=KINDS[message.kind].while_status[-1], late_minutes=90)
        Booking.objects.update(asked_to_move_at=NOW if message.kind == "asked_to_move" else None)
        deliver(message, now=NOW)

    assert list(Message.objects.filter(sent_at=None).values_list("kind", "skipped_because")) == []
    for mail in sent.mails:
        said = mail["Subject"] + body(mail, "plain") + body(mail, "html")
        assert "is missing" not in said
        assert "None" not in said
        assert "tax invoice" not in said.lower().replace("the tax invoice comes from", "")
    assert [sms["body"] for sms in sent.sms if len(sms["body"]) > 160] == []


def test_news_that_takes_back_other_news_lacks_no_word_either(sent: Sent, booking: Booking) -> None:
    messages.tell_time_kept(booking, now=NOW)
    messages.tell_late(booking, now=NOW)
    deliver_all(now=NOW)
    for mail, sms, said in zip(sent.mails, sent.sms, ("after all. Expect", "after all"), strict=True):
        assert "8:00 am" in body(mail, "plain")
        assert "8:00 am" in body(mail, "html")
        assert said.partition(".")[0] in sms["body"]
        assert len(sms["body"]) <= 160


AWKWARD = [
    "O'Brien & Sons <Plumbing>",
    "Café Müller 🚿 Rohrreinigung",
    "سباكة سيدني",
    "Two\nLines\r\nBcc: everyone@example.com",
    "W" * 120,
]


@pytest.mark.parametrize("name", AWKWARD)
def test_awkward_names_break_nothing(sent: Sent, drain: Service, name: str) -> None:
    Tradie.objects.update(business_name=name)
    drain.refresh_from_db()
    messages.tell_confirmed(make_booking(drain, EIGHT, customer_name=name), now=NOW)
    deliver_all(now=NOW)

    plain = " ".join(name.split())
    for mail in sent.mails:
        assert mail["Bcc"] is None
        assert plain in " ".join(mail["Subject"].split())
        assert plain in body(mail, "plain")
        assert "<Plumbing>" not in body(mail, "html")
    assert sent.mails[0]["From"].addresses[0].display_name == f"{plain} via PeepoPay"
    (sms,) = sent.sms
    assert set(sms["body"]) <= GSM
    assert len(sms["body"]) <= 160


def test_a_message_in_the_customers_words_is_escaped_in_html_and_itself_in_text(
    sent: Sent, drain: Service
) -> None:
    note = 'Gate\'s <b>open</b> & dog "Max"\n\nis fine'
    messages.tell_confirmed(make_booking(drain, EIGHT, notes=note), now=NOW)
    deliver_all(now=NOW)
    assert 'Gate\'s <b>open</b> & dog "Max"' in body(sent.mails[1], "plain")
    assert "Gate&#x27;s &lt;b&gt;open&lt;/b&gt; &amp; dog &quot;Max&quot;<br><br>is fine" in body(
        sent.mails[1], "html"
    )


@pytest.mark.parametrize(
    ("hours_before", "to_both", "to_the_customer"),
    [
        (25, "Cancelled before Wed 13 Jan, 8:00 am: all of $30 comes back.", "$30 goes back to your card."),
        (
            5,
            "Cancelled after Wed 13 Jan, 8:00 am: $12.50 is kept and $17.50 comes back.",
            "$17.50 goes back to your card.",
        ),
        (1, "Cancelled after Thu 14 Jan, 6:00 am: $30 is kept and nothing comes back.", "Hi Jo Citizen,"),
    ],
)
def test_a_cancellation_says_exactly_what_comes_back_and_why(
    sent: Sent, sam: Tradie, hours_before: int, to_both: str, to_the_customer: str
) -> None:
    job = make_service(sam, late_fee_cents=1_250)
    booking = make_booking(job, EIGHT, status=Status.CANCELLED, cancelled_at=NOW)
    outcome = policy.if_cancelled(
        booking.terms.policy,
        deposit_cents=3_000,
        starts_at=EIGHT,
        at=EIGHT - timedelta(hours=hours_before),
        by="customer",
        zone_name="Australia/Sydney",
    )
    messages.tell_cancelled(booking, outcome, actor=Actor.CUSTOMER, now=NOW)
    deliver_all(now=NOW)
    customers, tradies = sent.mails
    for mail in (customers, tradies):
        assert to_both in body(mail, "plain")
        assert to_both in body(mail, "html")
    assert to_the_customer in body(customers, "plain")
    assert to_the_customer in body(customers, "html").replace("<strong>", "").replace("</strong>", "")


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"price_cents": 8_000}, "The price is $80, GST included. Nothing was charged."),
        (
            {"price_cents": 8_050, "price_from": True},
            "The price is from $80.50, GST included. Nothing was charged.",
        ),
        ({"price_cents": 0}, "There is no charge for this visit."),
    ],
)
def test_without_a_deposit_the_mail_says_what_it_will_cost(
    sent: Sent, sam: Tradie, fields: dict[str, Any], said: str
) -> None:
    service = make_service(sam, deposit_kind="none", deposit_fixed_cents=0, **fields)
    messages.tell_confirmed(make_booking(service, EIGHT), now=NOW)
    deliver_all(now=NOW)
    for part in ("plain", "html"):
        assert said in body(sent.mails[0], part)
        assert "eposit receipt" not in body(sent.mails[0], part)
    assert "No deposit." in body(sent.mails[1], "plain")


@pytest.mark.parametrize(
    ("service", "registered", "said"),
    [
        (
            {"deposit_is": "part_payment"},
            True,
            "a part payment of the price, and $2.73 of it is GST, due now.",
        ),
        ({"deposit_kind": "full"}, True, "a part payment of the price, and $10.91 of it is GST, due now."),
        (
            {},
            False,
            "It is a security deposit. Sam's Plumbing isn't registered for GST, so it has none in it.",
        ),
    ],
)
def test_the_receipt_says_what_the_deposit_is_and_when_gst_is_due(
    sent: Sent, sam: Tradie, service: dict[str, str], registered: bool, said: str
) -> None:
    booking = make_booking(make_service(sam, **service), EIGHT)
    Service.objects.update(deposit_is="security", deposit_kind="none")  # it is what it was when it was booked
    Tradie.objects.update(gst_registered=registered)
    messages.tell_confirmed(booking, now=NOW)
    deliver_all(now=NOW)
    told = body(sent.mails[0], "plain")
    assert said in told
    assert ("GST included" in told) is registered
