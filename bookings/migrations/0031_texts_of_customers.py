from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("bookings", "0030_customers_brought_in"),
    ]

    operations = [
        migrations.AddField(
            model_name="booking",
            name="said_yes_to",
            field=models.DateTimeField(
                blank=True, help_text="The start that its customer texted they'll be there for.", null=True
            ),
        ),
        migrations.AlterField(
            model_name="bookingevent",
            name="kind",
            field=models.CharField(
                choices=[
                    ("held", "Time held"),
                    ("requested", "Booking requested"),
                    ("approved", "Approved"),
                    ("confirmed", "Confirmed"),
                    ("overridden", "Booked against your own rules"),
                    ("paid", "Deposit paid"),
                    ("invoiced", "Invoice issued"),
                    ("credited", "Credit note issued"),
                    ("balance_paid", "Balance paid"),
                    ("received", "Payment written down"),
                    ("receipt_undone", "Written-down payment undone"),
                    ("fee_paid", "No-show fee paid"),
                    ("moved", "Moved"),
                    ("handed_over", "Handed over"),
                    ("expired", "Hold lapsed"),
                    ("paid_late", "Paid after the hold lapsed"),
                    ("lost", "Paid too late, time gone"),
                    ("cancelled", "Cancelled"),
                    ("declined", "Declined"),
                    ("completed", "Marked done"),
                    ("completed_undone", "Not done after all"),
                    ("no_show", "Marked as a no-show"),
                    ("no_show_undone", "No-show taken back"),
                    ("fee_asked", "No-show fee asked for"),
                    ("card_saved", "Card saved for a no-show fee"),
                    ("refund_requested", "Refund requested"),
                    ("refunded", "Refund sent"),
                    ("refund_failed", "Refund failed"),
                    ("disputed", "Disputed with the bank"),
                    ("dispute_closed", "Dispute closed"),
                    ("evidence_asked", "Answer to the dispute asked for"),
                    ("evidence_sent", "Answer sent to the bank"),
                    ("noted", "Note changed"),
                    ("acknowledged", "Confirmed by its customer"),
                    ("call_wanted", "Asked to be called"),
                    ("called", "Called"),
                    ("running_late", "Told that you're running late"),
                    ("on_my_way", "Told that you're on your way"),
                    ("on_time", "Told that you're on time again"),
                    ("asked_to_move", "Asked to choose another time"),
                    ("kept", "Told that its time stays"),
                    ("link_renewed", "New link asked for"),
                    ("sent_again", "Message sent again"),
                    ("texted", "Sent a text"),
                    ("attending", "Says they'll be there"),
                    ("customer_late", "Texted that they're late"),
                    ("text_matched", "Several bookings under this number"),
                    ("photos_added", "Photos added"),
                    ("photos_removed", "Photo removed"),
                ],
                max_length=20,
            ),
        ),
    ]
