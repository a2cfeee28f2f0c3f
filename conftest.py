pytest_plugins = ["peepopay.testing", "payments.tests.stripe_world"]
