"""A load client: some connections that ask again as soon as they have an answer. One thread, epoll, no parsing.

It shares the cores with the server, so it must be cheap: it learns the length of an answer from the first one and
then counts bytes.
"""

import select
import socket
import time
from dataclasses import dataclass
from statistics import quantiles

RECEIVE = 1 << 18


@dataclass(frozen=True)
class Load:
    """Answers a second, and how long they took in milliseconds."""

    rate: float
    p50: float
    p99: float


def request(path: str, **headers: str) -> bytes:
    lines = [
        f"GET {path} HTTP/1.1",
        "Host: 127.0.0.1",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    return "\r\n".join([*lines, "", ""]).encode()


def first_answer(port: int, asked: bytes) -> tuple[int, bytes]:
    """The status and the whole answer to one request, headers included."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as link:
        link.sendall(asked)
        answer = b""
        while not _is_whole(answer):
            answer += link.recv(RECEIVE)
    return int(answer.split(b" ", 2)[1]), answer


def _is_whole(answer: bytes) -> bool:
    head, separator, body = answer.partition(b"\r\n\r\n")
    if not separator:
        return False
    lengths = [
        line.split(b":")[1] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")
    ]
    return len(body) >= int(lengths[0]) if lengths else b"304 " in head


def load(port: int, asked: bytes, *, connections: int = 50, seconds: float = 3.0) -> Load:
    """Ask as fast as answers come. Every answer must be as long as the first and begin as it does."""
    _, expected = first_answer(port, asked)
    start, size = expected[:15], len(expected)
    poll = select.epoll()
    links: dict[int, socket.socket] = {}
    missing: dict[int, int] = {}
    asked_at: dict[int, float] = {}
    took: list[float] = []
    for _ in range(connections):
        link = socket.create_connection(("127.0.0.1", port))
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        links[link.fileno()] = link
        missing[link.fileno()] = size
        poll.register(link.fileno(), select.EPOLLIN)
    began = time.perf_counter()
    for number, link in links.items():
        asked_at[number] = time.perf_counter()
        link.sendall(asked)
    while (now := time.perf_counter()) < began + seconds:
        for number, _ in poll.poll(1):
            link = links[number]
            part = link.recv(RECEIVE)
            if missing[number] == size and not part.startswith(start):
                raise RuntimeError(f"another answer than the first: {part[:80]!r}")
            missing[number] -= len(part)
            if missing[number] == 0:
                now = time.perf_counter()
                took.append(now - asked_at[number])
                missing[number], asked_at[number] = size, now
                link.send(asked)
            elif missing[number] < 0 or not part:
                raise RuntimeError("an answer of another length than the first")
    poll.close()
    for link in links.values():
        link.close()
    cuts = quantiles(took, n=100)
    return Load(len(took) / (now - began), cuts[49] * 1000, cuts[98] * 1000)
