"""The main path in Firefox: what only another browser can show is that nothing needs Chromium."""

from __future__ import annotations

from local import firefox
from local.fixtures import need
from local.stack import Stack

from .booking_widget import GOOD_CARD, Customer, day_in_words
from .free_days import FreeDays
from .post import Post


def test_a_customer_books_and_pays_in_firefox(stack: Stack, free_days: FreeDays, post: Post) -> None:
    need(firefox.why_missing())
    day, customer = free_days(), Customer("firefox@example.com")
    with firefox.launched() as browser:
        browser.open(f"{stack.website_url}/")
        frame = browser.run(
            """return customElements.whenDefined("peepopay-booking").then(() =>
            document.querySelector("peepopay-booking").shadowRoot.querySelector("iframe"))"""
        )
        browser.enter(frame[firefox.ELEMENT])
        browser.press("//button[contains(., 'Blocked drain')]")
        while (shown := browser.text("//h3[@id='month']")) != f"{day:%B %Y}":
            browser.press("//button[@aria-label='Next month']")
            browser.find(f"//h3[@id='month' and . != '{shown}']")
        browser.press(f"//td/button[@data-date='{day}']")
        browser.press(f"//button[@aria-label='9:00\xa0am, {day_in_words(day)}']")
        for label, value in customer.by_label().items():
            browser.type(f"//*[@id = //label[. = '{label}']/@for]", value)
        browser.press("//button[starts-with(., 'Continue to pay')]")
        browser.enter(browser.find("//iframe[starts-with(@title, 'Secure card payment')]"))
        for name, value in (("number", GOOD_CARD), ("expiry", "12/40"), ("cvc", "123")):
            browser.type(f"//input[@name='{name}']", value)
        browser.leave()
        browser.press("//button[starts-with(., 'Pay $')]")
        assert browser.text("//h2[starts-with(., 'You')]") == "You're booked in"
        assert browser.run(
            "return document.querySelector('#app').getBoundingClientRect().bottom <= innerHeight"
        )
    post.wait_for_mail(customer.email, about="Booked: Blocked drain")
