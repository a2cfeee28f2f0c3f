"""How long a piece of work takes in this process, so that only the product and PostgreSQL count."""

import time
from collections.abc import Callable

from django.test import Client

ROUNDS = 15
Work = Callable[[], object]


def spent(work: Work) -> float:
    """Seconds, the database included: the least of many, since others compute here too. The first times warm it."""
    for _ in range(3):
        work()
    took = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        work()
        took.append(time.perf_counter() - began)
    return min(took)


def page(client: Client, path: str) -> Work:
    def read() -> None:
        answer = client.get(path)
        if answer.status_code != 200:
            raise RuntimeError(f"{path} answers {answer.status_code}")

    return read
