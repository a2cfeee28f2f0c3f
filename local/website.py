"""A tradie's own website, on another origin than ours: the pages of `example_site/` with our address in them.

python -m local.website --port 8002 --site-url http://localhost:8000
"""

import argparse
import mimetypes
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from local.ports import LOOPBACK

PAGES = Path(__file__).parent / "example_site"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    site_url = ""

    def do_GET(self) -> None:
        name = self.path.split("?")[0].strip("/") or "index.html"
        # Only names that are in the folder: a path can't lead out of it.
        page = {entry.name: entry for entry in PAGES.iterdir() if entry.is_file()}.get(name)
        body = page.read_bytes() if page else b"Not found"
        if page and page.suffix == ".html":
            body = body.replace(b"{{ site_url }}", self.site_url.encode())
        self.send_response(200 if page else 404)
        self.send_header("Content-Type", mimetypes.guess_type(name)[0] or "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """A page view is not worth a line."""


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--port", type=int, required=True)
    options.add_argument("--site-url", required=True)
    chosen = options.parse_args()
    Handler.site_url = chosen.site_url
    ThreadingHTTPServer((LOOPBACK, chosen.port), Handler).serve_forever()


if __name__ == "__main__":
    main()
