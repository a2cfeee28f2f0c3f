"""Photos of a job, from its customer or its business."""

from __future__ import annotations

import uuid

from django.core.files.storage import Storage, storages
from django.db import models
from django.db.models import Q

from peepopay.models import OutboxRow


class PhotoState(models.TextChoices):
    WAITING = "waiting", "Getting ready"
    READY = "ready", "Ready"
    REFUSED = "refused", "Can't be read"
    REMOVED = "removed", "Removed"


class Photo(OutboxRow):
    """What came in waits in the row, so that it is there when its transaction is. A worker draws it anew, without what
    the camera wrote into it, and puts that into the storage for files. Removed, it comes round once more: the files go,
    then the row."""

    queue = "sweeps"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    booking = models.ForeignKey(
        "bookings.Booking", on_delete=models.CASCADE, related_name="photos", db_index=False
    )
    added_by = models.CharField(max_length=8, choices=[("customer", "Customer"), ("tradie", "The business")])
    added_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=PhotoState, default=PhotoState.WAITING)
    question = models.CharField(
        max_length=40,
        blank=True,
        default="",
        db_default="",
        help_text="The id of the question that it answers.",
    )
    digest = models.CharField(max_length=64, help_text="SHA-256 of what came in: the same again is once.")
    original = models.BinaryField(null=True, help_text="What came in, until it is drawn anew.")
    width = models.PositiveIntegerField(default=0, help_text="Pixels, once it is ready.")
    height = models.PositiveIntegerField(default=0)
    shows = ""  # what was asked, in words: pages fill it in

    class Meta(OutboxRow.Meta):
        ordering = ("added_at", "id")
        constraints = (
            models.UniqueConstraint(
                fields=["booking", "digest"], name="photo_once_per_booking", condition=~Q(state="removed")
            ),
            models.CheckConstraint(
                name="photo_original_while_it_waits",
                condition=Q(state="waiting", original__isnull=False)
                | (~Q(state="waiting") & Q(original__isnull=True)),
            ),
            models.CheckConstraint(
                name="photo_ready_has_a_size", condition=~Q(state="ready") | Q(width__gt=0, height__gt=0)
            ),
        )

    def __str__(self) -> str:
        return f"of {self.booking_id}"

    @property
    def name(self) -> str:
        """Where it lies in the storage: nothing in it can be guessed, and a second try writes to the same place."""
        return f"photos/{self.pk}.jpg"

    @property
    def small_name(self) -> str:
        return f"photos/{self.pk}-small.jpg"


def photo_files() -> Storage:
    """The storage: a folder, or a bucket where one is configured."""
    return storages["uploads"]
