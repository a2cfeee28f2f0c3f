"""The demo's front page: the latest payments of every account, as a tradie would see them at Stripe."""

from __future__ import annotations

import datetime
import html
import json
from pathlib import Path

from .store import Object
from .world import World

PAGE = (Path(__file__).parent / "assets" / "dashboard.html").read_text()
HEADINGS = ("When (UTC)", "Account", "For", "Amount", "Our fee", "Status")
SHOWN = 50


def page(world: World) -> str:
    """-> HTML"""
    sql = "SELECT account, body FROM objects WHERE kind = 'payment_intent' ORDER BY seq DESC LIMIT ?"
    rows = [_row(account, json.loads(body)) for account, body in world.store.rows(sql, SHOWN)]
    head = "".join(f'<th scope="col">{heading}</th>' for heading in HEADINGS)
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
    table = f'<div class="scroll" role="region" aria-label="Latest payments" tabindex="0">{table}</div>'
    return PAGE.replace("{{payments}}", table if rows else "<p>Nobody has paid anything yet.</p>")


def _row(account: str, intent: Object) -> str:
    when = datetime.datetime.fromtimestamp(intent["created"], datetime.UTC)
    cells = (
        when.strftime("%d %b %H:%M:%S"),
        account or "platform",
        intent["description"] or "",
        _dollars(intent["amount"]),
        _dollars(intent["application_fee_amount"] or 0),
        intent["status"].replace("_", " "),
    )
    return f"<tr>{''.join(f'<td>{html.escape(cell)}</td>' for cell in cells)}</tr>"


def _dollars(cents: int) -> str:
    return f"${cents // 100:,}.{cents % 100:02}"
