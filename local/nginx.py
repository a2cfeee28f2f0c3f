"""nginx from Debian's package, with the configuration of deploy/nginx: as nobody in particular, in its own folder."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from local import nginx_files
from local.paths import CHECKOUT
from local.ports import LOOPBACK, answers, free_port
from local.postgres import server_user
from local.processes import Process

BROTLI = Path("/usr/lib/nginx/modules/ngx_http_brotli_static_module.so")
AT_HOME, AWAY = "site.conf", "site.cdn.conf"


def program() -> str | None:
    """Debian keeps it in /usr/sbin, which is not on everybody's PATH."""
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")


def why_missing() -> str | None:
    """None if one can be started here, else a sentence."""
    if not program() or not BROTLI.exists():
        return "nginx is not installed: apt-get install nginx-light libnginx-mod-http-brotli-static"
    return None


@dataclass
class Nginx:
    """Serves the widget at `port`. `site` is the file that says where it stands, `api` what to write into it there."""

    folder: Path
    site: str = AT_HOME
    api: str = ""
    port: int = field(default_factory=free_port)

    def process(self, headers: Mapping[str, Mapping[str, str]] | None = None) -> Process:
        """Not started yet. `headers`: what Django answers with here, where that differs from production, by the name
        of the file that holds it (`page`, `file`)."""
        site, settings = self.folder / "site", self.folder / "settings"
        # Copied, because the checkout may lie in a home that nobody else can enter.
        shutil.copytree(CHECKOUT / "widget" / "dist", site)
        shutil.copytree(nginx_files.FOLDER / "problems", site / "problems")
        shutil.copytree(nginx_files.FOLDER, settings, ignore=shutil.ignore_patterns("problems"))
        for name, found in (headers or {}).items():
            (settings / "headers" / f"{name}.conf").write_text(nginx_files.include_of(found))
        (settings / "site.conf").write_text(self.site_settings(site))
        return Process(
            name="nginx",
            argv=[str(program()), "-p", str(self.prefix()), "-c", str(settings / "nginx.conf")],
            log=self.folder / "nginx.log",
            ready=lambda: answers(self.port),
            user=server_user(),
            cwd=self.folder,
        )

    def site_settings(self, site: Path) -> str:
        text = (nginx_files.FOLDER / self.site).read_text()
        text = text.replace("listen 8080;", f"listen {LOOPBACK}:{self.port};")
        text = text.replace("/srv/widget", str(site))
        return text.replace("https://book.example.com.au", self.api)

    def prefix(self) -> Path:
        """The one folder that it may write to."""
        folder = self.folder / "run"
        folder.mkdir(parents=True)
        user = server_user()
        if user:
            shutil.chown(folder, user)
        return folder

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"
