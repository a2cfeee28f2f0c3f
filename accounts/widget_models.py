"""What the booking page told of how it fares at visitors: numbers by day, and nothing of who they were."""

from __future__ import annotations

from django.db import models

from .sites import LONGEST_SITE


class Seen(models.TextChoices):
    """What a page may tell of itself, each once per visit; the label completes "Visitors who ..."."""

    OPENED = "opened", "opened the page"
    TIME = "time", "chose a time"
    DETAILS = "details", "began to fill in their details"
    LATE = "late", "followed the link, as the page didn't appear in its place"
    TOO_TALL = "too_tall", "had to scroll within a box"
    NO_FORMS = "no_forms", "couldn't send the form, since the frame is locked (sandbox)"
    NO_STORAGE = "no_storage", "lost what they typed on a reload, as the browser keeps nothing in frames"
    NO_WALLETS = "no_wallets", "were offered no Apple Pay and no Google Pay, as the frame doesn't let them"
    NOT_SECURE = "not_secure", "came by http"


# Until a time can be chosen: up to so many ms; what took longer is in the last one.
LOAD_STEPS = (500, 1_000, 1_500, 2_000, 3_000, 5_000, 8_000, 15_000)
LOADED = {step: f"load_{step}" for step in LOAD_STEPS}
COUNTED = (*Seen.values, *LOADED.values())

OWN_PAGE = ""  # the booking page by itself, in no frame
ELSEWHERE = "?"  # a website that doesn't say which, or one too many


class WidgetCount(models.Model):
    """How often something was told on one day, in the zone of the business."""

    tradie = models.ForeignKey(
        "accounts.Tradie", on_delete=models.CASCADE, related_name="widget_counts", db_index=False
    )
    day = models.DateField()
    site = models.CharField(max_length=LONGEST_SITE, blank=True)  # host and port, of a website around it
    what = models.CharField(max_length=12)
    count = models.PositiveIntegerField()
    last_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tradie", "day", "site", "what"], name="widget_count_once"),
            models.CheckConstraint(name="widget_count_known", condition=models.Q(what__in=COUNTED)),
        ]

    def __str__(self) -> str:
        return f"{self.what} at {self.site or 'the page itself'} on {self.day}: {self.count}"
