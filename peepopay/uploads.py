"""Bodies with files in them, by Django's own handlers, but not of any length."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest, UnreadablePostError
from django.http.response import HttpResponseBase

from .errors import UploadTooLarge

LARGEST_BYTES = 10 * 1024 * 1024  # of a whole request; the proxy refuses what is larger (deploy/traefik)
MOST_UNREAD = 16 * 1024 * 1024
AT_ONCE = 64 * 1024


class WholeUploads:
    """Reads what a view that refused left unread, up to what a proxy lets through. The server would close the
    connection on it, and whoever still sends would learn of that and not of the answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if request.content_type == "multipart/form-data":
            with suppress(UnreadablePostError):
                left = MOST_UNREAD
                while left > 0 and (chunk := request.read(AT_ONCE)):
                    left -= len(chunk)
        return response


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
