"""Writes what nginx says in the application's stead: the same headers, the same words. `make nginx-files`.

python -m local nginx-files FOLDER

    headers/page.conf      of the widget's page, as Django sends them: what it may load, who may frame it
    headers/file.conf      of the files around it
    headers/problem.conf   of the answers in problems/
    problems/404.json      errors in the API's one shape, and as pages that need no other file
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from local.paths import CHECKOUT

if TYPE_CHECKING:
    from peepopay.errors import AppError

FOLDER = CHECKOUT / "deploy" / "nginx"
WRITTEN = "# Written by `make nginx-files` from what Django answers.\n"
# Of one answer or one connection, said by nginx itself, or differing from place to place (nginx.conf).
NOT_TAKEN_OVER = {
    *("cache-control", "connection", "content-encoding", "content-length", "content-type", "date"),
    *("etag", "keep-alive", "link", "last-modified", "server", "transfer-encoding", "vary", "x-request-id"),
}


@dataclass(frozen=True)
class Problem:
    """Which error of `peepopay.errors` programs are told of, the heading that people see, and a message if the
    error's own doesn't say it."""

    error: str
    heading: str
    message: str | None = None


# By the status that they come with.
PROBLEMS = {
    400: Problem("MalformedRequest", "That address isn't quite right", "Please check it and try again."),
    404: Problem("NotFound", "Nothing here"),
    413: Problem(
        "UploadTooLarge",
        "That's too large",
        "That's more than we can take at once, so nothing was saved. Please try again with a smaller file, or fewer "
        "words.",
    ),
    429: Problem("RateLimited", "Please wait a moment"),
    503: Problem("ServiceUnavailable", "We'll be right back"),
}


def include_of(headers: Mapping[str, str]) -> str:
    """An nginx file that adds these headers, but for those that are nginx's to say."""
    taken = sorted((name, value) for name, value in headers.items() if name.lower() not in NOT_TAKEN_OVER)
    return WRITTEN + "".join(f"add_header {name} {quoted(name, value)} always;\n" for name, value in taken)


def quoted(name: str, value: str) -> str:
    if name.lower() == "content-security-policy":
        # Away from home, the page may also ask the API where that is.
        value = in_order(value).replace("connect-src 'self'", "connect-src 'self'$api_source")
        # What stands within the page, the build says (dist/hashes.conf).
        value = re.sub(r"(script|style)-src 'self'([^;]*) 'sha256-[^']+'", r"\1-src 'self'\2 $page_\1", value)
    return f"'{value}'" if '"' in value else f'"{value}"'


def in_order(policy: str) -> str:
    """A content security policy with its directives sorted: django-csp leaves their order to chance."""
    return "; ".join(sorted(directive.strip() for directive in policy.split(";") if directive.strip()))


def write(folder: Path) -> None:
    """All of it, from the settings of this process."""
    for path, text in files():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)


def files() -> Iterator[tuple[str, str]]:
    """(path, text) of each."""
    page, file = headers_at("/book/-"), headers_at("/embed.js")
    yield "headers/page.conf", include_of(page)
    yield "headers/file.conf", include_of(file)
    yield "headers/problem.conf", include_of(problem_headers(file))
    for status in PROBLEMS:
        yield f"problems/{status}.json", problem(status)
        yield f"problems/{status}.html", problem_page(status)


def headers_at(path: str) -> dict[str, str]:
    """Of the answer to a request that came over https, by way of the proxy."""
    from django.conf import settings
    from django.test import Client

    client = Client(SERVER_NAME=settings.ALLOWED_HOSTS[0], HTTP_X_FORWARDED_PROTO="https")
    answer = client.get(path)
    assert answer.status_code == 200, f"{path} answered {answer.status_code}: is the widget built?"
    return dict(answer.headers)


def problem_headers(file: Mapping[str, str]) -> dict[str, str]:
    """Those of any file; other sites' pages may read and frame the problem, browsers load nothing for it."""
    framed = {name: value for name, value in file.items() if name != "X-Frame-Options"}
    style = base64.b64encode(hashlib.sha256(style_of(problem_page(503)).encode()).digest()).decode()
    return {
        **framed,
        "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{style}'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors *",
        "Access-Control-Expose-Headers": "ETag, Retry-After",
    }


def style_of(page: str) -> str:
    found = re.search(r"<style>(.*?)</style>", page, re.DOTALL)
    assert found
    return found[1]


def problem(status: int) -> str:
    """In the API's shape, with the status that the proxy answers."""
    from peepopay.api_outputs import error_answer

    return json.dumps(error_answer(error_of(status)) | {"statusCode": status}) + "\n"


def problem_page(status: int) -> str:
    from django.template.loader import render_to_string

    return render_to_string("problem.html", {"problem": PROBLEMS[status], "error": error_of(status)})


def error_of(status: int) -> AppError:
    from peepopay import errors

    kind: type[AppError] = getattr(errors, PROBLEMS[status].error)
    return kind(PROBLEMS[status].message)


if __name__ == "__main__":
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "peepopay.settings")
    django.setup()
    write(Path(sys.argv[1]))
