"""Numbers of documents: 1, 2, 3 for each business and kind, without gaps."""

from __future__ import annotations

import uuid

from django.db import connection

_RAISE = """
INSERT INTO invoicing_documentcounter (tradie_id, kind, last) VALUES (%s, %s, 1)
ON CONFLICT (tradie_id, kind) DO UPDATE SET last = invoicing_documentcounter.last + 1
RETURNING last
"""


def next_number(tradie_id: uuid.UUID, kind: str) -> int:
    """For a document that is written in the caller's transaction; others of the business wait for its end. Where that
    needs several, the credit note's comes first."""
    with connection.cursor() as cursor:
        cursor.execute(_RAISE, [tradie_id, kind])
        return int(cursor.fetchone()[0])
