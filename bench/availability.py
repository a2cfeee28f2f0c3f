"""The cached availability of a month against a bare WSGI application, on the same server with the same settings."""

from datetime import UTC, datetime, timedelta
from statistics import median

from bench.load import Load, first_answer, load, request
from bench.report import Report
from bench.servers import gunicorn
from bench.tables import a_tradie, a_week_of_hours

ROUNDS = 7


def measure(report: Report) -> None:
    tradie = a_tradie("cached")
    a_week_of_hours(tradie)
    bare, bare_port = gunicorn("bench.bare:application")
    ours, our_port = gunicorn("web.wsgi:application")
    month = f"/api/availability/{tradie.slug}?month={datetime.now(UTC) + timedelta(days=20):%Y-%m}"
    hello = request("/")
    hit = request(month, Origin="https://joe.example")
    for _ in range(200):  # both workers have Django's headers and the answer is stored
        status, answer = first_answer(our_port, hit)
        assert status == 200, answer
    etag = next(line for line in answer.decode().split("\r\n") if line.lower().startswith("etag")).partition(
        ": "
    )[2]
    same = request(month, **{"Origin": "https://joe.example", "If-None-Match": etag})
    assert first_answer(our_port, same)[0] == 304

    print(f"  an answer of {len(answer):,} bytes; {ROUNDS} rounds of 3 s each, 50 connections")
    rounds = [_round(bare_port, our_port, hello, hit, same) for _ in range(ROUNDS)]
    report.figure("bare WSGI", median(r[0].rate for r in rounds), "answers/s")
    report.figure("cached month", median(r[1].rate for r in rounds), "answers/s")
    report.figure("cached month / bare", median(r[1].rate / r[0].rate for r in rounds), "", at_least=0.42)
    report.figure(
        "p99 of the cached month / p99 of bare", median(r[1].p99 / r[0].p99 for r in rounds), "", at_most=2.5
    )
    report.figure(
        "unchanged month (304) / bare", median(r[2].rate / r[0].rate for r in rounds), "", at_least=0.5
    )
    bare.stop()
    ours.stop()


def _round(bare_port: int, our_port: int, hello: bytes, hit: bytes, same: bytes) -> tuple[Load, Load, Load]:
    return load(bare_port, hello), load(our_port, hit), load(our_port, same)
