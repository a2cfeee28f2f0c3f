"""The whole product behind Traefik, as people reach it: https, two web servers, the widget from nginx; all limits on.

One stack serves all tests. Limits are per address, so every test that sends much comes from addresses of its own.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from local.fixtures import StackStarter
from local.stack import Stack

from .callers import OPERATOR, Caller
from .slow import LetGo, half_a_body, half_a_head


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if __package__ in str(getattr(item, "module", None)):
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def stack(start_stack: StackStarter) -> Iterator[Stack]:
    stack = start_stack(proxied=True, PROXY_ADMIN_ADDRESSES=OPERATOR, PROXY_REQUESTS_PER_SECOND="20")
    yield stack
    assert stack.manage("check_invariants").split()[-1] == "0"


@pytest.fixture(scope="session")
def let_go(stack: Stack) -> dict[str, LetGo]:
    """Two who began a request when the first test did, and have waited since."""
    return {"head": LetGo(half_a_head(Caller.anew(stack))), "body": LetGo(half_a_body(Caller.anew(stack)))}


@pytest.fixture
def somebody(stack: Stack, let_go: dict[str, LetGo]) -> Caller:
    """From an address that no other test comes from."""
    return Caller.anew(stack)


@pytest.fixture
def authority(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes `requests` trust the proxy's certificate."""
    assert stack.proxy
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(stack.proxy.certificate.authority))
