"""The protocol machine, on a demo Stripe of its own."""

from __future__ import annotations

import math
from typing import Any, cast

import pytest

from payments import stripe_gateway
from payments.models import Payment

from .interleaving import Conductor
from .protocol import Protocol
from .refunding import pay_for_one
from .staging import Stage


@pytest.fixture
def no_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """What happens must not depend on how fast this machine is, or no failure could be played again."""
    monkeypatch.setattr(stripe_gateway, "TIME_LIMIT_SECONDS", 60)
    monkeypatch.setattr(stripe_gateway, "QUICK_FAILURE_SECONDS", math.inf)


@pytest.fixture
def conductor(stripe_app: Any, no_clock: None, monkeypatch: pytest.MonkeyPatch) -> Conductor:
    return Conductor(monkeypatch, stripe_app)


@pytest.fixture
def protocol(stripe_app: Any, sent: Any, conductor: Conductor) -> type[Protocol]:
    """The machine as Hypothesis plays it, or as a test does that calls its rules one by one."""
    return cast(type[Protocol], type("Played", (Protocol,), {"world": stripe_app, "conductor": conductor}))


@pytest.fixture
def stage(protocol: type[Protocol]) -> Stage:
    """The machine's rules, to be played one by one."""
    return Stage(protocol())


@pytest.fixture
def paid(api: Any, sam: Any, drain: Any, stripe_app: Any) -> Payment:
    """Jo's confirmed booking at Sam's, paid with a good card: the payment of its $30 deposit."""
    return pay_for_one(api, drain, stripe_app)
