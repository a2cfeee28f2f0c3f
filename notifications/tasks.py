"""The doors for messages and for webhooks."""

from __future__ import annotations

from datetime import datetime

from peepopay import outbox

from . import account_mails, kinds, opt_outs
from .delivery import deliver, skip
from .models import AccountMail, Message, WebhookDelivery
from .webhooks import delivery as webhooks


@outbox.handles(Message)
def deliver_message(message: Message, now: datetime) -> outbox.Changes | None:
    """Send one message, unless what it would say no longer applies; or put it off until people are up."""
    kind = kinds.find(message.kind)
    try:
        opt_outs.require_wanted(message, is_reminder=kind.is_reminder)
        context = kind.context_for(message, now=now)
    except kinds.NoLongerApplies as problem:
        return skip(problem)
    except kinds.NotYet as night:
        outbox.look_again(message, due_at=night.until)
        return None
    return deliver(message, context, now=now)


@outbox.handles(AccountMail)
def deliver_account_mail(mail: AccountMail, now: datetime) -> outbox.Changes:
    """Send one mail of signing in, unless it is out of date."""
    return account_mails.deliver(mail, now=now)


@outbox.handles(WebhookDelivery)
def deliver_webhook(delivery: WebhookDelivery, now: datetime) -> outbox.Changes | None:
    """Send one event to one endpoint."""
    return webhooks.deliver(delivery, now=now)
