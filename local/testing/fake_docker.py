#!/usr/bin/env python3
"""Stands in for `docker` where there is no engine, to see in which order deploy.sh asks for what, and when it takes a
version back. It proves nothing of Swarm itself. `stack config` goes to the real client, which needs no engine.

State is a JSON file that FAKE_DOCKER names: "release" is what runs, "was" what ran before, "job" how each job ends,
"alone" the stack that was deployed from standard input, "fails" the first words of commands that fail,
"swarm_takes_back" whether Swarm refuses the next version itself.
"""

import itertools
import json
import os
import subprocess
import sys
from pathlib import Path

FILE = Path(os.environ["FAKE_DOCKER"])


def main(words: list[str]) -> int:
    state = json.loads(FILE.read_text())
    asked = " ".join(words)
    if words[:2] == ["stack", "config"]:
        return subprocess.run([state["docker"], *words]).returncode
    if not asked.startswith(("node ls", "secret inspect", "service inspect", "service ls", "service ps")):
        state["asked"].append(told(words))
    status = next((1 for begin in state["fails"] if asked.startswith(begin)), 0) or act(words, state)
    FILE.write_text(json.dumps(state))
    return status


def told(words: list[str]) -> str:
    """Without options, but for what a job is asked to do and what is built."""
    if words[:2] == ["stack", "deploy"] and "-" in words:
        return "stack deploy job"
    kept = [after for word, after in itertools.pairwise(words) if word in {"--target", "--args"}]
    verbs = words[:2] if words[0] in {"stack", "service"} else words[:1]
    return " ".join([*verbs, *kept, *([] if words[0] == "build" else words[-1:])])


def act(words: list[str], state: dict) -> int:
    match words[:2]:
        case ["stack", "deploy"] if "-" in words:
            state["alone"] = sys.stdin.read()
        case ["stack", "deploy"]:
            return roll(state)
        case ["service", "inspect"]:
            if state["release"] is None:
                return 1
            wanted = 0 if state["release"] == "none yet" else 2
            print(wanted if "Replicas" in " ".join(words) else json.dumps({"release": state["release"]}))
        case ["service", "ls"]:
            print("2/2\n1/1 (max 1 per node)\n0/0")
        case ["service", "ps"]:
            name = words[-1].removeprefix("peepopay_")
            print(job(words, state) if name == "job" else image(name, state["release"]))
        case ["service", "update"]:
            state["job_runs"] = words[words.index("--args") + 1]
            state["job_number"] += 1
        case ["service", "rollback"]:
            state["rolled_back"] += 1
            if state["rolled_back"] == 6:  # all that is ours
                state["release"] = state["was"]
    return 0


def roll(state: dict) -> int:
    if os.environ.get("WEB_REPLICAS") == "0":
        state["release"] = "none yet"
    elif state["swarm_takes_back"]:
        return 1
    else:
        state["was"], state["release"] = state["release"], os.environ["RELEASE"]
    return 0


def job(words: list[str], state: dict) -> str:
    if "--quiet" in words:
        return f"task{state['job_number']}"
    return f"task{state['job_number']} {state['job'][state['job_runs']]} 2 seconds ago"


def image(name: str, release: str) -> str:
    return f"{os.environ['IMAGE']}{'-widget' if name == 'widget' else ''}:{release}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
