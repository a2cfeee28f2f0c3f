"""The threads of a web process, and what is measured by them."""

import runpy

from django.conf import settings


def test_each_thread_has_a_connection_and_some_are_never_with_stripe() -> None:
    gunicorn = runpy.run_path(str(settings.BASE_DIR / "deploy" / "gunicorn.conf.py"))
    assert gunicorn["threads"] == settings.WEB_THREADS == 16
    assert settings.DATABASES["default"]["OPTIONS"]["pool"]["max_size"] == settings.WEB_THREADS
