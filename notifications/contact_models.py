"""What is sent to whom at all: what a business has its customers reminded of, and what people want no more of."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from accounts.models import Membership, Tradie
from peepopay.phone_column import NOT_A_NUMBER, PhoneColumn, is_e164

# What networks take, in the GSM alphabet: https://www.twilio.com/docs/glossary/what-alphanumeric-sender-id
SENDER_NAME = r"^[A-Za-z0-9&+_-][A-Za-z0-9&+_ -]{1,9}[A-Za-z0-9&+_-]$"
WITH_A_LETTER = r"[A-Za-z]"
# Nothing that a text message can't carry, and nobody's name or password before the address.
REVIEW_URL = r"^https://[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+([/?#][A-Za-z0-9/?#@!$&()*+,;=:._%-]*)?$"
LONGEST_REVIEW_URL = 100  # with it, and the shortest name, an invitation is still one SMS


class FirstReminder(models.IntegerChoices):
    """Hours before the job; the first is the usual one."""

    DAY = 24, "A day before the job"
    TWO_DAYS = 48, "Two days before"
    THREE_DAYS = 72, "Three days before"


class LastReminder(models.IntegerChoices):
    TWO_HOURS = 2, "Two hours before the job"
    HOUR = 1, "An hour before"
    THREE_HOURS = 3, "Three hours before"
    FOUR_HOURS = 4, "Four hours before"


class MessageSettings(models.Model):
    """What a business lets us send to its customers. One without a row has what stands here: reminders are on."""

    tradie = models.OneToOneField(
        Tradie, on_delete=models.CASCADE, primary_key=True, related_name="message_settings"
    )
    reminds_day_before = models.BooleanField("the first reminder", default=True, db_default=True)
    first_reminder_hours = models.PositiveSmallIntegerField(
        "hours before the job of the first", choices=FirstReminder, default=24, db_default=24
    )
    reminds_hours_before = models.BooleanField("the last reminder", default=True, db_default=True)
    last_reminder_hours = models.PositiveSmallIntegerField(
        "hours before the job of the last", choices=LastReminder, default=2, db_default=2
    )
    review_url = models.CharField(
        "where customers are asked for a review",
        max_length=LONGEST_REVIEW_URL,
        blank=True,
        default="",
        db_default="",
    )
    takes_replies = models.BooleanField(
        "replies to texts",
        default=False,
        db_default=False,
        help_text="They land in the thread of the booking.",
    )
    # What a message says besides, by its kind and the way it goes: {"booking_moved": {"email": "...", "sms": "..."}}.
    words = models.JSONField(
        default=dict, db_default=models.Value({}, models.JSONField()), blank=True, editable=False
    )
    # Since 1 July 2026 a name that is not in the ACMA's SMS Sender ID Register shows as "Unverified".
    sender_name = models.CharField(
        max_length=11,
        blank=True,
        default="",
        db_default="",
        help_text="Customers see it instead of our number, and can't reply to it. Only as it is registered.",
    )
    sender_registration = models.CharField(
        max_length=60,
        blank=True,
        default="",
        db_default="",
        help_text="Its number in the SMS Sender ID Register, or that of the case.",
    )
    sender_registered_on = models.DateField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "message settings"
        constraints = [
            models.CheckConstraint(
                name="message_settings_first_reminder_known",
                condition=Q(first_reminder_hours__in=FirstReminder.values),
                violation_error_code="first_reminder_hours",
                violation_error_message="Choose one of these.",
            ),
            models.CheckConstraint(
                name="message_settings_last_reminder_known",
                condition=Q(last_reminder_hours__in=LastReminder.values),
                violation_error_code="last_reminder_hours",
                violation_error_message="Choose one of these.",
            ),
            models.CheckConstraint(
                name="message_settings_review_url_is_https",
                condition=Q(review_url="") | Q(review_url__regex=REVIEW_URL),
                violation_error_code="review_url",
                violation_error_message="The whole address of the page, such as https://g.page/r/your-page/review.",
            ),
            models.CheckConstraint(
                name="message_settings_sender_name_is_one",
                condition=Q(sender_name="")
                | Q(sender_name__regex=SENDER_NAME) & Q(sender_name__regex=WITH_A_LETTER),
                violation_error_code="sender_name",
                violation_error_message="3 to 11 letters, digits, spaces or & + - _, with at least one letter.",
            ),
            models.CheckConstraint(
                name="message_settings_sender_name_is_registered",
                condition=Q(sender_name="")
                | ~Q(sender_registration="") & Q(sender_registered_on__isnull=False),
                violation_error_code="sender_registration",
                violation_error_message="Only a registered name may be used: give its number, and since when.",
            ),
        ]

    def __str__(self) -> str:
        return f"messages of {self.tradie_id}"


class StoppedBy(models.TextChoices):
    REPLY = "reply", "They replied STOP"
    PROVIDER = "provider", "Their network or our SMS provider has it so"
    LINK = "link", "They pressed the button behind a link of ours"


class OptOut(models.Model):
    """What somebody wants no more of. Kept for good, with the very address: forgotten or hashed, it would be broken one
    day. `started_at`: they want it again.

    Without a `tradie` it is every SMS of ours, since STOP is said to our number, not to a business. With one it is that
    business's reminders. `address` is a number, or a mailbox (`budgets.mailbox`).
    """

    id = models.BigAutoField(primary_key=True)
    tradie = models.ForeignKey(
        Tradie, on_delete=models.PROTECT, null=True, blank=True, related_name="opt_outs", db_index=False
    )
    address = models.CharField(max_length=254)
    by = models.CharField(max_length=8, choices=StoppedBy)
    stopped_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["address"], name="opt_out_of_all_once", condition=Q(tradie__isnull=True)
            ),
            models.UniqueConstraint(
                fields=["address", "tradie"],
                name="opt_out_of_a_business_once",
                condition=Q(tradie__isnull=False),
            ),
            models.CheckConstraint(name="opt_out_by_known", condition=Q(by__in=StoppedBy.values)),
        ]

    def __str__(self) -> str:
        return f"{self.get_by_display()}, {self.stopped_at:%d.%m.%Y}"


class TextSeen(models.Model):
    """A text that was acted on, by its provider's id, so that a copy of it that comes late does nothing."""

    id = models.CharField(primary_key=True, max_length=64)
    seen_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.id


class News(models.TextChoices):
    """What happens to bookings that people of the business may want to hear of, or not."""

    BOOKED = "booked", "A new booking"
    ASKED = "asked", "A request that waits for a yes or no"
    MOVED = "moved", "A booking moved"
    CANCELLED = "cancelled", "A booking is cancelled"
    CALL = "call", "A customer wants a call, or texts back"


class NewsChoice(models.Model):
    """Of what somebody in a business wants to hear, and how. Who has no row has never said; see `news.py`."""

    member = models.OneToOneField(
        Membership, on_delete=models.CASCADE, primary_key=True, related_name="news_choice"
    )
    by_email = ArrayField(models.CharField(max_length=10, choices=News), blank=True)
    by_sms = ArrayField(models.CharField(max_length=10, choices=News), blank=True)
    by_push = ArrayField(
        models.CharField(max_length=10, choices=News), null=True, blank=True
    )  # None: never said; on phones that are told, see `phones.py`
    mobile = PhoneColumn(blank=True)  # nothing: that of the business, for whoever reads its address

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="news_choice_mobile_is_e164",
                condition=Q(mobile="") | is_e164("mobile"),
                violation_error_code="mobile",
                violation_error_message=NOT_A_NUMBER,
            )
        ]

    def __str__(self) -> str:
        return f"news for {self.member_id}"
