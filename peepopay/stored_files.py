"""Where files lie that people upload: a folder that web and workers share, or a bucket of anybody who speaks S3."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .environment import Environment


def configuration(env: Environment, *, folder: Path) -> dict[str, Any]:
    """An entry of Django's STORAGES. A name is written anew where it is there already. `folder`: unless UPLOADS_DIR or
    UPLOADS_BUCKET says otherwise."""
    bucket = env.str("UPLOADS_BUCKET", default="")
    if not bucket:
        location = env.str("UPLOADS_DIR", default="") or str(folder)
        options: dict[str, Any] = {"location": location, "allow_overwrite": True}
        return {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": options}
    options = {
        "bucket_name": bucket,
        "endpoint_url": env.str("UPLOADS_ENDPOINT", default="") or None,
        "region_name": env.str("UPLOADS_REGION", default="") or None,
        "access_key": env.str("UPLOADS_ACCESS_KEY", default="") or None,
        "secret_key": env.str("UPLOADS_SECRET_KEY", default="") or None,
    }
    return {"BACKEND": "peepopay.bucket.Bucket", "OPTIONS": options}
