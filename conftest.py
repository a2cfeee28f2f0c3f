from hypothesis import settings

pytest_plugins = [
    "local.testing.stripe_world",
    "local.testing.cast",
    "local.testing.waiting",
    "local.testing.sent",
    "local.testing.receiver",
    "local.testing.dav_servers",
    "local.testing.left_rows",
    "local.testing.elsewhere",
]

# The same examples in every run, and a failure prints a line that plays it again. `--hypothesis-profile explore` looks
# for new ones, for hours if need be; what it finds becomes a test of its own.
settings.register_profile("fixed", derandomize=True, print_blob=True, deadline=None, database=None)
settings.register_profile("explore", max_examples=2_000, print_blob=True, deadline=None, database=None)
settings.load_profile("fixed")
