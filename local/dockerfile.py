"""Runs the RUN and COPY lines of a Dockerfile without Docker: each stage in a folder of its own that stands for `/`.

For a machine without an engine, so that the file itself is proven and not a second list of its steps. What it can't do
is to get the base images, for which this machine's Python, Node and Debian stand in, and to install with apt: those
packages must be there already, and `Image.not_run` lists the lines. A RUN line must name no absolute path, since there
is no real `/`; paths in ENV, WORKDIR and COPY are moved into the folder.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from local.dockerignore import Ignored
from local.lent_python import lend_python, link_or_copy

Line = tuple[str, str]  # ("RUN", "npm ci")


class CannotRun(Exception):
    """A line that is not understood, or that failed; with its text."""


@dataclass
class Image:
    """What a stage has become. `files` stands for `/`."""

    files: Path
    environment: dict[str, str] = field(default_factory=dict)
    folder: str = "/"
    user: str = ""
    entrypoint: list[str] = field(default_factory=list)
    command: list[str] = field(default_factory=list)
    health: list[str] = field(default_factory=list)
    not_run: list[str] = field(default_factory=list)

    def at(self, path: str) -> Path:
        """Where a path of the image lies here; relative ones begin in WORKDIR."""
        return self.files / str(Path(self.folder, path)).lstrip("/")

    def moved(self, value: str) -> str:
        """A value of ENV, with each absolute path in it where it lies here."""
        parts = value.split(":")
        return ":".join(str(self.at(part)) if part.startswith("/") else part for part in parts)


def build(dockerfile: Path, context: Path, folder: Path, *targets: str) -> list[Image]:
    """Build `targets` and the stages that they need, side by side as Docker does. Raises CannotRun."""
    stages = dict(read(dockerfile.read_text()))
    with ThreadPoolExecutor() as threads:
        begun: dict[str, Future[Image]] = {}

        def begin(name: str) -> Future[Image]:
            if name not in begun:
                others = {other: begin(other) for other in needed_by(stages[name])}
                begun[name] = threads.submit(build_stage, stages[name], context, folder / name, others)
            return begun[name]

        return [image.result() for image in [begin(target) for target in targets]]


def read(text: str) -> Iterator[tuple[str, list[Line]]]:
    """Stages by name, each with its lines."""
    text = re.sub(r"^\s*#.*\n", "", text, flags=re.MULTILINE)
    lines = [line for line in re.sub(r"\\\n\s*", " ", text).splitlines() if line.strip()]
    for block in re.split(r"\n(?=FROM )", "\n".join(lines)):
        first, *rest = block.splitlines()
        named = re.fullmatch(r"FROM \S+ AS (\S+)", first)
        if named is None:
            raise CannotRun(first)
        yield named[1], [(line.partition(" ")[0], line.partition(" ")[2]) for line in rest]


def needed_by(lines: list[Line]) -> list[str]:
    return [name for instruction, words in lines for name in re.findall(r"--from=(\S+)", words)]


def build_stage(lines: list[Line], context: Path, files: Path, others: dict[str, Future[Image]]) -> Image:
    image = Image(files, lend_python(files))
    builder = Builder(image, context, {name: other.result() for name, other in others.items()})
    for instruction, words in lines:
        act = getattr(builder, instruction.lower(), None)
        if act is None:
            raise CannotRun(f"{instruction} {words}")
        act(words)
    image.not_run = [*(line for other in builder.others.values() for line in other.not_run), *image.not_run]
    return image


@dataclass
class Builder:
    """A method for each instruction, given the words after it."""

    image: Image
    context: Path
    others: dict[str, Image]

    def env(self, words: str) -> None:
        for name, value in re.findall(r"(\w+)=(\S*)", words):
            # First its own paths, then what it takes from before, which has been moved already.
            self.image.environment[name] = re.sub(
                r"\$\{?(\w+)\}?",
                lambda found: self.image.environment.get(found[1], ""),
                self.image.moved(value),
            )

    def arg(self, words: str) -> None:
        """Its default."""
        name, _, value = words.partition("=")
        self.image.environment.setdefault(name, value)

    def workdir(self, words: str) -> None:
        self.image.folder = str(Path(self.image.folder, words))
        self.image.at("").mkdir(parents=True, exist_ok=True)

    def copy(self, words: str) -> None:
        flags = dict(re.findall(r"--(\w+)=(\S+)", words))
        *sources, target = [word for word in words.split() if not word.startswith("--")]
        if set(flags) - {"from"}:
            raise CannotRun(f"COPY {words}")
        destination, into = self.image.at(target), target.endswith("/")
        for source in sources:
            if "from" in flags:
                copy(self.others[flags["from"]].at(source), destination, into=into)
            else:
                copy(self.context / source, destination, into=into, ignored=Ignored(self.context))

    def run(self, words: str) -> None:
        command = re.sub(r"^(--mount=type=cache,\S+ +)+", "", words)
        if command.startswith("apt-get update"):
            self.expect_installed(command)
        elif re.search(r"(^|[\s\"'=])/\w", command):
            raise CannotRun(f"RUN {command}: there is no / here")
        else:
            self.shell(command)

    def expect_installed(self, command: str) -> None:
        """Installing needs root and changes the machine: what is to be installed must be there."""
        install = re.search(r"apt-get install ((?:--\S+ )*)([^&]+)", command)
        packages = install[2].split() if install else []
        ask = ["dpkg-query", "--show", "--showformat", "${Status}\n", *packages]
        states = subprocess.run(ask, capture_output=True, text=True).stdout.splitlines()
        if states != ["install ok installed"] * len(packages):
            raise CannotRun(f"Not all of these are installed: {' '.join(packages)}")
        self.image.not_run.append(f"RUN {command}")

    def shell(self, command: str) -> None:
        # With the machine's own settings for its network (proxies, certificates), as Docker's builder has them.
        done = subprocess.run(
            ["/bin/sh", "-e", "-c", command],
            cwd=self.image.at(""),
            env=os.environ | self.image.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        if done.returncode:
            raise CannotRun(f"RUN {command}\n{done.stdout[-4000:]}")

    def user(self, words: str) -> None:
        self.image.user = words

    def entrypoint(self, words: str) -> None:
        self.image.entrypoint = json.loads(words)

    def cmd(self, words: str) -> None:
        self.image.command = json.loads(words)

    def healthcheck(self, words: str) -> None:
        self.image.health = json.loads(words.partition("CMD ")[2])

    def expose(self, words: str) -> None:
        pass


def copy(source: Path, destination: Path, *, into: bool, ignored: Ignored | None = None) -> None:
    """As COPY does: a folder's contents, or a file by its name or into a folder. Raises CannotRun."""
    if ignored and ignored.is_out(source):
        raise CannotRun(f"COPY {source}: .dockerignore keeps it out")
    if source.is_dir():
        # The checkout's files stay its own; those of another stage are ours and may be the same.
        skip, how = (ignored.inside, shutil.copy2) if ignored else (None, link_or_copy)
        shutil.copytree(
            source, destination, symlinks=True, ignore=skip, dirs_exist_ok=True, copy_function=how
        )
    elif source.is_file():
        target = destination / source.name if into or destination.is_dir() else destination
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, target)
    else:
        raise CannotRun(f"COPY {source}: there is no such file")
