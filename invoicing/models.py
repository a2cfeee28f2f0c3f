"""The tables of this app, gathered where Django looks for them."""

from .quote_models import FormerQuoteToken as FormerQuoteToken
from .quote_models import Quote as Quote
from .quote_models import QuoteLine as QuoteLine
from .quote_models import QuoteVersion as QuoteVersion
