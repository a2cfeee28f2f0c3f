"""What a zone adds to the terms: to the cent, once, and to nothing else."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from accounts.call_out_zones import CallOutZone
from bookings.call_outs import in_zone
from bookings.policy import CancellationPolicy
from bookings.terms import Terms

zones = st.builds(
    CallOutZone,
    name=st.sampled_from(["Inner West", "North", "Elsewhere"]),
    fee_cents=st.integers(0, 100_000),
    extra_minutes=st.integers(0, 120),
)


@st.composite
def terms(draw: st.DrawFn) -> Terms:
    price_cents = draw(st.integers(0, 100_000_000))
    return Terms(
        service_name="Blocked drain",
        duration_minutes=60,
        buffer_before_minutes=draw(st.integers(0, 120)),
        buffer_after_minutes=draw(st.integers(0, 120)),
        price_cents=price_cents,
        price_from=draw(st.booleans()),
        deposit_cents=draw(st.integers(0, price_cents)),
        requires_approval=False,
        deposit_is="security",
        policy=CancellationPolicy(24, 0, 2, 0),
    )


@given(terms(), zones)
def test_the_fee_is_added_to_the_price_and_the_minutes_to_both_buffers(
    agreed: Terms, zone: CallOutZone
) -> None:
    there = in_zone(agreed, zone)
    assert there.price_cents == agreed.price_cents + there.call_out_fee_cents
    assert there.job == agreed.job.with_more(zone.extra_minutes)
    assert there.deposit_cents == agreed.deposit_cents
    assert there == replace(
        agreed,
        price_cents=there.price_cents,
        buffer_before_minutes=there.buffer_before_minutes,
        buffer_after_minutes=there.buffer_after_minutes,
        call_out_zone=zone.name,
        call_out_fee_cents=zone.fee_cents,
        call_out_minutes=zone.extra_minutes,
    )


@given(terms(), zones, zones)
def test_from_one_zone_to_another_is_as_if_it_had_been_there_at_first(
    agreed: Terms, one: CallOutZone, other: CallOutZone
) -> None:
    assert in_zone(in_zone(agreed, one), other) == in_zone(agreed, other)
