"""How many places anybody may ask about. What is free for a job *there*, asked for many places, tells where the jobs of
a day are: so one address gets that for a few postcodes of a business in a day, and from then on what is free anywhere.

Kept in Redis, as sets of postcodes under a hash of the address. Where Redis is away nobody is told of places.
"""

from __future__ import annotations

from django.conf import settings

from . import slot_redis

MOST_PLACES = 4
MOST_BOOKED = 12  # an office, or an assistant, books for several customers
A_DAY_SECONDS = 86_400

# KEYS: the set. ARGV: the postcode, how many there may be, seconds to keep.
ASK = """
if redis.call('SISMEMBER', KEYS[1], ARGV[1]) == 1 then return 1 end
if redis.call('SCARD', KEYS[1]) >= tonumber(ARGV[2]) then return 0 end
redis.call('SADD', KEYS[1], ARGV[1])
if redis.call('TTL', KEYS[1]) < 0 then redis.call('EXPIRE', KEYS[1], ARGV[3]) end
return 1
"""


def may_ask(slug: str, postcode: str, address_hash: str, *, most: int = MOST_PLACES) -> bool | None:
    """Whether somebody at that address may be told what is free there, being told of `most` places in a day; None if
    Redis could not be asked. Always, with RATE_LIMITS=off."""
    if not settings.RATE_LIMITS:
        return True
    keys = (f"places:{slug}:{address_hash}",)
    answer = slot_redis.run(ASK, keys, postcode, most, A_DAY_SECONDS)
    return None if answer is None else bool(answer)
