"""How many messages one address or number gets in a day, whoever causes them."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from accounts.models import Tradie
from local.testing.cast import at
from notifications import budgets
from notifications.models import Audience, Channel, Message, Recipient
from notifications.outbox import NoRoom, queue_messages

NOW = at("2027-01-10 12:00 +11:00")
HOUR = timedelta(hours=1)
JO = "jo@example.com"
Tell = Callable[..., bool]
numbers = itertools.count()


def message(tradie: Tradie | None = None, to: str = JO, now: datetime = NOW, **fields: Any) -> Message:
    defaults = {
        "audience": Audience.CUSTOMER,
        "channel": Channel.EMAIL,
        "kind": "test",
        "about": uuid.uuid4(),
    }
    return Message(
        tradie=tradie, recipient=to, due_at=now, dedupe_key=str(next(numbers)), **{**defaults, **fields}
    )


@pytest.fixture
def tell(sam: Tradie) -> Tell:
    """Queue one message; whether it will be sent."""

    def tell(to: str = JO, now: datetime = NOW, **fields: Any) -> bool:
        row = message(sam, to, now, **fields)
        queue_messages([row])
        return Message.objects.get(pk=row.pk).done_at is None

    return tell


def test_there_is_room_for_five_mails_and_three_sms_a_day(tell: Tell) -> None:
    assert [tell() for _ in range(7)] == [True] * 5 + [False] * 2
    assert [tell("+61412345678", channel=Channel.SMS) for _ in range(5)] == [True] * 3 + [False] * 2
    assert tell("kim@example.com")


def test_a_number_that_a_business_typed_is_anybodys_until_it_is_confirmed(tell: Tell) -> None:
    to_sam: dict[str, Any] = {"channel": Channel.SMS, "audience": Audience.TRADIE}
    number = "+61400111222"
    assert [tell(number, channel=Channel.SMS), *(tell(number, **to_sam) for _ in range(3))] == [True] * 3 + [
        False
    ]
    budgets.confirm(Channel.SMS, number, now=NOW)  # as a customer
    budgets.confirm_own(number, now=NOW)
    assert [tell(number, **to_sam) for _ in range(31)] == [True] * 30 + [False]
    assert tell(number, channel=Channel.SMS)  # counted apart from then on


def test_what_is_left_out_says_so(tell: Tell) -> None:
    for _ in range(6):
        tell()
    left_out = Message.objects.exclude(done_at=None).get()
    assert (left_out.state, left_out.skipped_because) == ("skipped", "Too many messages to them in a day.")


def test_the_day_is_any_24_hours(tell: Tell) -> None:
    assert all(tell(now=NOW + number * HOUR) for number in range(5))
    assert not tell(now=NOW + 24 * HOUR - timedelta(seconds=1))
    assert tell(now=NOW + 24 * HOUR)
    assert not tell(now=NOW + 24 * HOUR)
    assert tell(now=NOW + 25 * HOUR)


@given(st.lists(st.integers(0, 72 * 60), max_size=60))
@hypothesis_settings(max_examples=40, deadline=None, derandomize=True)
def test_no_24_hours_have_more_than_five(django_db_blocker: Any, minutes: list[int]) -> None:
    with django_db_blocker.unblock(), transaction.atomic():
        times = [NOW + timedelta(minutes=minute) for minute in sorted(minutes)]
        sent = [time for time in times if not budgets.take([message(now=time)])]
        transaction.set_rollback(True)
    assert all(later - first >= 24 * HOUR for first, later in zip(sent, sent[5:], strict=False))


def test_a_change_that_was_asked_for_is_refused_while_one_mail_is_left(sam: Tradie) -> None:
    for _ in range(4):
        queue_messages([message(sam)], asked_for=True)
    with pytest.raises(NoRoom):
        queue_messages([message(sam)], asked_for=True)
    queue_messages([message(sam)])
    assert Message.objects.filter(done_at=None).count() == 5


def test_who_paid_is_told_with_what_is_left(sam: Tradie) -> None:
    for _ in range(4):
        queue_messages([message(sam)], asked_for=True)
    queue_messages([message(sam)], asked_for=True, paid_for=True)
    with pytest.raises(NoRoom):
        queue_messages([message(sam)], asked_for=True, paid_for=True)


def test_only_a_mail_that_can_not_be_sent_refuses_a_change(sam: Tradie) -> None:
    for number in range(4):
        text = message(sam, "+61412345678", channel=Channel.SMS)
        queue_messages([text, message(sam, f"customer{number}@example.com")], asked_for=True)
    assert Message.objects.filter(channel=Channel.SMS, done_at=None).count() == 2
    assert Message.objects.filter(channel=Channel.EMAIL, done_at=None).count() == 4


def test_a_tradie_who_was_told_enough_refuses_no_customer(tell: Tell, sam: Tradie) -> None:
    for _ in range(200):
        tell("sam@example.com", audience=Audience.TRADIE)
    queue_messages([message(sam), message(sam, "sam@example.com", audience=Audience.TRADIE)], asked_for=True)
    assert Message.objects.filter(recipient=JO, done_at=None).count() == 1


def test_a_refusal_takes_nothing_from_anybody(sam: Tradie) -> None:
    for _ in range(4):
        queue_messages([message(sam)], asked_for=True)
    for _ in range(10):
        with pytest.raises(NoRoom), transaction.atomic():
            queue_messages([message(sam), message(sam, "+61412345678", channel=Channel.SMS)], asked_for=True)
    assert [budgets.take([message(sam, "+61412345678", channel=Channel.SMS)]) for _ in range(3)] == [[]] * 3


def test_a_mail_that_is_no_row_takes_from_the_same_budget(tell: Tell) -> None:
    taken = [budgets.take_one(Channel.EMAIL, JO, now=NOW) for _ in range(6)]
    assert taken == [True] * 4 + [False] * 2
    assert [tell(), tell()] == [True, False]


def test_how_much_is_left_can_be_asked_along(tell: Tell) -> None:
    def left(now: datetime = NOW) -> int:
        asked = budgets.left(Channel.EMAIL, JO, now=now)
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {asked.sql}", asked.given)
            return int(cursor.fetchone()[0])

    assert left() == 5
    tell()
    assert (left(), left(NOW + 25 * HOUR)) == (4, 5)
    budgets.confirm(Channel.EMAIL, JO, now=NOW)
    assert left() == 29


@pytest.mark.parametrize(
    "written",
    ["JO@example.com", "jo+1@example.com", '"jo"@example.com', '"jo+x"@EXAMPLE.com', '"j\\o"@example.com'],
)
def test_every_way_to_write_a_mailbox_is_one(tell: Tell, written: str) -> None:
    assert all(tell() for _ in range(5))
    assert not tell(written)


def test_mailboxes_that_only_look_alike_are_two() -> None:
    alike = ["jo@example.com", "j.o@example.com", "jo@example.org", "jo@mail.example.com", "joo@example.com"]
    assert len({budgets.mailbox(address) for address in alike}) == len(alike)
    assert budgets.mailbox("J.o.e@googlemail.com") == budgets.mailbox("joe+x@gmail.com") == "joe@gmail.com"
    assert budgets.mailbox("jo@bücher.example") == budgets.mailbox("jo@xn--bcher-kva.example")


def test_who_confirmed_may_get_more(tell: Tell) -> None:
    budgets.confirm(Channel.EMAIL, JO, now=NOW)
    assert [tell() for _ in range(31)] == [True] * 30 + [False]
    assert [tell("+61412345678", channel=Channel.SMS) for _ in range(4)] == [True] * 3 + [False]


def test_confirming_forgets_no_message(tell: Tell) -> None:
    for _ in range(5):
        tell()
    budgets.confirm(Channel.EMAIL, JO, now=NOW)
    assert [tell() for _ in range(26)] == [True] * 25 + [False]


def test_a_flood_to_the_tradie_ends_too_and_takes_nothing_from_them_as_a_customer(tell: Tell) -> None:
    news = [tell("sam@example.com", audience=Audience.TRADIE) for _ in range(201)]
    assert news == [True] * 200 + [False]
    assert tell("sam@example.com")


def test_nobody_is_named_in_the_table(tell: Tell) -> None:
    tell()
    tell("+61412345678", channel=Channel.SMS)
    kept = str(list(Recipient.objects.values()))
    assert "jo" not in kept
    assert "412345678" not in kept


def test_limits_can_be_switched_off(tell: Tell, settings: Any) -> None:
    settings.RATE_LIMITS = False
    assert all(tell() for _ in range(10))
    assert not Recipient.objects.exists()


def test_who_got_nothing_for_a_day_is_forgotten_unless_they_confirmed(tell: Tell) -> None:
    tell("kim@example.com", NOW - 25 * HOUR)
    tell(JO, NOW - 23 * HOUR)
    budgets.confirm(Channel.SMS, "+61412345678", now=NOW - 99 * HOUR)
    assert budgets.forget(now=NOW) == 1
    assert Recipient.objects.count() == 2


@pytest.mark.django_db
def test_all_recipients_of_a_change_cost_one_statement(sam: Tradie, django_assert_num_queries: Any) -> None:
    rows = [message(sam), message(sam, "+61412345678", channel=Channel.SMS), message(sam, "s@example.com")]
    with django_assert_num_queries(1):
        assert budgets.take(rows) == []


@pytest.mark.django_db(transaction=True)
def test_of_fifty_at_once_five_get_through(sam: Tradie) -> None:
    def one(_: int) -> bool:
        try:
            with transaction.atomic():
                return not budgets.take([message(sam), message(sam, "+61412345678", channel=Channel.SMS)])
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        through = list(pool.map(one, range(50)))
    assert through.count(True) == 3
    counts = {r.key.split(":")[1]: len(r.sent) for r in Recipient.objects.all()}
    assert counts == {"email": 5, "sms": 3}


def test_news_of_money_is_never_left_out(sam: Tradie) -> None:
    """It counts, so that whoever gets a lot of it gets little else; a flood of it is spread over days."""
    for number in range(budgets.MOST_OF_MONEY + 3):
        queue_messages([message(sam, now=NOW + timedelta(seconds=number))], of_money=True)
    rows = Message.objects.order_by("due_at")
    assert rows.filter(done_at=None).count() == budgets.MOST_OF_MONEY + 3
    assert [row.due_at - NOW > timedelta(hours=23) for row in rows[budgets.MOST_OF_MONEY - 1 :]] == [
        False,
        True,
        True,
        True,
    ]
    queue_messages([message(sam)])
    assert rows.filter(skipped_because__startswith="Too many").count() == 1


def test_an_sms_about_money_only_says_again_what_is_in_the_mail(sam: Tradie) -> None:
    for _ in range(5):
        queue_messages([message(sam, "+61412345678", channel=Channel.SMS)], of_money=True)
    assert Message.objects.filter(done_at=None).count() == 3


def test_a_courtesy_leaves_one_for_news(tell: Tell, sam: Tradie) -> None:
    for _ in range(8):
        queue_messages([message(sam)], courtesy=True)
    assert Message.objects.filter(done_at=None).count() == 4
    assert tell()
