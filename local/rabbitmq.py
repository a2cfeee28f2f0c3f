"""A private RabbitMQ node from Debian's package: own ports, own name, own folder, loopback only."""

import os
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from local.ports import LOOPBACK, answers, free_port
from local.processes import Process, stop_all

# Debian's wrapper in /usr/sbin insists on the system's user and folders; this is what it wraps.
SERVER = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")


def why_missing() -> str | None:
    """None if a node can be started here, else a sentence."""
    if not SERVER.exists():
        return "RabbitMQ is not installed: apt-get install rabbitmq-server"
    if shutil.which("epmd") is None:
        return "Erlang's epmd is not on the PATH: apt-get install erlang-base"
    return None


@dataclass
class RabbitMQ:
    """A node and the epmd (Erlang's port mapper) that it needs. Its queues outlive `stop` and `kill`."""

    folder: Path
    port: int = field(default_factory=free_port)
    epmd_port: int = field(default_factory=free_port)
    distribution_port: int = field(default_factory=free_port)
    home: Path | None = None  # where the cookie lies that lets nodes talk to each other; shared in a cluster
    more_settings: str = ""  # lines for rabbitmq.conf

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "rabbitmq.conf").write_text(
            f"listeners.tcp.1 = {LOOPBACK}:{self.port}\n{self.more_settings}"
        )
        (self.folder / "plugins").write_text("[].\n")
        self.epmd = Process(
            name="epmd",
            argv=["epmd", "-address", LOOPBACK, "-port", str(self.epmd_port)],
            log=self.folder / "epmd.log",
            ready=lambda: answers(self.epmd_port),
        )
        self.node = Process(
            name="RabbitMQ",
            argv=[str(SERVER)],
            env=os.environ | self.environment(),
            log=self.folder / "rabbitmq.log",
            ready_text="Server startup complete",
            ready_seconds=60,
            stop_seconds=30,
        )

    def environment(self) -> dict[str, str]:
        return {
            "HOME": str(self.home or self.folder),
            "ERL_EPMD_PORT": str(self.epmd_port),
            "RABBITMQ_NODENAME": self.name,
            "RABBITMQ_DIST_PORT": str(self.distribution_port),
            "RABBITMQ_MNESIA_BASE": str(self.folder / "mnesia"),
            "RABBITMQ_CONFIG_FILE": str(self.folder / "rabbitmq.conf"),
            "RABBITMQ_CONF_ENV_FILE": "/dev/null",
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.folder / "plugins"),
            "RABBITMQ_LOGS": "-",
            # Erlang's threads spin while idle by default, which takes the cores from what is being tested.
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": (
                "+sbwt none +sbwtdcpu none +sbwtdio none -kernel inet_dist_use_interface {127,0,0,1}"
            ),
            # Makes the script exec Erlang, so that our signals reach the server itself.
            "RUNNING_UNDER_SYSTEMD": "true",
        }

    @property
    def name(self) -> str:
        return f"peepopay-{self.port}@localhost"

    @property
    def url(self) -> str:
        return f"amqp://guest:guest@{LOOPBACK}:{self.port}//"

    def start(self) -> "RabbitMQ":
        """Raises StartFailed."""
        if not self.epmd.alive:
            self.epmd.start()
        self.node.start()
        return self

    def evaluate(self, erlang: str) -> str:
        """Runs an expression in the node. Raises CalledProcessError."""
        words = [str(SERVER.with_name("rabbitmqctl")), "--node", self.name, "eval", erlang]
        environment = os.environ | self.environment()
        return subprocess.run(words, env=environment, check=True, capture_output=True, text=True).stdout

    def stop(self) -> None:
        self.node.stop()

    def kill(self) -> None:
        self.node.kill()

    def restart(self) -> None:
        self.node.restart()

    def freeze(self) -> None:
        self.node.freeze()

    def thaw(self) -> None:
        self.node.thaw()

    def close(self) -> None:
        """Stops the node and its epmd."""
        self.node.stop()
        self.epmd.stop()


class Cluster:
    """Several nodes with one epmd and one cookie. Queues live on all of them; whoever is cut off from most of the
    others pauses, so that no two halves go on by themselves."""

    def __init__(self, folder: Path, size: int) -> None:
        ports = [free_port() for _ in range(size)]
        epmd_port = free_port()
        settings = "cluster_partition_handling = pause_minority\n"
        settings += "cluster_formation.peer_discovery_backend = classic_config\n"
        for number, port in enumerate(ports, start=1):
            settings += f"cluster_formation.classic_config.nodes.{number} = peepopay-{port}@localhost\n"
        self.nodes = [
            RabbitMQ(folder / str(port), port=port, epmd_port=epmd_port, home=folder, more_settings=settings)
            for port in ports
        ]
        for node in self.nodes:
            node.epmd = self.nodes[0].epmd

    @property
    def url(self) -> str:
        """Of all of them: whoever loses one goes on to the next."""
        return ";".join(node.url for node in self.nodes)

    def start(self) -> "Cluster":
        """Raises StartFailed."""
        for node in self.nodes:
            node.start()
        return self

    def freeze(self) -> None:
        for node in self.nodes:
            node.freeze()

    def thaw(self) -> None:
        for node in self.nodes:
            node.thaw()

    def cut_off(self, node: RabbitMQ) -> None:
        """A partition: `node` and the others refuse each other, while clients still reach all of them."""
        for other in self.nodes:
            if other is not node:
                node.evaluate(
                    f"erlang:set_cookie('{other.name}', wrong), erlang:disconnect_node('{other.name}')."
                )

    def join_again(self, node: RabbitMQ) -> None:
        for other in self.nodes:
            if other is not node:
                node.evaluate(f"erlang:set_cookie('{other.name}', erlang:get_cookie()).")

    def close(self) -> None:
        stop_all([node.node for node in self.nodes])
        self.nodes[0].epmd.stop()
