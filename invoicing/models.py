"""The tables of this app, gathered where Django looks for them."""

from .deposit_models import DepositReceipt as DepositReceipt
from .export_models import Export as Export
from .export_models import ExportPart as ExportPart
from .import_models import BroughtFile as BroughtFile
from .invoice_models import CreditedRefund as CreditedRefund
from .invoice_models import DocumentCounter as DocumentCounter
from .invoice_models import Invoice as Invoice
from .invoice_models import InvoiceLine as InvoiceLine
from .invoice_models import InvoicePdf as InvoicePdf
from .invoice_models import PayTo as PayTo
from .invoice_models import Receipt as Receipt
from .quote_models import FormerQuoteToken as FormerQuoteToken
from .quote_models import Quote as Quote
from .quote_models import QuoteLine as QuoteLine
from .quote_models import QuoteVersion as QuoteVersion
