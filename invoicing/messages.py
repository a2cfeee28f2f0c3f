"""The kinds of message of this app, where `notifications.kinds` looks for them."""

from . import account_messages as account_messages
from . import invoice_messages as invoice_messages
from . import quote_messages as quote_messages
