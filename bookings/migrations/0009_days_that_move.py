import uuid

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_policies_and_law"),
        ("availability", "0001_initial"),
        ("bookings", "0008_to_come"),
    ]

    operations = [
        migrations.AddField(
            model_name="booking",
            name="asked_to_move_at",
            field=models.DateTimeField(
                blank=True, help_text="When its business said that it can't make the time it has.", null=True
            ),
        ),
        migrations.AddField(
            model_name="booking",
            name="holds_for",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                help_text="This is no job: it keeps a time for that one, whose business can't make the time it has.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="held_times",
                to="bookings.booking",
            ),
        ),
        migrations.AddField(
            model_name="booking",
            name="late_minutes",
            field=models.PositiveSmallIntegerField(
                db_default=0, default=0, help_text="By how much its business said it is running late."
            ),
        ),
        migrations.AddField(
            model_name="booking",
            name="rebooks",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                help_text="The one that its business called off, in whose place it was booked.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="rebookings",
                to="bookings.booking",
            ),
        ),
        migrations.CreateModel(
            name="DayMove",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "tradie",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="day_moves",
                        to="accounts.tradie",
                    ),
                ),
                (
                    "calendar",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="day_moves",
                        to="availability.calendar",
                    ),
                ),
                (
                    "time_off",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="availability.timeoff",
                    ),
                ),
                ("day", models.DateField()),
                ("reason", models.CharField(blank=True, help_text="Its customers read it.", max_length=200)),
                ("answer_by", models.DateTimeField()),
                ("created_at", models.DateTimeField()),
                (
                    "lapsed_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="When those who hadn't answered were put on the list of calls.",
                        null=True,
                    ),
                ),
                (
                    "reopened_at",
                    models.DateTimeField(
                        blank=True, help_text="When the business could make it after all.", null=True
                    ),
                ),
            ],
            options={
                "ordering": ["-day", "-created_at"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("lapsed_at__isnull", True), ("reopened_at__isnull", True)),
                        fields=["answer_by"],
                        name="day_move_to_lapse",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("reopened_at__isnull", True)),
                        fields=("calendar", "day"),
                        name="day_move_one_at_a_time",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="DayMoveJob",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "move",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="jobs",
                        to="bookings.daymove",
                    ),
                ),
                (
                    "booking",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="day_move_jobs",
                        to="bookings.booking",
                    ),
                ),
                ("starts_at", models.DateTimeField(help_text="The start that can't be made.")),
                (
                    "answer",
                    models.CharField(
                        choices=[
                            ("waiting", "Hasn't answered yet"),
                            ("silent", "Didn't answer: please call"),
                            ("took", "Took a time that was held"),
                            ("chose", "Chose another time"),
                            ("moved", "Moved by you"),
                            ("handed_over", "Somebody else does it"),
                            ("cancelled", "Cancelled"),
                            ("kept", "Stays as it was"),
                        ],
                        default="waiting",
                        max_length=12,
                    ),
                ),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["starts_at", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("answer__in", ("waiting", "silent"))),
                        fields=("booking",),
                        name="day_move_job_asked_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "answer__in",
                                [
                                    "waiting",
                                    "silent",
                                    "took",
                                    "chose",
                                    "moved",
                                    "handed_over",
                                    "cancelled",
                                    "kept",
                                ],
                            )
                        ),
                        name="day_move_job_answer_known",
                    ),
                ],
            },
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
                    ("paid", "Deposit paid"),
                    ("balance_paid", "Balance paid"),
                    ("fee_paid", "No-show fee paid"),
                    ("moved", "Moved"),
                    ("handed_over", "Handed over"),
                    ("expired", "Hold lapsed"),
                    ("paid_late", "Paid after the hold lapsed"),
                    ("lost", "Paid too late, time gone"),
                    ("cancelled", "Cancelled"),
                    ("declined", "Declined"),
                    ("completed", "Marked done"),
                    ("no_show", "Marked as a no-show"),
                    ("refund_requested", "Refund requested"),
                    ("refunded", "Refund sent"),
                    ("refund_failed", "Refund failed"),
                    ("disputed", "Disputed with the bank"),
                    ("dispute_closed", "Dispute closed"),
                    ("noted", "Note changed"),
                    ("acknowledged", "Confirmed by its customer"),
                    ("call_wanted", "Asked to be called"),
                    ("called", "Called"),
                    ("running_late", "Told that you're running late"),
                    ("on_time", "Told that you're on time again"),
                    ("asked_to_move", "Asked to choose another time"),
                    ("kept", "Told that its time stays"),
                    ("link_renewed", "New link asked for"),
                ],
                max_length=20,
            ),
        ),
    ]
