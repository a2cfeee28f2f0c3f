"""Files that a business hands over, such as evidence in a dispute. Their content is kept, and never given out again."""

from __future__ import annotations

import base64
from typing import Any

from . import params as read
from .errors import StripeError, missing, no_such
from .lists import PAGING, list_page
from .store import Object
from .world import Call, World, base

PURPOSES = ("dispute_evidence",)
TYPES = {
    "pdf": b"%PDF-",
    "png": b"\x89PNG",
    "jpg": b"\xff\xd8\xff",
}  # what evidence may be, and how it begins
LARGEST = 4_500_000  # of evidence in one dispute, together


def create(world: World, call: Call) -> Object:
    """multipart/form-data with `purpose` and `file`."""
    read.allow(call.params, "purpose", "file", "file_link_data", "expand")
    purpose = read.choice(call.params, "purpose", PURPOSES)
    sent = call.params.get("file")
    if purpose is None or not isinstance(sent, dict):
        raise missing("purpose" if purpose is None else "file")
    content = base64.b64decode(sent["content"])
    file = base("file", "file") | {
        "expires_at": None,
        "filename": sent["filename"],
        "links": None,
        "purpose": purpose,
        "size": len(content),
        "title": None,
        "type": _type_of(content),
        "url": None,
        "_content": sent["content"],
    }
    file.pop("livemode", None)
    return world.store.insert(file, call.account, parent=purpose)


def _type_of(content: bytes) -> str:
    if len(content) > LARGEST:
        raise StripeError("The file is too large.", param="file")
    for kind, beginning in TYPES.items():
        if content.startswith(beginning):
            return kind
    raise StripeError("Invalid file type for this purpose.", code="file_type_invalid", param="file")


def retrieve(world: World, call: Call, file_id: str) -> Object:
    return find(world, file_id, call.account)


def find(world: World, file_id: str, account: str) -> Object:
    file = world.store.get("file", file_id, account)
    if file is None:
        raise no_such("file", file_id)
    return file


def list_files(world: World, call: Call) -> dict[str, Any]:
    """Filters: purpose, created, and the usual paging."""
    read.allow(call.params, *PAGING, "purpose")
    parents = [call.params["purpose"]] if "purpose" in call.params else None
    return list_page(world.store, "file", call.account, call.params, "/v1/files", parents)
