"""The command line of the local stack.

python -m local run                start everything until Ctrl-C
python -m local manage shell ...   manage.py against the stack that runs
python -m local offline check ...  manage.py with settings like production's, without any server
python -m local offline -m mypy    the same for another program
python -m local clean              remove what lies outside of the checkout
python -m local schema FILE        write the OpenAPI description
python -m local nginx-files FOLDER write the headers and words that nginx has from Django
"""

import json
import os
import sys

from local import offline, run


def main() -> int:
    """Returns the exit code."""
    match sys.argv[1:]:
        case ["run"]:
            return run.main()
        case ["manage", *words]:
            manage(words)
        case ["offline", "-m", *words]:
            return offline.python("-m", *words)
        case ["offline", *words]:
            return offline.manage(*words)
        case ["clean"]:
            return run.clean()
        case ["schema", path]:
            return offline.write_schema(path)
        case ["nginx-files", path]:
            return offline.python("-m", "local.nginx_files", path)
    print(__doc__, file=sys.stderr)
    return 2


def manage(words: list[str]) -> None:
    """Becomes manage.py. Without a stack that runs it says so, and ends."""
    path = run.FOLDER / "environment.json"
    if not path.exists():
        sys.exit("Nothing runs here yet: `make run` first, then this in a second terminal.")
    os.environ.update(json.loads(path.read_text()))
    os.execv(sys.executable, [sys.executable, "manage.py", *words])


if __name__ == "__main__":
    sys.exit(main())
