"""Files that people upload, in a bucket: written, read, overwritten and removed at a server that speaks S3."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError
from django.core.files.base import ContentFile
from django.core.files.storage import Storage, StorageHandler
from moto.server import ThreadedMotoServer

from local.ports import free_port
from peepopay.environment import Environment
from peepopay.stored_files import configuration

NAME = "photos/1.jpg"


def storage(monkeypatch: Any, **env: str) -> Storage:
    for name in ("BUCKET", "ENDPOINT", "REGION", "ACCESS_KEY", "SECRET_KEY", "DIR"):
        monkeypatch.delenv(f"UPLOADS_{name}", raising=False)
    for name, value in env.items():
        monkeypatch.setenv(f"UPLOADS_{name}", value)
    return StorageHandler({"uploads": configuration(Environment(), folder=Path("/nowhere"))})["uploads"]


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


def test_a_bucket_keeps_what_is_written_last_to_a_name(monkeypatch: Any, endpoint: str) -> None:
    files: Any = storage(
        monkeypatch, BUCKET="photos", ENDPOINT=endpoint, REGION="syd1", ACCESS_KEY="id", SECRET_KEY="secret"
    )
    files.connection.create_bucket(Bucket="photos", CreateBucketConfiguration={"LocationConstraint": "syd1"})
    for content in (b"first", b"second"):
        assert files.save(NAME, ContentFile(content)) == NAME
    assert files.open(NAME).read() == b"second"
    files.delete(NAME)
    files.delete(NAME)
    with pytest.raises(FileNotFoundError):
        files.open(NAME).read()


def test_a_bucket_that_is_away_is_an_error_not_a_file_that_is_gone(monkeypatch: Any) -> None:
    files = storage(
        monkeypatch,
        BUCKET="photos",
        ENDPOINT=f"http://127.0.0.1:{free_port()}",
        REGION="syd1",
        ACCESS_KEY="id",
        SECRET_KEY="secret",
    )
    with pytest.raises(EndpointConnectionError):
        files.save(NAME, ContentFile(b"first"))


def test_a_folder_keeps_what_is_written_last_to_a_name(monkeypatch: Any, tmp_path: Path) -> None:
    files = storage(monkeypatch, DIR=str(tmp_path))
    for content in (b"first", b"second"):
        assert files.save(NAME, ContentFile(content)) == NAME
    assert (tmp_path / NAME).read_bytes() == b"second"
    files.delete(NAME)
    files.delete(NAME)
    assert not (tmp_path / NAME).exists()
