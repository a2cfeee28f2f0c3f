"""Procedures that run side by side and stop at every call to Stripe, so that a test decides what happens in between.

    conductor = Conductor(monkeypatch)
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

PATIENCE_SECONDS = 20


class Fate(Enum):
    """What becomes of one call to Stripe: (is it carried out, does our process live on, does it get the answer).

    ON_ITS_WAY: carried out, and the procedure stands once more until the answer's own fate is decided.
    """

    ANSWERED = (True, True, True)
    ON_ITS_WAY = (True, True, None)
    ANSWER_LOST = (True, True, False)
    UNREACHABLE = (False, True, False)
    DIES_AFTER = (True, False, False)
    DIES_BEFORE = (False, False, False)

    @property
    def reaches_stripe(self) -> bool:
        return self.value[0]

    @property
    def lives(self) -> bool:
        return self.value[1]


class Died(BaseException):
    """Stands for kill -9: no handler of the product catches it."""


class Procedure:
    """One run of a procedure in a thread of its own: at a call, or over with a `result` or a `problem`."""

    def __init__(self, work: Callable[[], Any]) -> None:
        self.result: Any = None
        self.problem: BaseException | None = None
        self.is_over = False
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

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.standing: list[Procedure] = []
        send = HTTPAdapter.send

        def send_or_not(adapter: HTTPAdapter, request: Any, *args: Any, **options: Any) -> Any:
            procedure: Procedure | None = getattr(_local, "procedure", None)
            fate = procedure.at_call() if procedure else Fate.ANSWERED
            response = send(adapter, request, *args, **options) if fate.reaches_stripe else None
            while procedure and fate is Fate.ON_ITS_WAY:
                fate = procedure.at_call()
            if fate is Fate.ANSWERED:
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
        self.standing.remove(procedure)
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
