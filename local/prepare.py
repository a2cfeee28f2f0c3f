"""Tables, static files and demo data, in one process: starting Django four times would cost four seconds.

python -m local.prepare [--migrated]
"""

import os
import sys
from pathlib import Path

import django
from django.core.management import call_command

from local.stamps import Stamp, locked


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "peepopay.settings")
    django.setup()
    from local import demo_data

    if "--migrated" not in sys.argv:
        call_command("migrate", interactive=False, verbosity=1)
    collect_static_files()
    demo_data.seed()


def collect_static_files() -> None:
    """Skipped while nothing changed: hashing and compressing the admin's and the docs' files takes seconds."""
    from django.conf import settings

    root = Path(settings.STATIC_ROOT)
    checkout = Path(settings.BASE_DIR)
    stamp = Stamp(root / ".stamp", [checkout / "static", checkout / "requirements.txt"])
    with locked(checkout / ".data" / "collectstatic.lock"):
        if not stamp.fresh():
            call_command("collectstatic", interactive=False, verbosity=0)
            stamp.write()


if __name__ == "__main__":
    main()
