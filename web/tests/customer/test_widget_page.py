"""The widget's page: static, cacheable, frameable by anybody, and open to nothing but us and Stripe."""

from __future__ import annotations

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
