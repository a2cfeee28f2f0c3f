"""The Model Context Protocol's own tests (`@modelcontextprotocol/conformance`) against /mcp: those for a server of
tools without sessions. The rest ask for tools of their own, for resources, prompts, logging or streams, which are not
here."""

from __future__ import annotations

import subprocess
from typing import Any

import pytest
from playwright._impl._driver import compute_driver_executable

from local.paths import CHECKOUT

FOLDER = CHECKOUT / "local" / "mcp_conformance"
PROGRAM = FOLDER / "node_modules" / "@modelcontextprotocol" / "conformance" / "dist" / "index.js"


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(not PROGRAM.exists(), reason="needs `make install-test`")
@pytest.mark.parametrize(
    ("scenario", "passed"),
    [
        ("server-initialize", "1/1"),
        ("ping", "1/1"),
        ("tools-list", "1/1"),
        ("dns-rebinding-protection", "2/2"),
    ],
)
def test_the_protocols_own_tests_pass(scenario: str, passed: str, live_server: Any) -> None:
    node = compute_driver_executable()[0]  # of a version that they run on, which the machine's may not be
    asked = ["server", "--url", f"{live_server.url}/mcp", "--scenario", scenario]
    ran = subprocess.run([node, PROGRAM, *asked], capture_output=True, text=True, timeout=60)
    assert f"Passed: {passed}, 0 failed, 0 warnings" in ran.stdout, ran.stdout + ran.stderr
    assert ran.returncode == 0
