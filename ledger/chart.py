"""The chart of accounts: what there is, of what sort, and the code that each has in Xero unless a business says
otherwise."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import TextChoices


class Account(TextChoices):
    STRIPE = "stripe", "Stripe balance"
    BANK = "bank", "Cash and bank"
    DISPUTED = "disputed", "Disputed, with the bank"
    DEPOSITS = "deposits", "Customers’ money held"  # noqa: RUF001
    GST = "gst", "GST to pay"
    SALES = "sales", "Sales"
    KEPT = "kept", "Deposits and fees kept"
    REFUNDS = "refunds", "Refunds after the job"
    DISPUTES_LOST = "disputes_lost", "Disputes lost"
    STRIPE_FEES = "stripe_fees", "Stripe fees"
    PEEPOPAY_FEES = "peepopay_fees", "PeepoPay fees"
    OTHER = "other", "Other Stripe activity"


class Sort(TextChoices):
    ASSET = "asset", "What you have"
    LIABILITY = "liability", "What you owe"
    INCOME = "income", "What you earned"
    COST = "cost", "What it cost"


SORTS: dict[Account, Sort] = {
    Account.STRIPE: Sort.ASSET,
    Account.BANK: Sort.ASSET,
    Account.DISPUTED: Sort.ASSET,
    Account.DEPOSITS: Sort.LIABILITY,
    Account.GST: Sort.LIABILITY,
    Account.SALES: Sort.INCOME,
    Account.KEPT: Sort.INCOME,
    Account.REFUNDS: Sort.INCOME,
    Account.DISPUTES_LOST: Sort.COST,
    Account.STRIPE_FEES: Sort.COST,
    Account.PEEPOPAY_FEES: Sort.COST,
    Account.OTHER: Sort.ASSET,
}
# What a job brought in, net of GST, is the sum of these.
REVENUE = (Account.SALES, Account.KEPT, Account.REFUNDS, Account.DISPUTES_LOST)


@dataclass(frozen=True)
class XeroCode:
    """`code` is Xero's own in its Australian chart where that has such an account, and free there otherwise."""

    code: str
    note: str


# The accounts that lines of the sales file go to. GST has none: Xero works it out from the tax type of a line.
XERO_CODES: dict[Account, XeroCode] = {
    Account.DEPOSITS: XeroCode("803", "a current liability: add it to your chart as “Customer deposits”"),
    Account.SALES: XeroCode("200", "Sales"),
    Account.KEPT: XeroCode("260", "Other revenue"),
    Account.REFUNDS: XeroCode("200", "Sales, as a deduction"),
    Account.DISPUTES_LOST: XeroCode("200", "Sales, as a deduction"),
}
