pytest_plugins = ["peepopay.testing", "notifications.testing", "payments.tests.stripe_world"]
