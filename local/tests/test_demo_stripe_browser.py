"""stripe.js in a real browser, as the widget uses it: in a frame of another origin, under a strict policy."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import stripe
from playwright.sync_api import Browser, FrameLocator, Page, expect

from local.fixtures import need
from local.testing.stripe_world import ROOT, StripeWorld

pytestmark = pytest.mark.slow
JOE = {"stripe_account": StripeWorld.account}
AXE = ROOT / "widget" / "node_modules" / "axe-core" / "axe.min.js"

HOST = '<!doctype html><html lang="en"><title>Host</title><iframe title="widget" width="600" height="720" src="{pay}">'
PAY = """<!doctype html><html lang="en"><title>Pay</title><body><main><h1>Pay</h1><div id="card"></div>
<button id="pay">Pay</button><button id="close">Close</button><p id="events"></p><p id="outcome"></p></main>
<script src="{stripe_js}"></script><script src="/pay.js"></script></body></html>"""
SCRIPT = """
const stripe = Stripe("pk_test_demo", { stripeAccount: "acct_demo_joe" });
const clientSecret = location.hash.slice(1);
const elements = stripe.elements({ clientSecret, appearance: { variables: { colorPrimary: "#aa0000" } } });
const element = elements.create("payment");
const show = (id, text) => (document.getElementById(id).textContent = text);
element.on("ready", () => show("events", "ready"));
element.on("change", (event) => show("events", event.complete ? "complete" : "incomplete"));
element.mount("#card");
document.getElementById("close").onclick = () => element.destroy();
document.getElementById("pay").onclick = async () => {
  show("outcome", "");
  const { error, paymentIntent } = await stripe.confirmPayment({ elements, redirect: "if_required" });
  const { paymentIntent: now } = await stripe.retrievePaymentIntent(clientSecret);
  show("outcome", JSON.stringify({ type: error?.type, code: error?.code, decline_code: error?.decline_code,
    status: paymentIntent?.status, now: now.status }));
};
"""


@pytest.fixture
def site(stripe_world: StripeWorld) -> Iterator[str]:
    """-> the address of a website with the two pages above; localhost and 127.0.0.1 are two origins to a browser."""
    demo = stripe_world.js_url.rsplit("/", 1)[0]
    policy = f"default-src 'none'; script-src 'self' {demo}; frame-src {demo}; connect-src {demo}; style-src 'self'"

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            kind = "text/javascript" if self.path == "/pay.js" else "text/html"
            text = SCRIPT
            if self.path == "/pay":
                text = PAY.format(stripe_js=stripe_world.js_url)
            elif self.path.startswith("/host?"):
                port, secret = self.server.server_address[1], self.path.split("?")[1]
                text = HOST.format(pay=f"http://127.0.0.1:{port}/pay#{secret}")
            self.send_response(200)
            self.send_header("Content-Type", f"{kind}; charset=utf-8")
            if self.path == "/pay":
                self.send_header("Content-Security-Policy", policy)
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *args: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://localhost:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def intent(stripe_client: stripe.StripeClient) -> stripe.PaymentIntent:
    return stripe_client.v1.payment_intents.create({"amount": 5000, "currency": "aud"}, JOE)


@pytest.fixture
def page(browser: Browser, site: str, intent: stripe.PaymentIntent) -> Iterator[Page]:
    """The host page with the payment page in its frame. A page that breaks its own policy fails the test."""
    context = browser.new_context()
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if "Policy" in message.text else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{site}/host?{intent.client_secret}")
    expect(pay_page(page).locator("#events")).to_have_text("ready", timeout=15_000)
    yield page
    context.close()
    assert complaints == []


def pay_page(page: Page) -> FrameLocator:
    return page.frame_locator("iframe[title=widget]")


def card(page: Page) -> FrameLocator:
    return pay_page(page).frame_locator("iframe[title^='Secure card']")


def fill(page: Page, number: str) -> None:
    card(page).get_by_label("Card number").fill(number)
    card(page).get_by_label("Expiry").fill("12 / 40")
    card(page).get_by_label("CVC").fill("123")


def press_pay(page: Page) -> None:
    pay_page(page).get_by_role("button", name="Pay").click()


def outcome(page: Page) -> dict[str, str]:
    shown = pay_page(page).locator("#outcome")
    expect(shown).not_to_be_empty(timeout=15_000)
    return json.loads(shown.inner_text())


def answer_challenge(page: Page, button: str) -> None:
    pay_page(page).frame_locator("iframe[title^='3-D Secure']").get_by_role("button", name=button).click()


def test_a_card_is_typed_with_the_keyboard_alone_and_pays(page):
    card(page).get_by_label("Card number").focus()
    for text, key in (("4242424242424242", "Tab"), ("1240", "Tab"), ("123", "Tab")):
        page.keyboard.type(text)
        page.keyboard.press(key)

    expect(card(page).get_by_label("Card number")).to_have_value("4242 4242 4242 4242")
    expect(card(page).get_by_label("Expiry")).to_have_value("12 / 40")
    expect(pay_page(page).locator("#events")).to_have_text("complete")
    press_pay(page)

    assert outcome(page) == {"status": "succeeded", "now": "succeeded"}


def test_a_declined_card_can_be_replaced_by_a_good_one(page):
    fill(page, "4000000000000002")
    press_pay(page)
    assert outcome(page) == {
        "type": "card_error", "code": "card_declined", "decline_code": "generic_decline",
        "now": "requires_payment_method",
    }  # fmt: skip

    fill(page, "4242424242424242")
    press_pay(page)

    assert outcome(page)["status"] == "succeeded"


def test_an_incomplete_card_is_named_and_nothing_is_sent(page, stripe_world):
    fill(page, "4242")
    press_pay(page)

    assert outcome(page)["code"] == "incomplete_number"
    expect(card(page).get_by_text("Your card number is incomplete.")).to_be_visible()
    expect(card(page).get_by_label("Card number")).to_have_attribute("aria-invalid", "true")
    assert stripe_world.requests("/confirm") == []


def test_the_challenge_can_fail_and_then_be_passed(page):
    fill(page, "4000002760003184")
    press_pay(page)
    answer_challenge(page, "Fail")
    assert outcome(page)["code"] == "payment_intent_authentication_failure"

    press_pay(page)
    answer_challenge(page, "Complete")

    assert outcome(page) == {"status": "succeeded", "now": "succeeded"}


def test_the_card_never_reaches_the_page_around_it(page):
    fill(page, "4242424242424242")
    frame = next(frame for frame in page.frames if "/pay" in frame.url)

    assert "4242" not in frame.content().split("<main>")[1]
    assert frame.evaluate("document.querySelector('iframe').contentDocument") is None


def test_a_destroyed_element_is_gone(page):
    pay_page(page).get_by_role("button", name="Close").click()

    expect(pay_page(page).locator("#card iframe")).to_have_count(0)


def test_the_fields_and_the_challenge_have_no_accessibility_faults(page, stripe_world):
    need(None if AXE.exists() else "axe-core is not installed: run npm ci in widget/")
    fill(page, "4000002760003184")
    card(page).get_by_text("Test cards").click()
    press_pay(page)
    expect(
        pay_page(page).frame_locator("iframe[title^='3-D Secure']").get_by_role("button").first
    ).to_be_visible()

    for frame in page.frames:
        frame.evaluate(AXE.read_text())
        frame.evaluate("axe.configure({ allowedOrigins: ['<unsafe_all_origins>'] })")
    payment = next(frame for frame in page.frames if "/pay" in frame.url)
    faults = payment.evaluate("axe.run(document).then((result) => result.violations)")
    checked = payment.evaluate("axe.run(document).then((result) => JSON.stringify(result.passes))")

    assert [f"{fault['id']}: {fault['nodes'][0]['html']}" for fault in faults] == []
    assert 'id=\\"cvc\\"' in checked  # it did look into the frames
    assert "data-passed" in checked
