from __future__ import annotations

from collections.abc import Iterator

import pytest

from local.testing.fake_smtp import FakeSmtp


@pytest.fixture(scope="module")
def smtp_server() -> Iterator[FakeSmtp]:
    with FakeSmtp() as server:
        yield server


@pytest.fixture
def smtp(smtp_server: FakeSmtp) -> FakeSmtp:
    smtp_server.forget()
    return smtp_server
