"""What stands before web in production: Traefik, two web servers behind it, and nginx with the widget beside them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.request import Request, urlopen

from local import certificates, nginx, traefik
from local.ports import LOOPBACK, free_port
from local.processes import Process


def why_missing() -> str | None:
    """None if all of it can be started here, else a sentence."""
    return nginx.why_missing()


@dataclass
class Proxy:
    """Everybody comes in by `url`. Of what is `given` (an environment), Traefik gets its limits and who may see the
    admin."""

    folder: Path
    given: Mapping[str, str] = field(default_factory=dict)
    second_port: int = field(default_factory=free_port)  # of the other web server

    def __post_init__(self) -> None:
        self.certificate = certificates.make(self.folder / "certificate")
        settings = {
            name: value
            for name, value in self.given.items()
            if name == "RATE_LIMITS" or name.startswith("PROXY_")
        }
        self.traefik = traefik.Traefik(self.folder / "traefik", self.certificate, settings)
        self.nginx = nginx.Nginx(self.folder / "nginx")

    @property
    def url(self) -> str:
        return self.traefik.url

    def environment(self) -> dict[str, str]:
        """What web must know of it."""
        return {
            "SITE_URL": self.url,
            "ALLAUTH_TRUSTED_PROXY_COUNT": "1",
            "PROXY_DROPS_UNDERSCORES": "true",
            "WEB_CONCURRENCY": "1",
        }

    def processes(self, web_port: int) -> dict[str, Process]:
        """To start once web answers at `web_port`: nginx says what web says there."""
        found = {
            name: headers_at(web_port, path) for name, path in (("page", "/book/-"), ("file", "/embed.js"))
        }
        return {
            "nginx": self.nginx.process(found),
            "traefik": self.traefik.process(servers=self.servers(web_port), widget=self.nginx.url),
        }

    def servers(self, web_port: int) -> list[str]:
        return [f"http://{LOOPBACK}:{port}" for port in (web_port, self.second_port)]


def headers_at(port: int, path: str) -> dict[str, str]:
    """Of web's own answer to a request that came over https."""
    headers = {"Host": "localhost", "X-Forwarded-Proto": "https"}
    with urlopen(Request(f"http://{LOOPBACK}:{port}{path}", headers=headers), timeout=10) as answer:
        return dict(answer.headers)
