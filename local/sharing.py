"""Which tests run in one process when several run side by side (`pytest -n 2 --dist loadgroup`): those of a file, and
those that share a whole product, because starting one takes longer than most tests. The longest begin first."""

from pathlib import Path

import pytest

# Where tests lie -> what they share, in the order in which they run: the races leave few free times to the others.
SHARED = {
    "web/tests/faults": "breakable stack",
    "local/tests/test_stack.py": "breakable stack",
    "web/tests/browser": "unlimited stack",
    "web/tests/test_over_the_wire.py": "unlimited stack",
    "peepopay/tests/test_alive.py": "unlimited stack",
    "local/tests/test_backup.py": "unlimited stack",
    "web/tests/api/test_races.py": "unlimited stack",
    "peepopay/tests/test_workers_on_rabbitmq.py": "rabbitmq",
    "peepopay/tests/test_poison_tasks.py": "rabbitmq",
    "web/tests/proxy": "proxied stack",
    "payments/tests/test_protocol_machine.py": "protocol",
}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    places = {item: place_of(item.path.relative_to(config.rootpath)) for item in items}
    for item, place in places.items():
        item.add_marker(pytest.mark.xdist_group(SHARED.get(place, place)))
    order = list(SHARED)
    items.sort(key=lambda item: order.index(places[item]) if places[item] in SHARED else len(order))


def place_of(path: Path) -> str:
    """The key of SHARED that it lies under, or else the file itself."""
    return next((str(place) for place in (path, *path.parents) if str(place) in SHARED), str(path))
