"""The cached availability of a month against a bare WSGI application, on the same server with the same settings."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import median

from bench.cpu import cpu_seconds
from bench.load import first_answer, load, request
from bench.report import Report
from bench.servers import serve
from bench.tables import a_tradie, a_week_of_hours
from local.processes import Process

ROUNDS = 7
SECONDS = 3.0
Requests = tuple[bytes, bytes, bytes]


def measure(report: Report) -> None:
    tradie = a_tradie("cached")
    a_week_of_hours(tradie)
    month = f"/api/availability/{tradie.slug}?month={datetime.now(UTC) + timedelta(days=20):%Y-%m}"
    for server in ("gunicorn", "granian"):
        print(f"  {server}: {ROUNDS} rounds of 3 s each, 50 connections")
        _measure_on(server, month, report)


def _measure_on(server: str, month: str, report: Report) -> None:
    bare, bare_port = serve("bench.bare:application", server)
    ours, our_port = serve("web.warm_wsgi:application", server)
    requests = _requests(our_port, month)
    asked = zip((bare, ours, ours), (bare_port, our_port, our_port), requests, strict=True)
    questions = list(asked)
    rounds = [[_load(*question) for question in questions] for _ in range(ROUNDS)]
    report.figure("bare WSGI", median(bare.rate for bare, _, _ in rounds), "answers/s")
    report.figure("cached month", median(hit.rate for _, hit, _ in rounds), "answers/s")
    rate = median(hit.rate / bare.rate for bare, hit, _ in rounds)
    report.figure("cached month / bare", rate, "", at_least=0.42)
    cpu = median(bare.cpu / hit.cpu for bare, hit, _ in rounds)
    report.figure("cached month / bare, by the CPU of an answer", cpu, "", at_least=0.65)
    p99 = median(hit.p99 / bare.p99 for bare, hit, _ in rounds)
    report.figure("p99 of the cached month / p99 of bare", p99, "", at_most=2.5)
    rate = median(same.rate / bare.rate for bare, _, same in rounds)
    report.figure("unchanged month (304) / bare", rate, "", at_least=0.5)
    cpu = median(bare.cpu / same.cpu for bare, _, same in rounds)
    report.figure("unchanged month (304) / bare, by the CPU of an answer", cpu, "", at_least=0.75)
    bare.stop()
    ours.stop()


@dataclass(frozen=True)
class Measured:
    """`cpu`: seconds of the server's for one answer."""

    rate: float
    p99: float
    cpu: float


def _load(server: Process, port: int, asked: bytes) -> Measured:
    before = cpu_seconds(server.pid)
    found = load(port, asked, seconds=SECONDS)
    return Measured(found.rate, found.p99, (cpu_seconds(server.pid) - before) / (found.rate * SECONDS))


def _requests(our_port: int, month: str) -> Requests:
    """Hello, the month, and the month if it has changed; each worker has its answer stored."""
    hit = request(month, Origin="https://joe.example")
    for _ in range(200):
        status, answer = first_answer(our_port, hit)
        assert status == 200, answer
    headers = dict(line.split(": ", 1) for line in answer.decode().lower().split("\r\n")[1:] if ": " in line)
    same = request(month, **{"Origin": "https://joe.example", "If-None-Match": headers["etag"]})
    assert first_answer(our_port, same)[0] == 304
    return request("/"), hit, same
