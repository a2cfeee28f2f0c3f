"""A stand-in for the Docker API of a Swarm manager, as far as Traefik asks it: one service, and its tasks."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from local.ports import LOOPBACK

NETWORK = {"ID": "edge", "Name": "peepopay_edge", "Driver": "overlay", "Scope": "swarm"}


class Swarm:
    """Runs `peepopay_web` with these labels. `tasks`: an address for each that runs now; change it at will."""

    def __init__(self, labels: Mapping[str, str], tasks: list[str]) -> None:
        self.labels, self.tasks = dict(labels), tasks
        self.asked: list[str] = []
        handler = type("Handler", (_Handler,), {"swarm": self})
        self._server = ThreadingHTTPServer((LOOPBACK, 0), handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def endpoint(self) -> str:
        return f"tcp://{LOOPBACK}:{self._server.server_port}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, what: str) -> Any:
        match what:
            case "version":
                return {"Version": "29.0.0", "ApiVersion": "1.52", "MinAPIVersion": "1.44"}
            case "networks":
                return [NETWORK]
            case "services":
                return [self.service()]
            case "tasks":
                return [self.task(number, address) for number, address in enumerate(self.tasks, start=1)]
        return None

    def service(self) -> dict[str, Any]:
        return {
            "ID": "web",
            "Spec": {
                "Name": "peepopay_web",
                "Labels": self.labels,
                "Mode": {"Replicated": {"Replicas": len(self.tasks)}},
                "EndpointSpec": {"Mode": "vip"},
            },
            "Endpoint": {
                "Spec": {"Mode": "vip"},
                "VirtualIPs": [{"NetworkID": NETWORK["ID"], "Addr": "10.0.1.2/24"}],
            },
        }

    def task(self, number: int, address: str) -> dict[str, Any]:
        return {
            "ID": f"task{number}",
            "ServiceID": "web",
            "Slot": number,
            "DesiredState": "running",
            "Status": {"State": "running", "ContainerStatus": {"ContainerID": f"container{number}"}},
            "NetworksAttachments": [
                {
                    "Network": {"ID": NETWORK["ID"], "Spec": {"Name": NETWORK["Name"]}},
                    "Addresses": [f"{address}/24"],
                }
            ],
        }


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    swarm: Swarm

    def do_GET(self) -> None:
        what = urlsplit(self.path).path.rstrip("/").rpartition("/")[2]
        self.swarm.asked.append(self.path)
        found = {} if what == "_ping" else self.swarm.answer(what)
        body = json.dumps(found).encode()
        self.send_response(404 if found is None else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Api-Version", "1.52")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    do_HEAD = do_GET

    def log_message(self, format: str, *args: object) -> None:
        """Not worth a line."""
