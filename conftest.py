pytest_plugins = ["local.testing.stripe_world", "local.testing.cast", "local.testing.sent"]
