"""Whether the booking page works on the websites it stands on."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Service, Tradie, WidgetCount
from accounts.site_check import Finding, look_at
from accounts.widget_models import Seen
from accounts.widget_reports import Site, count
from bookings.models import Status
from local.testing import receiver as kinds
from local.testing.cast import make_booking, owner_of
from local.testing.receiver import Receiver
from local.testing.stripe_world import StripeWorld
from payments.models import ConnectedAccount
from web.dashboard.embed_findings import waited
from web.dashboard.embed_forms import MOST_LOOKS

PAGE = "/dashboard/widget/check"
HERE = "https://www.sams.com.au"


@pytest.fixture
def dashboard(client: Client, sam: Tradie) -> Client:
    client.force_login(owner_of(sam))
    return client


def text_of(dashboard: Client) -> str:
    page = dashboard.get(PAGE)
    assert page.status_code == 200
    return " ".join(unescape(page.content.decode()).split())


def tell(tradie: Tradie, *words: str, times: int = 1, site: str = HERE, **ago: int) -> None:
    for _ in range(times):
        count(tradie, site, sorted(words), now=timezone.now() - timedelta(**ago))


def test_who_has_none_yet_reads_what_to_do(dashboard: Client) -> None:
    assert "Paste it into your website" in text_of(dashboard)
    assert PAGE in dashboard.get("/dashboard/widget").content.decode()


def test_a_website_with_when_it_was_seen_how_fast_it_was_and_what_stood_in_its_way(
    dashboard: Client, sam: Tradie, alex: Tradie
) -> None:
    tell(sam, "opened", "load_1000", times=8)
    tell(sam, "opened", "load_5000", "no_forms", times=2)
    tell(sam, "late")
    tell(sam, "opened", days=40)
    tell(alex, "opened", site="https://alex.com.au")
    text = text_of(dashboard)
    assert "www.sams.com.au" in text
    assert "Opened 10 times in 30 days" in text
    assert (
        "Half of your visitors could choose within 1 second, nine in ten within 5 seconds. That is slow"
        in text
    )
    assert "2 visitors couldn't send the form, since the frame is locked (sandbox)." in text
    assert "Take the attribute “sandbox” off it" in text
    assert "1 visitor followed the link" in text
    assert "frame-src" in text
    assert "alex.com.au" not in text
    assert "Nothing stood in its way" not in text
    Tradie.objects.update(allowed_sites=["https://sams.com.au"])
    assert "this isn't one of them" in text_of(dashboard)


def test_a_website_without_trouble_says_so(dashboard: Client, sam: Tradie) -> None:
    tell(sam, "opened", "load_500")
    assert "Nothing stood in its way." in text_of(dashboard)


def test_from_opened_to_booked(dashboard: Client, sam: Tradie, drain: Service) -> None:
    tell(sam, "opened", times=10)
    tell(sam, "time", times=5, site="")
    tell(sam, "details", times=4)
    make_booking(drain)
    make_booking(drain, status=Status.PENDING)
    make_booking(drain, taken_by_business=True)
    make_booking(drain, created_at=timezone.now() - timedelta(days=31))
    page = dashboard.get(PAGE)
    stages = [(stage.number, stage.share) for stage in page.context["funnel"]]
    assert stages == [(10, 100), (5, 50), (4, 40), (2, 20), (1, 10)]
    WidgetCount.objects.filter(what=Seen.OPENED).update(
        count=1
    )  # most who booked had asked not to be counted
    stages = [(stage.number, stage.share) for stage in dashboard.get(PAGE).context["funnel"]]
    assert stages == [(1, 100), (5, None), (4, None), (2, None), (1, 100)]


def test_holds_that_lapsed_can_be_called_unless_they_booked_since(
    dashboard: Client, sam: Tradie, drain: Service
) -> None:
    lapsed: dict[str, Any] = {"status": Status.EXPIRED, "confirmed_at": None}
    make_booking(drain, customer_name="Pat Gone", customer_email="pat@example.com", **lapsed)
    make_booking(drain, customer_name="Kit Back", customer_email="kit@example.com", **lapsed)
    make_booking(drain, customer_name="Kit Back", customer_email="KIT@example.com")
    make_booking(drain, customer_name="Old One", created_at=timezone.now() - timedelta(days=31), **lapsed)
    text = text_of(dashboard)
    assert "Pat Gone" in text
    assert "Kit Back" not in text
    assert "Old One" not in text


def test_it_asks_as_often_for_one_website_as_for_many(
    dashboard: Client, sam: Tradie, drain: Service, django_assert_num_queries: Any
) -> None:
    tell(sam, "opened")
    with django_assert_num_queries(6):
        dashboard.get(PAGE)
    for number in range(3):
        tell(sam, "opened", site=f"https://site{number}.com.au")
        make_booking(drain, customer_email=f"{number}@example.com", status=Status.EXPIRED, confirmed_at=None)
    with django_assert_num_queries(6):
        dashboard.get(PAGE)


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ({}, ""),
        (
            {"load_500": 1},
            "Half of your visitors could choose within half a second, nine in ten within half a second.",
        ),
        ({"load_2000": 9, "load_15000": 1}, "within 2 seconds, nine in ten within 2 seconds."),
        ({"load_2000": 8, "load_15000": 2}, "within 2 seconds, the slowest tenth longer than 8 seconds."),
        ({"load_15000": 2}, "Most of your visitors waited longer than 8 seconds until they could choose."),
    ],
)
def test_how_long_it_took(counts: dict[str, int], said: str) -> None:
    assert waited(Site("", timezone.now(), Counter(counts))).endswith(said)


def test_each_trouble_is_kept_apart_by_day(sam: Tradie) -> None:
    tell(sam, Seen.OPENED, times=2)
    tell(sam, Seen.OPENED, days=3)
    assert list(WidgetCount.objects.order_by("day").values_list("count", flat=True)) == [1, 2]


def press(dashboard: Client, button: str, **typed: Any) -> tuple[int, str]:
    page = dashboard.post(PAGE, {button: "", **typed})
    return page.status_code, " ".join(unescape(page.content.decode()).split())


def test_a_page_of_the_website_is_looked_at(
    dashboard: Client, receiver: Receiver, sam: Tradie, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    receiver.answer = kinds.page(f'<iframe src="{settings.WIDGET_URL}/book/{sam.slug}?embed=1"></iframe>')
    # No name of the internet leads to this machine.
    asked: list[str] = []

    def here(tradie: Tradie, url: str) -> list[Finding]:
        asked.append(url)
        return look_at(tradie, receiver.url)

    monkeypatch.setattr("web.dashboard.embed_forms.look_at", here)
    status, text = press(dashboard, "look", page="www.Sams.com.au/contact")
    assert (status, asked) == (200, ["https://www.sams.com.au/contact"])
    assert "Your booking page is in it." in text
    assert 'The frame lacks allow="payment *"' in text
    receiver.answer = 500
    status, text = press(dashboard, "look", page="sams.com.au")
    assert (status, "We couldn't open that page. It answered 500." in text) == (400, True)


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("", "aria-invalid"),
        ("http://sams.com.au", "begins with https"),
        ("localhost:8000", "your network only"),
        ("https://169.254.169.254/latest", "isn't on the internet"),
    ],
)
def test_no_other_address_is_looked_at(dashboard: Client, typed: str, why: str) -> None:
    status, text = press(dashboard, "look", page=typed)
    assert (status, why in text, typed in text) == (400, True, True)


def test_looking_has_an_end(dashboard: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("web.dashboard.embed_forms.look_at", lambda *_: [])
    answers = [press(dashboard, "look", page="sams.com.au")[0] for _ in range(MOST_LOOKS + 1)]
    assert answers == [200] * MOST_LOOKS + [400]


@pytest.mark.django_db(transaction=True)
def test_stripe_is_told_of_the_websites(
    dashboard: Client, sam: Tradie, stripe_app: StripeWorld, settings: Any
) -> None:
    settings.WIDGET_URL = "http://book"
    tell(sam, "opened")
    tell(sam, "opened", site="null")
    Tradie.objects.filter(pk=sam.pk).update(
        allowed_sites=["https://www.sams.com.au", "https://sams.com.au:8443"]
    )
    tell(sam, "opened", site="https://not-sams.com.au")
    hosts = ["book", "www.sams.com.au", "sams.com.au"]
    form = dashboard.get(PAGE).context["wallets"]
    choices = [host for host, _ in form.fields["hosts"].choices]
    assert (form.initial["hosts"], choices) == (hosts, [*hosts, "not-sams.com.au"])
    for _ in range(2):
        status, text = press(dashboard, "wallets", hosts=hosts)
        assert status == 200
        assert text.count("Apple Pay and Google Pay are offered at") == 2
        assert "Google Pay are offered at sams.com.au." in text
        assert "At book neither is offered yet." in text
    stripe_app.fault("GET /v1/payment_method_domains", status=503, page=True, times=0)
    assert "Stripe gives no answer right now" in press(dashboard, "wallets", hosts=hosts)[1]
    stripe_app.clear_faults()
    for wrong in ({}, {"hosts": ["evil.com.au"]}):
        assert press(dashboard, "wallets", **wrong)[0] == 400


def test_before_stripe_there_is_nothing_to_tell(dashboard: Client) -> None:
    ConnectedAccount.objects.all().delete()
    assert "As soon as you take cards" in press(dashboard, "wallets", hosts=["testserver"])[1]
