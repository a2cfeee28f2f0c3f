"""Australian law as far as it touches deposits: dated rows, each with its source. Information, never advice.

Only what a source supports is enforced: a cap `refuses` where the Act itself and its regulator say the same; elsewhere
it warns, and says what the sources disagree about. When the law changes, a row is added with the day from which it
holds; no row is changed. No lawyer has gone through them: that is for whoever runs PeepoPay, before relying on them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from math import inf

from .places import AustralianState

NOT_ADVICE = "General information, not advice. Ask your state regulator before you rely on it."


@dataclass(frozen=True)
class Source:
    title: str
    url: str


@dataclass(frozen=True)
class DepositCap:
    """The most that may be asked for before residential building work starts, in percent of the price: the first of
    `tiers` (price below which it holds, in cents; percent) whose price is not reached."""

    state: AustralianState
    since: date
    tiers: tuple[tuple[float, float], ...]
    refuses: bool
    rule: str
    source: Source

    def most_cents(self, price_cents: int) -> int:
        """Whole cents, rounded down."""
        percent = next(percent for below, percent in self.tiers if price_cents < below)
        return int(price_cents * round(percent * 10) // 1000)


@dataclass(frozen=True)
class Note:
    """What the service form tells, without computing anything."""

    since: date
    rule: str
    source: Source


_20K, _3300, _7500 = 2_000_000, 330_001, 750_000

DEPOSIT_CAPS = (
    DepositCap(
        AustralianState.NSW,
        date(2015, 1, 15),
        ((inf, 10),),
        True,
        "New South Wales: a deposit for residential building work is at most 10% of the price. Asking for more is an"
        " offence, and so is receiving it.",
        Source(
            "Home Building Act 1989 (NSW), section 8",
            "https://legislation.nsw.gov.au/view/whole/html/inforce/current/act-1989-147",
        ),
    ),
    DepositCap(
        AustralianState.VIC,
        date(1996, 5, 1),
        ((_20K, 10), (inf, 5)),
        True,
        "Victoria: a deposit for domestic building work is at most 10% of a price below $20,000, and 5% from $20,000.",
        Source(
            "Domestic Building Contracts Act 1995 (Vic), section 11; Consumer Affairs Victoria",
            "https://www.consumer.vic.gov.au/licensing-and-registration/builders-and-tradespeople/"
            "running-your-business/deposits-and-payments",
        ),
    ),
    DepositCap(
        AustralianState.QLD,
        date(2015, 7, 1),
        ((_3300, 20), (_20K, 10), (inf, 5)),
        False,
        "Queensland: the regulator names 20% up to $3,300, 10% below $20,000 and 5% from there, and 20% where more than"
        " half of the work is made off site. Its own guides differ on jobs up to $3,300: a limit in one, a"
        " recommendation in another.",
        Source(
            "Queensland Building and Construction Commission, Deposits and progress payments",
            "https://qbcc.qld.gov.au/your-property/build-renovate/contracts-payments/deposits-progress-payments",
        ),
    ),
    DepositCap(
        AustralianState.WA,
        date(1992, 3, 1),
        ((_7500, 100), (50_000_001, 6.5), (inf, 100)),
        False,
        "Western Australia: for home building work of $7,500 to $500,000 summaries of section 10 name 6.5% of the"
        " price; which jobs of a tradie it covers is not the same in all of them.",
        Source(
            "Home Building Contracts Act 1991 (WA), section 10",
            "https://www.legislation.wa.gov.au/legislation/statutes.nsf/law_a356.html",
        ),
    ),
)

# States for which we have no figure that sources agree on.
NO_FIGURE: dict[str, Note] = {
    AustralianState.SA: Note(
        date(1995, 6, 1),
        "South Australia: payments before the work are allowed only as far as the regulations authorise them. We have"
        " no figure that our sources agree on: ask Consumer and Business Services.",
        Source(
            "Building Work Contractors Act 1995 (SA), section 30",
            "http://www.austlii.edu.au/au/legis/sa/consol_act/bwca1995289/s30.html",
        ),
    ),
    AustralianState.TAS: Note(
        date(2016, 10, 7),
        "Tasmania has its own Act on residential building contracts. We have no figure that our sources agree on: ask"
        " Consumer, Building and Occupational Services.",
        Source(
            "Residential Building Work Contracts and Dispute Resolution Act 2016 (Tas)",
            "https://www.legislation.tas.gov.au/view/whole/html/inforce/current/act-2016-032",
        ),
    ),
    AustralianState.ACT: Note(
        date(2004, 1, 1),
        "Australian Capital Territory: by its builders’ association the Building Act sets no maximum deposit; the"  # noqa: RUF001
        " insurance covers $10,000 of it. Other summaries name a figure.",
        Source(
            "Master Builders ACT, Deposits and progress payments",
            "https://mba.org.au/deposits-and-progress-payments-under-mba-home-building-contract/",
        ),
    ),
    AustralianState.NT: Note(
        date(2012, 12, 14),
        "Northern Territory: deposits for prescribed building work are regulated. We have no figure that our sources"
        " agree on: ask Building Advisory Services.",
        Source(
            "Building Regulations (NT), regulation 41HE",
            "http://kirra.austlii.edu.au/au/legis/nt/num_reg/baaarbcr201242o2012758/notes.html",
        ),
    ),
}

GST_ON_DEPOSITS = Note(
    date(2000, 7, 1),
    "GST on a security deposit is due when you take it off the bill or keep it; on a part payment at once. A security"
    " deposit is of a reasonable size and is kept if the customer doesn’t keep to the agreement; a price paid in"  # noqa: RUF001
    " full is a part payment.",
    Source(
        "GST Act 1999, sections 99-5 and 99-10; ruling GSTR 2006/2",
        "https://www.ato.gov.au/law/view/document?docid=PAC/19990055/99-5",
    ),
)
NO_SURCHARGE = Note(
    date(2026, 10, 1),
    "Nothing may be added for paying by eftpos, Visa or Mastercard, online either, under any name. PeepoPay adds"
    " nothing for any card: its fee comes off your side.",
    Source(
        "Reserve Bank of Australia, Review of Merchant Card Payment Costs and Surcharging, conclusions of March 2026",
        "https://www.rba.gov.au/payments-and-infrastructure/review-of-retail-payments-regulation/",
    ),
)
UNFAIR_TERMS = Note(
    date(2023, 11, 9),
    "“Non-refundable whatever happens” can be an unfair term or a penalty. Keep what a late cancellation costs you,"
    " and say from when, in dollars and dates: that is what PeepoPay shows.",
    Source(
        "Australian Consumer Law, sections 23 to 28; ACCC, Unfair contract terms",
        "https://www.accc.gov.au/business/selling-products-and-services/contracts",
    ),
)


def cap_in(state: str, on: date) -> DepositCap | None:
    """The cap that holds there on that day, if we know one."""
    known = [cap for cap in DEPOSIT_CAPS if cap.state == state and cap.since <= on]
    return max(known, key=lambda cap: cap.since, default=None)


def told_in(state: str, on: date) -> list[DepositCap | Note]:
    """What the service form shows, for a business in this state."""
    about_caps = cap_in(state, on) or NO_FIGURE.get(state)
    notes = [GST_ON_DEPOSITS, UNFAIR_TERMS, NO_SURCHARGE]
    return [*([about_caps] if about_caps else []), *(note for note in notes if note.since <= on)]
