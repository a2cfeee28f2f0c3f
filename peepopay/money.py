"""Money: integer cents, Australian dollars, GST included."""

CURRENCY = "aud"
MOST_CENTS = 100_000_000  # of one price or bill: what is more was mistyped
MINIMUM_CHARGE_CENTS = (
    50  # Stripe's least for AUD: https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts
)


def percent_of(cents: int, percent: int) -> int:
    """`percent` of an amount in whole cents, half a cent rounded up.

    >>> percent_of(12_345, 50)
    6173
    """
    return (cents * percent + 50) // 100


def gst_within(cents: int) -> int:
    """The GST in an amount that includes it: one eleventh, half a cent rounded up.

    >>> gst_within(3_000)
    273
    """
    return (2 * cents + 11) // 22


def share_kept(cents: int, percent: int) -> int:
    """What is kept of an amount, rounded down: a part of a cent goes to whom the money came from.

    >>> share_kept(3_333, 50)
    1666
    """
    return cents * percent // 100


def basis_points_of(cents: int, basis_points: int) -> int:
    """`basis_points` (1/100 of a percent) of an amount in whole cents, rounded down.

    >>> basis_points_of(3_000, 250)
    75
    """
    return cents * basis_points // 10_000


def dollars(cents: int) -> str:
    """An amount as people write it.

    >>> dollars(3_000), dollars(8_250), dollars(123_456_00), dollars(-2_050)
    ('$30', '$82.50', '$123,456', '-$20.50')
    """
    sign = "-" if cents < 0 else ""
    whole, rest = divmod(abs(cents), 100)
    return f"{sign}${whole:,}.{rest:02}" if rest else f"{sign}${whole:,}"


def cents_as_written(cents: int) -> str:
    """An amount in a column of them, always with its cents.

    >>> cents_as_written(3_000), cents_as_written(-123_456_05)
    ('30.00', '-123,456.05')
    """
    sign, (whole, rest) = "-" if cents < 0 else "", divmod(abs(cents), 100)
    return f"{sign}{whole:,}.{rest:02}"


def dollars_and_cents(cents: int) -> str:
    """The same with its sign of dollars.

    >>> dollars_and_cents(3_000), dollars_and_cents(-5)
    ('$30.00', '-$0.05')
    """
    written = cents_as_written(abs(cents))
    return f"-${written}" if cents < 0 else f"${written}"
