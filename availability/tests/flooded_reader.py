"""A process of its own that is asked for one stored answer without end, as by a crowd; for test_slot_loans.

`python -m availability.tests.flooded_reader SLUG KEY`: for each line on standard input it writes what it would
answer at that moment.
"""

from __future__ import annotations

import os
import sys
import threading
from itertools import repeat

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "peepopay.settings")


def main(slug: str, key: str) -> None:
    from availability import slot_cache

    def crowd() -> None:
        for _ in repeat(None):
            slot_cache.read(slug, key)

    threading.Thread(target=crowd, daemon=True).start()
    for _ in sys.stdin:
        answer = slot_cache.read(slug, key)
        sys.stdout.write(f"{answer.body.decode() if answer else 'nothing'}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
