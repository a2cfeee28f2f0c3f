"""Procedures that run side by side and stop at every call to Stripe, so that a test decides what happens in between.

    conductor = Conductor(monkeypatch, stripe_world)
    opening = conductor.start(lambda: open_deposit(booking, now=now))    # runs up to its first call
    conductor.answer(opening, Fate.DIES_AFTER)                           # Stripe did it, our process never knew

Only one of them runs at any moment, so a run can be repeated exactly.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from enum import Enum
from typing import Any

import pytest
import requests
from django.db import connection
from requests.adapters import HTTPAdapter

from local.testing.stripe_control import StripeControl

PATIENCE_SECONDS = 20


class Fate(Enum):
    """What becomes of one call to Stripe: a fault of the demo's (see its faults.py), or what happens on our side.

    ON_ITS_WAY: carried out, and the procedure stands once more until the answer's own fate is decided.
    """

    ANSWERED = "answered"
    ON_ITS_WAY = "on its way"
    ANSWER_LOST = "lost"
    UNREACHABLE = "unreachable"
    DIES_AFTER = "we die, Stripe has it"
    DIES_BEFORE = "we die before Stripe has it"
    SAYS_500 = {"status": 500}
    SAYS_500_AFTER = {"status": 500, "after": True}
    SAYS_401 = {"status": 401}
    SAYS_409 = {"status": 409}
    SAYS_429 = {"status": 429}
    A_PAGE = {"page": True}
    A_PAGE_AFTER = {"page": True, "after": True}
    A_PAGE_502_AFTER = {"page": True, "status": 502, "after": True}

    @property
    def fault(self) -> dict[str, Any]:
        return self.value if isinstance(self.value, dict) else {}

    @property
    def reaches_stripe(self) -> bool:
        return self not in (Fate.UNREACHABLE, Fate.DIES_BEFORE)

    @property
    def is_answered(self) -> bool:
        return self is Fate.ANSWERED or bool(self.fault)

    @property
    def lives(self) -> bool:
        return self not in (Fate.DIES_AFTER, Fate.DIES_BEFORE)


class Died(BaseException):
    """Stands for kill -9: no handler of the product catches it."""


class Procedure:
    """One run of a procedure in a thread of its own: at a call, or over with a `result` or a `problem`."""

    def __init__(self, work: Callable[[], Any]) -> None:
        self.result: Any = None
        self.problem: BaseException | None = None
        self.is_over = False
        self.is_carried_out = False  # the call at which it stands; only the answer is yet to come
        self._work = work
        self._fate: Fate | None = None
        self._at_call = threading.Event()  # or over
        self._go_on = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        self._wait()

    def answer(self, fate: Fate) -> None:
        """Let the call go on to its fate; returns when the procedure is at its next call, or over."""
        self._fate = fate
        self._at_call.clear()
        self._go_on.set()
        self._wait()

    def at_call(self) -> Fate:
        """In the procedure's thread: here it stands until someone decides."""
        self._at_call.set()
        if not self._go_on.wait(PATIENCE_SECONDS):
            return Fate.DIES_BEFORE
        self._go_on.clear()
        assert self._fate is not None
        return self._fate

    def _run(self) -> None:
        _local.procedure = self
        try:
            self.result = self._work()
        except BaseException as problem:
            self.problem = problem
        finally:
            connection.close()
            self.is_over = True
            self._at_call.set()

    def _wait(self) -> None:
        assert self._at_call.wait(PATIENCE_SECONDS), "a procedure hangs; does one wait for another's lock?"
        if self.is_over:
            self._thread.join(PATIENCE_SECONDS)


_local = threading.local()


class Conductor:
    """Starts procedures and keeps those that stand at a call. The browser's own calls to Stripe pass."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, world: StripeControl) -> None:
        self.standing: list[Procedure] = []
        self.world = world
        send = HTTPAdapter.send

        def send_or_not(adapter: HTTPAdapter, request: Any, *args: Any, **options: Any) -> Any:
            procedure: Procedure | None = getattr(_local, "procedure", None)
            fate = procedure.at_call() if procedure else Fate.ANSWERED
            response = send(adapter, request, *args, **options) if fate.reaches_stripe else None
            while procedure and fate is Fate.ON_ITS_WAY:
                procedure.is_carried_out = True
                fate = procedure.at_call()
                procedure.is_carried_out = fate is Fate.ON_ITS_WAY
            if fate.is_answered:
                return response
            if response is not None:
                _ = response.content  # or its connection could not be used again
            if fate.lives:
                raise requests.ConnectionError("the connection was cut")
            raise Died

        monkeypatch.setattr(HTTPAdapter, "send", send_or_not)

    def start(self, work: Callable[[], Any]) -> Procedure:
        procedure = Procedure(work)
        self._note(procedure)
        return procedure

    def answer(self, procedure: Procedure, fate: Fate = Fate.ANSWERED) -> None:
        """Where only the answer is yet to come, a fault comes too late to spoil it."""
        self.standing.remove(procedure)
        if fate.fault and not procedure.is_carried_out:
            self.world.fault("", **fate.fault)
        procedure.answer(fate)
        self._note(procedure)

    def finish(self, procedure: Procedure) -> Procedure:
        """Every call answered, to the end."""
        while not procedure.is_over:
            self.answer(procedure)
        return procedure

    def finish_all(self) -> None:
        while self.standing:
            self.finish(self.standing[0])

    def _note(self, procedure: Procedure) -> None:
        if not procedure.is_over:
            self.standing.append(procedure)
