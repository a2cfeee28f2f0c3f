"""Somebody of a business, as a program in their browser."""

from __future__ import annotations

import json
from typing import Any

from django.test import Client

from accounts.models import User
from web.tests.openapi import problems

CSRF = "a" * 32


class TradieClient:
    """Every answer is as docs/openapi.yaml says, and kept by nobody."""

    def __init__(self, user: User | None) -> None:
        self.client = Client(enforce_csrf_checks=True)
        if user:
            self.client.force_login(user)
        self.client.cookies["csrftoken"] = CSRF

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = self.client.generic(
            method,
            path,
            "" if body is None else json.dumps(body),
            content_type="application/json",
            headers={"X-CSRFToken": CSRF, **named},
        )
        assert problems(method, path.partition("?")[0], answer) == []
        assert answer.headers["Cache-Control"] == "no-store"
        assert not answer.has_header("Access-Control-Allow-Origin")
        return answer

    def get(self, path: str) -> Any:
        return self.send("GET", path)

    def post(self, path: str, body: Any, **headers: str) -> Any:
        return self.send("POST", path, body, **headers)

    def patch(self, path: str, body: Any) -> Any:
        return self.send("PATCH", path, body)

    def delete(self, path: str) -> Any:
        return self.send("DELETE", path)


def refused(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]
