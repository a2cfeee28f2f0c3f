"""What nginx says in the application's stead is what the application says: deploy/nginx/headers and problems."""

from __future__ import annotations

from pathlib import Path

from local import nginx_files, offline


def test_they_are_as_the_application_would_write_them_now(tmp_path: Path) -> None:
    """If this fails, run `make nginx-files` and commit what it wrote."""
    assert offline.python("-m", "local.nginx_files", str(tmp_path)) == 0
    written = {path.relative_to(tmp_path): path.read_text() for path in tmp_path.rglob("*.*")}
    committed = {path: (nginx_files.FOLDER / path).read_text() for path in written}
    assert written == committed
    folders = [nginx_files.FOLDER / "headers", nginx_files.FOLDER / "problems"]
    assert {path.relative_to(nginx_files.FOLDER) for folder in folders for path in folder.iterdir()} == set(
        written
    )
