"""The widget's page: static, cacheable, frameable by anybody, and open to nothing but us and Stripe."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


def build(folder: Path) -> Path:
    (folder / "widget").mkdir()
    (folder / "widget" / "index.html").write_text("<!doctype html><title>Book</title>")
    return folder


def test_it_serves_the_built_page_to_anybodys_frame(client: Client, settings: Any, tmp_path: Path) -> None:
    settings.WIDGET_DIR = build(tmp_path)
    response = client.get("/book/sam-plumber?embed=1")
    policy = response["Content-Security-Policy"]
    assert response.content.startswith(b"<!doctype html>")
    assert "X-Frame-Options" not in response
    assert "frame-ancestors *" in policy
    assert "script-src 'self' https://js.stripe.com" in policy
    assert "https://hooks.stripe.com" in policy
    assert "unsafe" not in policy
    assert response["Cache-Control"] == "public, no-cache"
    assert not response.cookies


def test_what_its_script_asks_for_first_is_fetched_along_with_the_page(
    client: Client, settings: Any, tmp_path: Path
) -> None:
    settings.WIDGET_DIR = build(tmp_path)
    service, how = "0b1f2a34-0000-4000-8000-000000000001", "rel=preload; as=fetch; crossorigin"
    early = "</api/tradies/sam-plumber/opening?service=%s>; " + how
    assert client.get("/book/sam-plumber?embed=1")["Link"] == early % ""
    assert client.get("/book/sam-plumber", {"service": service})["Link"] == early % service
    assert client.get("/book/sam-plumber", {"service": ">; rel=x\n"})["Link"] == early % ""
    assert client.get("/book/sam-plumber?accent=%230B5cad")["Link"] == early % "&accent=%230B5cad"
    assert client.get("/book/sam-plumber?accent=red%0A")["Link"] == early % ""


def test_what_stands_within_it_is_let_in_by_its_hash_and_nothing_else(
    client: Client, settings: Any, tmp_path: Path
) -> None:
    settings.WIDGET_DIR = build(tmp_path)
    page = '<style>p{}</style><script type="module">begin()</script><script>other()</script>'
    (tmp_path / "widget" / "index.html").write_text(page)
    policy = client.get("/book/sam-plumber")["Content-Security-Policy"]
    script, style = (
        base64.b64encode(hashlib.sha256(text).digest()).decode() for text in (b"begin()", b"p{}")
    )
    assert f"style-src 'self' 'sha256-{style}'" in policy
    assert f" 'sha256-{script}'" in policy
    assert policy.count("sha256") == 2
    assert "sha256" not in client.get("/book/nobody?call")["Content-Security-Policy"]


def test_it_is_sent_as_the_build_compressed_it(client: Client, settings: Any, tmp_path: Path) -> None:
    settings.WIDGET_DIR = build(tmp_path)
    (tmp_path / "widget" / "index.html.br").write_bytes(b"small")
    plain, small = (
        client.get("/book/sam-plumber", headers={"Accept-Encoding": words})
        for words in ("gzip, deflate", "gzip, br;q=0.9")
    )
    assert (small.content, small["Content-Encoding"], small["Vary"]) == (b"small", "br", "Accept-Encoding")
    assert "Content-Encoding" not in plain
    assert plain.content.startswith(b"<!doctype html>")
    assert plain["ETag"] != small["ETag"]


def test_its_file_has_the_same_headers_as_its_page(client: Client, settings: Any, tmp_path: Path) -> None:
    settings.WIDGET_DIR = settings.WHITENOISE_ROOT = build(tmp_path)
    (tmp_path / "widget" / "app.js").write_text("1")
    page, file = client.get("/book/sam-plumber"), client.get("/widget/index.html")
    assert file.content == page.content
    del page.headers["X-Request-ID"], file.headers["X-Request-ID"]  # each request's own
    del page.headers["Link"]  # of one tradie
    assert file.headers == page.headers
    script = Client().get("/widget/app.js")
    assert b"".join(script.streaming_content) == b"1"


def test_an_unchanged_page_is_not_sent_twice(client: Client, settings: Any, tmp_path: Path) -> None:
    settings.WIDGET_DIR = build(tmp_path)
    etag = client.get("/book/sam-plumber")["ETag"]
    again = client.get("/book/another", headers={"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")


def test_before_the_build_it_says_how_to_build(client: Client, settings: Any, tmp_path: Path) -> None:
    settings.WIDGET_DIR = tmp_path
    response = client.get("/book/sam-plumber")
    assert response.status_code == 503
    assert "make widget" in response.content.decode()
    assert "Cache-Control" not in response


def test_every_other_page_refuses_frames(client: Client, db: None) -> None:
    response = client.get("/accounts/login/")
    assert response["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in response["Content-Security-Policy"]
