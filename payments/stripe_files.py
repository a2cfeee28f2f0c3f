"""Evidence at Stripe: the document, and the dispute that it answers. Failures are those of `stripe_gateway.py`.

Source: https://docs.stripe.com/api/files/create, https://docs.stripe.com/api/disputes/update
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .stripe_answers import metadata_of
from .stripe_gateway import CLOCKS_DIFFER, ask, client, options
from .stripe_lists import DisputeAnswer, read_dispute

PURPOSE = "dispute_evidence"


@dataclass(frozen=True)
class Answered:
    """A dispute with whose evidence it has: the id of our row, empty where it is not ours."""

    dispute: DisputeAnswer
    evidence_id: str


class _Document(io.BytesIO):
    """Stripe's library reads the name of a file from the file."""

    def __init__(self, name: str, content: bytes) -> None:
        super().__init__(content)
        self.name = name


def upload(account_id: str, name: str, content: bytes, *, key: str) -> str:
    """-> Stripe's id of the file. Raises StripeRefused."""
    create = client().v1.files.create

    def call() -> Any:
        parameters: Any = {"purpose": PURPOSE, "file": _Document(name, content)}
        return create(parameters, options(account_id, key))

    return ask(call, lambda answer: str(answer.id))


def find_upload(account_id: str, name: str, *, since: datetime) -> str | None:
    """A file of that name, for when we never learned what came of handing it over. Raises StripeRefused."""
    window: Any = {
        "purpose": PURPOSE,
        "limit": 100,
        "created": {"gte": int((since - CLOCKS_DIFFER).timestamp())},
    }
    found = ask(
        lambda: client().v1.files.list(window, options(account_id)),
        lambda page: [(str(file.id), file.filename) for file in page.data],
    )
    return next((file_id for file_id, filename in found if filename == name), None)


def retrieve_dispute(account_id: str, dispute_id: str) -> Answered:
    """Raises StripeRefused."""
    retrieve = client().v1.disputes.retrieve
    return ask(lambda: retrieve(dispute_id, None, options(account_id)), _read)


def submit(account_id: str, dispute_id: str, evidence: dict[str, str], *, evidence_id: str) -> Answered:
    """Hand it to the bank, once and for all. Without a key of ours: a second time Stripe refuses by the dispute's
    state.

    Raises StripeRefused.
    """
    parameters: Any = {"evidence": evidence, "metadata": {"evidence_id": evidence_id}, "submit": True}
    update = client().v1.disputes.update
    return ask(lambda: update(dispute_id, parameters, options(account_id)), _read)


def _read(answer: Any) -> Answered:
    return Answered(read_dispute(answer), metadata_of(answer.metadata).get("evidence_id", ""))
