"""Which tests run in one process when several run side by side (`pytest -n 3`): those of a file, and those that share
a whole product, because starting one takes longer than most tests. The longest begin first. And which are `slow`."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from xdist.scheduler import LoadScopeScheduling

# Where tests lie -> what they share, in the order in which they run: the races leave few free times to the others.
SHARED = {
    "web/tests/faults": "breakable stack",
    "local/tests/test_stack.py": "breakable stack",
    "web/tests/browser": "unlimited stack",
    "web/tests/test_over_the_wire.py": "unlimited stack",
    "web/tests/test_metrics.py": "unlimited stack",
    "peepopay/tests/test_alive.py": "unlimited stack",
    "local/tests/test_backup.py": "unlimited stack",
    "web/tests/customer/test_moving_at_once.py": "unlimited stack",
    "web/tests/api/test_races.py": "unlimited stack",
    "peepopay/tests/test_workers_on_rabbitmq.py": "rabbitmq",
    "peepopay/tests/test_poison_tasks.py": "rabbitmq",
    "web/tests/proxy": "proxied stack",
    "payments/tests/test_protocol_machine.py": "protocol",
}
# Files of seconds each, that `make test-fast` leaves out: they try everything, or everything often.
LONG = {
    "availability/tests/test_slots_property.py",
    "bookings/tests/test_calendars_property.py",
    "bookings/tests/test_job_lists.py",
    "local/tests/test_alerts.py",
    "local/tests/test_demo_stripe_webhooks.py",
    "local/tests/test_deploy.py",
    "local/tests/test_postgres.py",
    "local/tests/test_processes.py",
    "payments/tests/test_attack.py",
    "peepopay/tests/test_configuration.py",
    "peepopay/tests/test_error_reports.py",
    "web/tests/admin/test_admin.py",
    "web/tests/dashboard/test_whose_jobs.py",
    "web/tests/fuzz/test_fuzz.py",
    "web/tests/sign_in/test_guessing.py",
    "web/tests/sign_in/test_lockout.py",
    "web/tests/test_bad_input.py",
    "web/tests/test_bombing_by_every_door.py",
    "web/tests/test_every_form.py",
    "web/tests/test_every_url.py",
    "web/tests/test_warm_up.py",
    "web/tests/test_wire.py",
}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    order = list(SHARED)
    places = {item: place_of(item.nodeid) for item in items}
    for item, place in places.items():
        if place in LONG:
            item.add_marker(pytest.mark.slow)
    items.sort(key=lambda item: order.index(places[item]) if places[item] in SHARED else len(order))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    from xdist.scheduler import LoadScopeScheduling

    class ByWhatTheyShare(LoadScopeScheduling):
        """xdist's own loadgroup writes groups into the ids of tests, where pytest 9.2 no longer looks for them."""

        def _split_scope(self, nodeid: str) -> str:
            place = place_of(nodeid)
            return SHARED.get(place, place)

    config.option.loadscopereorder = False  # as they are sorted above, not by how many they are
    return ByWhatTheyShare(config, log)


def place_of(nodeid: str) -> str:
    """The key of SHARED that a test lies under, or else its file."""
    path = PurePosixPath(nodeid.partition("::")[0])
    return next((str(place) for place in (path, *path.parents) if str(place) in SHARED), str(path))
