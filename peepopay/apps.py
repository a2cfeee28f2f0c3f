from django.apps import AppConfig


class PeepoPayConfig(AppConfig):
    name = "peepopay"

    def ready(self) -> None:
        from . import checks, measured_queries, message_checks  # noqa: F401  (registers the system checks)

        measured_queries.install()
