"""Files in a bucket, by django-storages. Apart, because what it needs takes memory that nobody else has to pay for."""

from __future__ import annotations

from typing import Any

from botocore.config import Config
from storages.backends.s3 import S3Storage

CONNECT_SECONDS, READ_SECONDS = 2, 5


class Bucket(S3Storage):
    """Private: only our own pages hand out what lies in it. A call that takes longer than a few seconds has failed."""

    def __init__(self, **options: Any) -> None:
        patience = Config(
            connect_timeout=CONNECT_SECONDS, read_timeout=READ_SECONDS, retries={"total_max_attempts": 2}
        )
        super().__init__(default_acl=None, file_overwrite=True, client_config=patience, **options)
