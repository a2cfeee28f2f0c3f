"""What `make run` prints when everything is up."""

from local.demo_login import ADMIN_KEY, PASSWORD
from local.paths import CHECKOUT
from local.stack import Stack

DEMO_CARD = "4242 4242 4242 4242"


def welcome(stack: Stack, *, seconds: float) -> str:
    rows = [f"  {what:<26}{where:<44}{hint}".rstrip() for what, where, hint in places(stack)]
    return "\n".join(
        [
            "",
            f"PeepoPay is up after {seconds:.0f} s.",
            "",
            *rows,
            "",
            *hints(stack),
            "Ctrl-C stops all of it and keeps the data; `make clean` throws it away.",
            "",
        ]
    )


def places(stack: Stack) -> list[tuple[str, str, str]]:
    """What there is, its address, and what one needs there."""
    site = stack.site_url
    return [
        ("A tradie's own website", f"{stack.website_url}/", "with the widget in it"),
        ("The hosted booking page", f"{site}/book/joe-plumber", ""),
        ("The tradie's dashboard", f"{site}/dashboard/", sign_in("joe@example.com")),
        ("The same, from the office", f"{site}/dashboard/", sign_in("kim@example.com")),
        ("The same, on the job", f"{site}/dashboard/", sign_in("lee@example.com")),
        ("The operator's admin", f"{site}/admin/", sign_in("admin@example.com")),
        ("API documentation", f"{site}/api/docs", ""),
        *sent_messages(stack),
        *demo_stripe(stack),
        ("Logs", f"{stack.logs.relative_to(CHECKOUT)}/", ""),
    ]


def sign_in(email: str) -> str:
    return f"{email} / {PASSWORD}"


def sent_messages(stack: Stack) -> list[tuple[str, str, str]]:
    if not stack.env.get("SENT_MESSAGES_DIR"):
        return []
    return [("Mails and SMS sent", f"{stack.site_url}/sent", "nothing leaves this machine")]


def demo_stripe(stack: Stack) -> list[tuple[str, str, str]]:
    if "stripe" not in stack.processes:
        return []
    return [("Demo Stripe", f"{stack.stripe_url}/", "no money moves")]


def hints(stack: Stack) -> list[str]:
    return [*pay_hint(stack), second_step_hint(stack)]


def pay_hint(stack: Stack) -> list[str]:
    if "stripe" not in stack.processes:
        return []
    return [f"Pay with the test card {DEMO_CARD}, any date to come, any CVC."]


def second_step_hint(stack: Stack) -> str:
    """The admin takes nobody's password alone."""
    where = f"{stack.site_url}/sent shows it, or " if stack.env.get("SENT_MESSAGES_DIR") else ""
    return f"The admin asks for a code as well: {where}an authenticator app with the key {ADMIN_KEY}."
