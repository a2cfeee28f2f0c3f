"""How to sign in to the demo data; `make run` prints it."""

PASSWORD = "demo-password"  # noqa: S105
ADMIN_KEY = "PEEPOPAYDEMOADMINKEYPEEPOPAYDEMO"  # of the admin's authenticator app; /sent shows its code
