"""Stripe's lists: newest first, cursors by id, filters by date and by parent."""

from __future__ import annotations

import json
from typing import Any

from . import params as read
from .errors import StripeError
from .params import Params
from .store import Object, Store

COMPARISONS = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
PAGING = ("limit", "starting_after", "ending_before", "created")


def list_page(
    store: Store, kind: str, account: str, params: Params, url: str, parents: list[str] | None = None
) -> dict[str, Any]:
    """-> {"object": "list", "data": [newest first], "has_more", "url"}. Objects keep their private keys."""
    limit = read.integer(params, "limit", 10)
    if not 1 <= limit <= 100:
        raise StripeError(f"Invalid limit: {limit}. Must be between 1 and 100.", param="limit")
    where, args = _filters(store, kind, account, params)
    if parents:
        where.append(f"parent IN ({', '.join('?' * len(parents))})")
        args += parents
    backwards = "ending_before" in params
    order = "ASC" if backwards else "DESC"
    # Only fixed words are put together here: every value is a parameter.
    sql = f"SELECT body FROM objects WHERE {' AND '.join(where)} ORDER BY seq {order}"  # noqa: S608
    found = store.rows(sql + " LIMIT ?", *args, limit + 1)
    data: list[Object] = [json.loads(body) for (body,) in found[:limit]]
    if backwards:
        data.reverse()
    return {"object": "list", "data": data, "has_more": len(found) > limit, "url": url}


def _filters(store: Store, kind: str, account: str, params: Params) -> tuple[list[str], list[Any]]:
    where = ["account = ?", "kind = ?"]
    args: list[Any] = [account, kind]
    for name, comparison in (("starting_after", "<"), ("ending_before", ">")):
        if name in params:
            place = store.place_of(params[name], kind, account)
            if place is None:
                raise StripeError(f"No such {kind}: '{params[name]}'", code="resource_missing", param=name)
            where.append(f"seq {comparison} ?")
            args.append(place)
    created = params.get("created", {})
    bounds = created if isinstance(created, dict) else {"gte": created, "lte": created}
    for bound in bounds:
        if bound not in COMPARISONS:
            raise StripeError(f"Received unknown parameter: created[{bound}]", code="parameter_unknown")
        where.append(f"created {COMPARISONS[bound]} ?")
        args.append(read.integer(bounds, bound))
    return where, args
