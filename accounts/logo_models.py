"""The logo of a business."""

from __future__ import annotations

from django.db import models


class Logo(models.Model):
    """A JPEG of some kilobytes, drawn anew from what was sent (`logos.py`). Where it is shown stands with the business,
    so that pages and mails look nothing up."""

    tradie = models.OneToOneField(
        "accounts.Tradie", on_delete=models.CASCADE, primary_key=True, related_name="logo"
    )
    content = models.BinaryField()
    digest = models.CharField(max_length=64, help_text="SHA-256 of the content.")

    def __str__(self) -> str:
        return f"of {self.tradie_id}"
