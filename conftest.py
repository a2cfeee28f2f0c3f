pytest_plugins = ["payments.tests.stripe_world", "peepopay.testing", "notifications.testing"]
