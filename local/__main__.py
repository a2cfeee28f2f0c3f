"""The command line of the local stack.

python -m local run                start everything until Ctrl-C
python -m local manage shell ...   manage.py against the stack that runs
python -m local demo DAYS           a past and a future for the demo business of the stack that runs
python -m local offline check ...  manage.py with settings like production's, without any server
python -m local offline -m mypy    the same for another program
python -m local clean              remove what lies outside of the checkout
python -m local schema FILE        write the OpenAPI description
python -m local localities FILE    write the suburbs and postcodes that the product knows from aus_postcodes.json
python -m local nginx-files FOLDER write the headers and words that nginx has from Django
"""

import json
import os
import sys
from pathlib import Path

import django

from local import localities, offline, run


def main() -> int:
    """Returns the exit code."""
    match sys.argv[1:]:
        case ["run"]:
            return run.main()
        case ["manage", *words]:
            manage(words)
        case ["demo", days] if days.isdecimal():
            return demo(days)
        case ["offline", "-m", *words]:
            return offline.python("-m", *words)
        case ["offline", *words]:
            return offline.manage(*words)
        case ["clean"]:
            return run.clean()
        case ["schema", path]:
            return offline.write_schema(path)
        case ["localities", path]:
            localities.write_table(Path(path))
            return 0
        case ["nginx-files", path]:
            return offline.python("-m", "local.nginx_files", path)
    print(__doc__, file=sys.stderr)
    return 2


def demo(days: str) -> int:
    """So much of a past for the demo business that runs here."""
    use_what_runs()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "peepopay.settings")
    django.setup()
    from local.demo_history import fill

    for state, count in sorted(fill(int(days)).items()):
        print(f"{count:5} {state}")
    return 0


def manage(words: list[str]) -> None:
    """Becomes manage.py."""
    use_what_runs()
    os.execv(sys.executable, [sys.executable, "manage.py", *words])


def use_what_runs() -> None:
    """Its environment. Without a stack that runs it says so, and ends."""
    path = run.FOLDER / "environment.json"
    if not path.exists():
        sys.exit("Nothing runs here yet: `make run` first, then this in a second terminal.")
    os.environ.update(json.loads(path.read_text()))


if __name__ == "__main__":
    sys.exit(main())
