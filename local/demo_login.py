"""The password of every account in the demo data; `make run` prints it."""

PASSWORD = "demo-password"  # noqa: S105
