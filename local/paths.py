"""Where things lie."""

import base64
import secrets
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]


def kept_secret(path: Path, length: int) -> str:
    """So many bytes in base64; made once, readable by its owner only."""
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(base64.b64encode(secrets.token_bytes(length)).decode())
    return path.read_text()
