"""The booking widget as a customer uses it: by what is written on it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date

from playwright.sync_api import FrameLocator, Locator, Page, expect

GOOD_CARD = "4242424242424242"
DECLINED_CARD = "4000000000000002"
SECURE_CARD = "4000002760003184"


@dataclass
class Customer:
    """What somebody types into the form."""

    email: str
    name: str = "Jo Citizen"
    phone: str = "0412 345 678"
    line1: str = "1 George Street"
    suburb: str = "Newtown"
    postcode: str = "2042"
    notes: str = "The dog is friendly."
    answers: dict[str, str] = field(default_factory=dict)
    chosen: dict[str, str] = field(default_factory=dict)  # of questions with answers to choose from

    def by_label(self) -> dict[str, str]:
        return {
            "Your name": self.name,
            "Email": self.email,
            "Mobile": self.phone,
            "Street address": self.line1,
            "Suburb": self.suburb,
            "Postcode": self.postcode,
            **self.answers,
            "Anything we should know? (optional)": self.notes,
        }


def day_in_words(day: date) -> str:
    """`Tuesday 14 January`."""
    return f"{day:%A} {day.day} {day:%B}"


class BookingWidget:
    """In a frame of `page`, or the page itself."""

    def __init__(self, page: Page, inside: FrameLocator | Page) -> None:
        self.page, self.inside = page, inside

    # ---- what is on screen

    def heading(self, text: str | re.Pattern[str]) -> Locator:
        return self.inside.get_by_role("heading", name=text, level=2)

    def expect_step(self, text: str | re.Pattern[str]) -> None:
        expect(self.heading(text)).to_be_visible()

    @property
    def problem(self) -> Locator:
        return self.inside.get_by_role("alert")

    @property
    def summary(self) -> Locator:
        return self.inside.get_by_role("complementary", name="Your booking")

    @property
    def pay_button(self) -> Locator:
        return self.inside.get_by_role("button", name=re.compile(r"^Pay \$"))

    def policy(self) -> list[str]:
        """What it says that cancelling costs, a sentence each; waits until it does."""
        sentences = self.inside.get_by_role("list", name="If your plans change").get_by_role("listitem")
        expect(sentences.first).to_be_visible()
        return sentences.all_inner_texts()

    @property
    def nearest_times(self) -> Locator:
        return self.inside.get_by_role("list", name="Nearest free times").get_by_role("button")

    @property
    def reference(self) -> str:
        return self.inside.get_by_text(re.compile(r"^PP-")).inner_text()

    # ---- the steps

    def choose_service(self, name: str) -> None:
        self.inside.get_by_role("button", name=name).click()
        self.expect_step("When suits you?")

    def choose_day(self, day: date) -> None:
        cell = self.inside.get_by_role("button", name=re.compile(rf"\b{day_in_words(day)}, \d+ times? free"))
        month = self.inside.get_by_role("heading", name=re.compile(r"^[A-Z][a-z]+ \d{4}$"), level=3)
        expect(month).to_be_visible()
        while not month.filter(has_text=f"{day:%B %Y}").count():
            shown = month.inner_text()
            self.inside.get_by_role("button", name="Next month").click()
            expect(month).not_to_have_text(shown)
        cell.click()

    def choose_time(self, clock: str, day: date) -> None:
        self.choose_day(day)
        self.inside.get_by_role("button", name=f"{clock}, {day_in_words(day)}").click()
        self.expect_step("Your details")

    def fill_in(self, customer: Customer) -> None:
        for label, value in customer.by_label().items():
            self.inside.get_by_label(label, exact=True).fill(value)
        for label, choice in customer.chosen.items():
            self.inside.get_by_label(label, exact=True).select_option(choice)

    def send(self) -> None:
        """Press the button under the form."""
        name = re.compile("Continue to pay|Book this time|Send my request")
        self.inside.get_by_role("button", name=name).click()

    def hold(self, service: str, day: date, clock: str, customer: Customer) -> None:
        """All the way to the pay step."""
        self.choose_service(service)
        self.choose_time(clock, day)
        self.fill_in(customer)
        self.send()
        self.expect_step("Pay to confirm")

    # ---- the card

    @property
    def card(self) -> FrameLocator:
        return self.inside.frame_locator("iframe[title^='Secure card payment']")

    def type_card(self, number: str = GOOD_CARD) -> None:
        self.card.get_by_label("Card number").fill(number)
        self.card.get_by_label("Expiry (MM/YY)").fill("12/40")
        self.card.get_by_label("CVC").fill("123")

    def pay(self, number: str = GOOD_CARD) -> None:
        self.type_card(number)
        # By key: a card form that is still growing would move the button away from under a mouse.
        expect(self.pay_button).to_be_enabled()
        self.pay_button.press("Enter")

    def answer_bank(self, button: str) -> None:
        """`Complete` or `Fail` on the 3-D Secure page."""
        challenge = self.inside.frame_locator("iframe[title^='3-D Secure']")
        challenge.get_by_role("button", name=button).click()

    def expect_booked(self) -> None:
        self.expect_step("You're booked in")
