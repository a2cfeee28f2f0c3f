"""The receipt of a deposit, as a row of work and then a document."""

from __future__ import annotations

from django.db import models

from payments.models import Payment
from peepopay.models import OutboxRow


class DepositReceipt(OutboxRow):
    """Written when a deposit is paid, with what its business was then and what the deposit is for GST. Nothing is to
    be done about it until somebody asks for it: then a worker makes the document, once. That goes when its customer's
    details do."""

    queue = "messages"

    payment = models.OneToOneField(Payment, models.PROTECT, primary_key=True, related_name="deposit_receipt")
    seller = models.JSONField()  # as an invoice has it
    about_gst = models.CharField(max_length=400, help_text="What the deposit is to the tax office.")
    content = models.BinaryField(null=True)

    def __str__(self) -> str:
        return str(self.payment_id)
