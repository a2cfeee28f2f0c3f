"""A challenge as Turnstile and hCaptcha have it, on this machine: a script that shows a button, and a server that
judges each answer once.

    with Challenge() as challenge: ...  # settings.CHALLENGE_VERIFY_URL = challenge.verify_url
"""

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import TracebackType
from urllib.parse import parse_qs

from local.ports import LOOPBACK

SECRET, SITE_KEY = "challenge-secret", "challenge-site"
SOLVED = "solved-"  # how an answer begins that is right
SCRIPT = f"""window.turnstile = {{
  render(box) {{
    const answer = Object.assign(document.createElement("input"), {{ type: "hidden", name: "cf-turnstile-response" }});
    const button = Object.assign(document.createElement("button"), {{ type: "button", textContent: "I am a person" }});
    button.onclick = () => {{
      answer.value = "{SOLVED}" + Math.random();
      button.textContent = "Thank you";
    }};
    box.append(answer, button);
  }},
}};
"""


class Challenge:
    """`asked`: the answers that it was asked to judge. `down`: it answers as a server that is out of order."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.down = False
        challenge = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.say(200, "text/javascript", SCRIPT)

            def do_POST(self) -> None:
                sent = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
                if challenge.down:
                    return self.say(503, "text/html", "<h1>Out of order</h1>")
                return self.say(200, "application/json", json.dumps(challenge.judged(sent)))

            def say(self, status: int, kind: str, text: str) -> None:
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(text.encode())))
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, format: str, *args: object) -> None:
                """An answer is not worth a line."""

        self.server = ThreadingHTTPServer((LOOPBACK, 0), Handler)
        self.url = f"http://{LOOPBACK}:{self.server.server_port}"
        self.script_url, self.verify_url = f"{self.url}/api.js", f"{self.url}/siteverify"

    def judged(self, sent: dict[str, list[str]]) -> dict[str, object]:
        if sent["secret"] != [SECRET]:
            return {"success": False, "error-codes": ["invalid-input-secret"]}
        [answer] = sent["response"]
        used = answer in self.asked
        self.asked.append(answer)
        if used:
            return {"success": False, "error-codes": ["timeout-or-duplicate"]}
        if not answer.startswith(SOLVED):
            return {"success": False, "error-codes": ["invalid-input-response"]}
        return {"success": True, "error-codes": []}

    def __enter__(self) -> "Challenge":
        Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: object, trace: TracebackType | None
    ) -> None:
        self.server.shutdown()
        self.server.server_close()
