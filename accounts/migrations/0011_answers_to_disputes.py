from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0010_xero_codes_in_the_audit"),
    ]

    operations = [
        migrations.AlterField(
            model_name="auditentry",
            name="kind",
            field=models.CharField(
                choices=[
                    ("signed_in", "Signed in with a new browser"),
                    ("invited", "Invited somebody"),
                    ("invitation_withdrawn", "Withdrew an invitation"),
                    ("joined", "Joined the business"),
                    ("role_changed", "Changed a role"),
                    ("left", "Left, or was removed"),
                    ("key_made", "Made an API key"),
                    ("key_revoked", "Revoked an API key"),
                    ("webhook_added", "Added a webhook"),
                    ("webhook_changed", "Changed a webhook"),
                    ("webhook_removed", "Removed a webhook"),
                    ("webhook_secret", "Made a new signing secret"),
                    ("webhook_on", "Switched a webhook on"),
                    ("webhook_off", "Switched a webhook off"),
                    ("business_changed", "Changed business details"),
                    ("service_added", "Added a service"),
                    ("service_changed", "Changed a service"),
                    ("service_offered", "Offered a service again"),
                    ("service_withdrawn", "Took a service off"),
                    ("deposit_cap_overridden", "Took a deposit above the legal cap"),
                    ("crew_changed", "Changed who does the jobs"),
                    ("hours_changed", "Changed working hours"),
                    ("time_off_changed", "Changed time off"),
                    ("rules_changed", "Changed booking rules"),
                    ("day_moved", "Called a day off, with other times for its customers"),
                    ("day_reopened", "Opened a day again"),
                    ("booking_cancelled", "Cancelled a booking"),
                    ("refund_requested", "Asked for a refund"),
                    ("no_show_fee", "Charged a no-show fee"),
                    ("no_show_undone", "Took back a no-show"),
                    ("quote_sent", "Sent a quote"),
                    ("quote_changed", "Changed a quote"),
                    ("quote_withdrawn", "Withdrew a quote"),
                    ("invoiced", "Issued an invoice"),
                    ("credited", "Issued a credit note"),
                    ("payment_recorded", "Wrote a payment down"),
                    ("payment_undone", "Undid a payment written down"),
                    ("pay_to_changed", "Changed the bank details on invoices"),
                    ("xero_codes_changed", "Changed account codes for Xero"),
                    ("dispute_answered", "Answered a dispute"),
                    ("details_erased", "Erased customers' details"),
                ],
                max_length=24,
            ),
        ),
    ]
