"""The stack files of deploy/ as Docker lays them over each other. Its client does that without an engine."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import yaml

from local.paths import CHECKOUT

FOLDER = CHECKOUT / "deploy"
PHASES = {
    1: ["stack.yml", "stack.postgres.yml", "stack.metrics.yml"],
    2: ["stack.yml", "stack.postgres.yml", "stack.phase2.yml", "stack.metrics.yml"],
    3: ["stack.yml", "stack.postgres.yml", "stack.phase2.yml", "stack.phase3.yml", "stack.metrics.yml"],
}
# What deploy/production.env and deploy.sh give.
VARIABLES = {
    "IMAGE": "registry.example.com/peepopay",
    "RELEASE": "20261126",
    "SITE_URL": "https://book.example.com.au",
    "SITE_HOST": "book.example.com.au",
    "WIDGET_URL": "https://widget.example.com.au",
    "STRIPE_PUBLISHABLE_KEY": "pk_live_example",
    "DEFAULT_FROM_EMAIL": "PeepoPay <bookings@example.com.au>",
    "UPLOADS_BUCKET": "peepopay-photos",
    "UPLOADS_ACCESS_KEY": "example",
}
Stack = dict[str, Any]


def why_missing() -> str | None:
    """None if Docker's client is here, else a sentence."""
    return None if shutil.which("docker") else "Docker's client is not installed: apt-get install docker.io"


def laid_over(*names: str, **variables: str) -> Stack:
    """As `docker stack deploy` would have it. Raises ValueError with what the client says."""
    words = [word for name in names for word in ("-c", str(FOLDER / name))]
    done = subprocess.run(
        ["docker", "stack", "config", *words],
        env={"PATH": os.environ["PATH"], "HOME": str(Path.home()), **VARIABLES, **variables},
        capture_output=True,
        text=True,
    )
    if done.returncode or done.stderr:
        raise ValueError(done.stderr)
    stack: Stack = yaml.safe_load(done.stdout)
    return stack
