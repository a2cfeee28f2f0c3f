"""Answered lists of times, ready to send, in Redis. It only saves work: PostgreSQL decides every booking.

One hash of answers per tradie, and beside it the version of their calendar. Whoever changes the calendar raises the
version and drops the answers in one script; an answer that was computed from an older calendar is refused by the
script that stores it. So a booking is visible in the very next answer, also when it meets a miss halfway.

An answer that is asked for again and again is lent to the process that asks (`slot_loans.py`), and whoever drops the
answers waits until the last loan has run out, 50 ms at most, before telling anybody that the calendar has changed.

Redis being away is a miss. A drop that could not be delivered is tried again until it is; meanwhile this process does
not read that tradie's answers.
"""

from __future__ import annotations

import threading
import time
from datetime import datetime
from hashlib import blake2b
from typing import NamedTuple

from . import slot_redis
from .slot_loans import LOAN_SECONDS, Loans

KEEP_ANSWERS_SECONDS = 300
KEEP_CALENDAR_SECONDS = 86_400
MOST_ANSWERS = 1_000  # of one tradie: questions can be made up without end
RETRY_DROPS_EVERY_SECONDS = 0.5

# Of each script. KEYS: the answers; the calendar's version and until when answers have been lent.
# Where Redis knows nothing of a calendar it may have been emptied a moment ago: then anything may have been lent.
PROLOGUE = f"""
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local kept = redis.call('HMGET', KEYS[2], 'version', 'lent_until')
local known, lent_until = tonumber(kept[1] or '0'), tonumber(kept[2] or now + {int(LOAN_SECONDS * 1000)})
local function begin_version(version)
  redis.call('DEL', KEYS[1])
  redis.call('HSET', KEYS[2], 'version', version, 'lent_until', lent_until)
  redis.call('EXPIRE', KEYS[2], {KEEP_CALENDAR_SECONDS})
end
"""
# ARGV: version, key, value, seconds to keep. A newer version wins.
STORE = (
    PROLOGUE
    + f"""
if known > tonumber(ARGV[1]) then return 0 end
if known < tonumber(ARGV[1]) or not kept[2] then begin_version(ARGV[1]) end
if redis.call('HLEN', KEYS[1]) >= {MOST_ANSWERS} then redis.call('DEL', KEYS[1]) end
redis.call('HSET', KEYS[1], ARGV[2], ARGV[3])
redis.call('EXPIRE', KEYS[1], ARGV[4])
return 1
"""
)
# ARGV: version. Drops may arrive out of order; only a higher version drops. Answers for how many ms more something
# may be on loan.
DROP = (
    PROLOGUE
    + """
if known < tonumber(ARGV[1]) then begin_version(ARGV[1]) end
return math.max(0, lent_until - now)
"""
)
# ARGV: key. Answers with the value, and notes that it is lent from now on.
LEND = (
    PROLOGUE
    + f"""
local answer = redis.call('HGET', KEYS[1], ARGV[1])
if answer then redis.call('HSET', KEYS[2], 'lent_until', now + {int(LOAN_SECONDS * 1000)}) end
return answer
"""
)


class Answer(NamedTuple):
    body: bytes
    etag: str

    @classmethod
    def of(cls, body: bytes) -> Answer:
        return cls(body, f'"{blake2b(body, digest_size=12).hexdigest()}"')


class Kept(NamedTuple):
    """An answer with the moment (seconds since 1970) from which it may not hold any more."""

    answer: Answer
    good_until: float

    def to_bytes(self) -> bytes:
        return b"%.3f %s\n%s" % (self.good_until, self.answer.etag.encode(), self.answer.body)

    @classmethod
    def from_bytes(cls, value: bytes) -> Kept:
        head, _, body = value.partition(b"\n")
        good_until, _, etag = head.partition(b" ")
        return cls(Answer(body, etag.decode()), float(good_until))


_loans: Loans[Kept] = Loans()


def read(slug: str, key: str) -> Answer | None:
    """The stored answer, if there is one that still holds at this moment."""
    if slug in _owed:
        return None
    kept = _loans.get((slug, key)) or _fetch(slug, key)
    return kept.answer if kept and time.time() < kept.good_until else None


def _fetch(slug: str, key: str) -> Kept | None:
    answers, calendar = _keys(slug)
    if not _loans.pays((slug, key)):
        value: bytes | None = slot_redis.ask("HGET", answers, key)
        return Kept.from_bytes(value) if value else None
    asked_at = time.monotonic()  # before Redis begins to count
    value = slot_redis.ask("EVAL", LEND, 2, answers, calendar, key)
    kept = Kept.from_bytes(value) if value else None
    if kept:
        _loans.keep((slug, key), kept, asked_at)
    return kept


def store(slug: str, key: str, version: int, answer: Answer, good_until: datetime) -> None:
    """Keep an answer computed from that version of the calendar until it stops being true by itself."""
    value = Kept(answer, good_until.timestamp()).to_bytes()
    slot_redis.run(STORE, _keys(slug), version, key, value, KEEP_ANSWERS_SECONDS)


def drop(slug: str, version: int) -> None:
    """Forget all answers of a tradie whose calendar now has that version. Call it after commit. When it returns, no
    process gives an older answer any more."""
    on_loan = _delivered(slug, version)
    if on_loan is None:
        _owe(slug, version)
        # What others borrowed before Redis went away.
        on_loan = LOAN_SECONDS - slot_redis.breaker.seconds_since_error()
    if on_loan > 0:
        time.sleep(on_loan)


def _keys(slug: str) -> tuple[str, str]:
    return f"slots:{slug}", f"slots:{slug}:calendar"


# Drops that Redis has not heard of yet: slug -> version, and when every answer of then has lapsed anyway.
_owed: dict[str, tuple[int, float]] = {}
_owing = threading.Lock()
_payer: threading.Thread | None = None


def _delivered(slug: str, version: int) -> float | None:
    """For how many seconds more an answer may be on loan; None if Redis could not be told."""
    milliseconds = slot_redis.run(DROP, _keys(slug), version)
    return None if milliseconds is None else milliseconds / 1000


def _owe(slug: str, version: int) -> None:
    global _payer
    with _owing:
        known, _ = _owed.get(slug, (0, 0.0))
        _owed[slug] = max(known, version), time.monotonic() + KEEP_ANSWERS_SECONDS
        if _payer is None:
            _payer = threading.Thread(target=_pay, name="slot-cache-drops", daemon=True)
            _payer.start()


def _pay() -> None:
    global _payer
    while True:
        time.sleep(RETRY_DROPS_EVERY_SECONDS)
        for slug, (version, lapses) in list(_owed.items()):
            if time.monotonic() > lapses or _delivered(slug, version) is not None:
                _settle(slug, version)
        with _owing:
            if not _owed:
                _payer = None
                return


def _settle(slug: str, version: int) -> None:
    with _owing:
        if slug in _owed and _owed[slug][0] == version:
            del _owed[slug]
