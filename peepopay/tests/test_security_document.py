"""SECURITY.md names tests that exist."""

import re
from pathlib import Path

from django.conf import settings

ROOT = Path(settings.BASE_DIR)


def test_every_proof_is_there() -> None:
    proofs = re.findall(r"`([\w/]+/tests/[\w/]+\.py)`", (ROOT / "SECURITY.md").read_text())
    assert len(proofs) >= 20
    assert [proof for proof in proofs if not (ROOT / proof).is_file()] == []
