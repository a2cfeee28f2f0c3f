"""Bodies with files in them, by Django's own handlers, but not of any length."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from .errors import ServiceUnavailable, UploadTooLarge
from .middleware import refusal

LARGEST_BYTES = 10 * 1024 * 1024  # of a whole request; the proxy refuses what is larger (deploy/traefik)
AT_ONCE = threading.BoundedSemaphore(
    3
)  # of a process: they are in memory more than once, and in 32 MB of /tmp
PATIENCE_SECONDS = 2.0
SMALL = 512 * 1024  # as large as any form may be


class FewUploads:
    """Requests with files in them, a few at a time; 503 where none is through in time."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        length = int(request.META.get("CONTENT_LENGTH") or 0)
        if request.content_type != "multipart/form-data" or length <= SMALL:
            return self.get_response(request)
        if not AT_ONCE.acquire(timeout=PATIENCE_SECONDS):
            return refusal(request, ServiceUnavailable())
        try:
            return self.get_response(request)
        finally:
            AT_ONCE.release()


class BoundedUploads(FileUploadHandler):
    """Refuses by the length that the request states, before any of it is read. Raises UploadTooLarge."""

    def handle_raw_input(
        self, input_data: Any, META: dict[str, Any], content_length: int, boundary: Any, encoding: Any = None
    ) -> None:
        if content_length > LARGEST_BYTES:
            raise UploadTooLarge

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None
