"""The customer's secret for one quote; see `peepopay/derived_tokens.py`."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse

from peepopay import derived_tokens
from peepopay.derived_tokens import LONGEST_TOKEN, hash_of

from .quote_models import FormerQuoteToken, Quote

PURPOSE = "invoicing.quote"


def new_token_hash(quote: Quote) -> str:
    """Of the link with the quote's `token_number`."""
    return hash_of(derived_tokens.new_token(PURPOSE, _about(quote)))


def token_of(quote: Quote) -> str:
    """The token whose hash the quote carries. Raises LookupError where no secret key gives it."""
    return derived_tokens.token_with(quote.token_hash, PURPOSE, _about(quote))


def link_of(quote: Quote) -> str:
    """The whole address of its page."""
    return settings.SITE_URL + reverse("quote", args=[token_of(quote)])


def _about(quote: Quote) -> str:
    return f"{quote.pk}:{quote.token_number}"


def find_by_token(token: str) -> Quote | None:
    """The quote this token opens, with its business and version; never a draft."""
    if not token or len(token) > LONGEST_TOKEN:
        return None
    rows = Quote.objects.select_related("tradie", "current__service").filter(current__isnull=False)
    return rows.filter(token_hash=hash_of(token)).first()


def was_replaced(token: str) -> bool:
    return len(token) <= LONGEST_TOKEN and FormerQuoteToken.objects.filter(token_hash=hash_of(token)).exists()
