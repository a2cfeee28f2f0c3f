"""Bodies with files in them, by Django's own handlers, but not of any length."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadhandler import FileUploadHandler

from .errors import UploadTooLarge

LARGEST_BYTES = 10 * 1024 * 1024  # of a whole request; the proxy refuses what is larger (deploy/traefik)


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
