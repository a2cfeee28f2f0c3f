"""What strangers send: values that no field takes, bodies that are no request, addresses that lead nowhere."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

DROP = object()  # the field is left out
LONG = "x" * 10_000
NO_TEXT = [None, [], {}, True]
NOBODY = str(uuid.UUID(int=7))
ODD_IDS = [f"{{{NOBODY}}}", f"urn:uuid:{NOBODY}", NOBODY.replace("-", "")]
ARABIC_2027, WIDE_2042 = "\u0662\u0660\u0662\u0667", "\uff12\uff10\uff14\uff12"

# Field of POST /api/bookings -> values that must be refused by that field's name.
BAD_VALUES: dict[str, list[Any]] = {
    "start": [
        *(DROP, *NO_TEXT, "", "soon", 1_800_000_000, LONG),
        *("2027-02-30T08:00:00+11:00", "2027-02-03", "2027-02-03T08:00:00", "2027-02-03T25:00:00+11:00"),
        *("2027-02-03T08:00:00+99:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"),
        *(f"{ARABIC_2027}-02-03T08:00:00+11:00", "2027-02-03T08:00:00+11:00\u0000"),
        *(
            "2027-02-03T08:00+11:00",
            "2027-02-03 08:00:00+11:00",
            "20270203T080000+1100",
            "2027-W05-3T08:00:00Z",
        ),
        *(
            "2027-02-03T08:00:00+11",
            "2027-02-03T08:00:00,5+11:00",
            "2027-02-03T24:00:00Z",
            "2027-02-03T08:00:60Z",
        ),
        *(
            "1999-12-31T23:59:59Z",
            "2200-01-01T00:00:00Z",
            "2027-02-03T08:00:00+11:00:30",
            " 2027-02-03T08:00:00Z",
        ),
    ],
    "service": [DROP, *NO_TEXT, "", "1", "not-a-uuid", NOBODY, LONG, "\u0000", 7, *ODD_IDS],
    "calendar": [[], {}, True, "", "1", 7, *ODD_IDS],
    "tradie": [DROP, *NO_TEXT, "", "no such", "../admin", "a\u0000b", LONG, 5, "sam-plumber\n"],
    "customer": [DROP, None, "Jo", [], [{}], {}, 5],
    "customer.name": [
        *(DROP, *NO_TEXT, "", "   ", LONG, "x" * 121, "Jo\u0000", "Jo\nBcc: all@example.com"),
        *("Jo\r\nSubject: x", "Jo\u2028x", "\u001b[31mJo", "\u00a0\u2003", "Jo\u202ecod.exe", 5, "Jo\n"),
    ],
    "customer.email": [
        *(
            DROP,
            *NO_TEXT,
            "",
            "jo",
            "jo@",
            "@example.com",
            LONG,
            f"{'x' * 250}@b.com",
            "jo@exam\u0000ple.com",
        ),
        *("jo@example.com\nBcc: all@example.com", "a@b.com, c@d.com", "Jo <jo@example.com>"),
    ],
    "customer.phone": [
        *(DROP, *NO_TEXT, "", "phone", "000", "12", "0412 345", "+999 12345", LONG),
        *("0412345678; DROP TABLE", "tel:", 412345678, "0412 345 678" + " " * 40),
    ],
    "address": [DROP, None, "1 George Street", [], {}],
    "address.line1": [DROP, None, "", LONG, "1 George St\n2 George St"],
    "address.suburb": [DROP, None, "", LONG, "x" * 81],
    "address.state": [DROP, None, "", "XX", "nsw", LONG],
    "address.postcode": [DROP, None, "", "204", "20420", "2O42", ARABIC_2027, WIDE_2042, "-204", {}, 2042],
    "notes": [None, [], {}, 5, "x" * 2_001, "a\u0000b"],
    "answers": [None, [], "x", {"where": {}}, {"where": ["x"]}, {"where": 5}, {"where": "x" * 1_001}],
    "hold": [[], {}, True, LONG],
}

# From a time that is free.
NOT_ON_OFFER = {
    "the past": timedelta(days=-4),
    "the far past": timedelta(days=-4000),
    "off the grid": timedelta(minutes=7),
    "a second late": timedelta(seconds=1),
    "a microsecond late": timedelta(microseconds=1),
    "at three in the morning": timedelta(hours=-6),
    "runs past closing time": timedelta(hours=6, minutes=45),
    "beyond the horizon": timedelta(days=400),
    "in a hundred years": timedelta(days=50_000),
}

BODIES = {
    "nothing": b"",
    "a list": b"[]",
    "text": b'"book"',
    "null": b"null",
    "a number": b"7",
    "half an object": b'{"tradie": "sam-plumber"',
    "two objects": b"{}{}",
    "a trailing comma": b'{"notes": "x",}',
    "single quotes": b"{'notes': 'x'}",
    "a comment": b'{"notes": "x" /* hi */}',
    "NaN": b'{"notes": NaN}',
    "Infinity": b'{"start": Infinity}',
    "a lone surrogate": b'{"notes": "\\ud800"}',
    "a raw control character": b'{"notes": "\x01"}',
    "a NUL": b'{"notes": "\x00"}',
    "a byte order mark": b"\xef\xbb\xbf{}",
    "UTF-16": '{"notes": "x"}'.encode("utf-16"),
    "bytes that are no UTF-8": b'{"notes": "\xff\xfe"}',
    "30,000 brackets": b"[" * 30_000 + b"]" * 30_000,
    "deep objects": b'{"a":' * 8_000 + b"1" + b"}" * 8_000,
    "5,000 fields": b"{" + b",".join(b'"f%d":1' % number for number in range(5_000)) + b"}",
    "a number of 60,000 digits": b'{"notes": ' + b"9" * 60_000 + b"}",
    "66 kB": b'{"notes": "' + b"x" * 66_000 + b'"}',
    "5 MB": b'{"notes": "' + b"x" * 5_000_000 + b'"}',
    "XML": b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>",
    "a form": b"tradie=sam-plumber&start=now",
    "gzip": b"\x1f\x8b\x08\x00\x00\x00\x00\x00",
}
CONTENT_TYPES = [
    *("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"),
    *("application/xml", "nonsense", "application/json-patch+json"),
]
IDEMPOTENCY_KEYS = ["", *ODD_IDS, "1", "not-a-uuid", "x" * 5_000, "\u00e9", NOBODY + "0", "' OR 1=1"]

# What people really write: (field, value).
ACCEPTED = {
    "emoji": ("customer.name", "Zo\u00eb \U0001f469\U0001f3fd\u200d\U0001f527 O'Brien-Smith"),
    "right to left": (
        "customer.name",
        "\u0645\u062d\u0645\u062f \u0639\u0628\u062f \u0627\u0644\u0644\u0647",
    ),
    "Chinese": ("address.suburb", "\u6089\u5c3c"),
    "a quote and a tag": ("customer.name", "Robert'); <b>DROP</b> TABLE --"),
    "braces": ("customer.name", "{{ 7 * 7 }} {% now %} %s {0}"),
    "many lines": ("notes", "Gate code 12\nMind the dog \U0001f415\n\t\u05e9\u05dc\u05d5\u05dd"),
    "no notes": ("notes", ""),
    "a stray hold": ("hold", "no-such-token"),
    "no hold": ("hold", None),
    "an answer to no question": ("answers", {"nobody-asked": "x"}),
}
# As typed, as kept, and whether it gets SMS.
PHONES = [
    ("0412 345 678", "+61412345678", True),
    ("+61 412 345 678", "+61412345678", True),
    ("(02) 9550 1234", "+61295501234", False),
    ("1300 975 707", "+611300975707", False),
    ("+44 20 7946 0958", "+442079460958", False),
    ("+64 21 123 4567", "+64211234567", False),
]
LIES = {
    "price_cents": 1,
    "deposit_cents": 0,
    "status": "completed",
    "end": "x",
    "duration_minutes": 1,
    "id": NOBODY,
}

TOKENS = {
    "none": {},
    "empty": {"authorization": ""},
    "only a scheme": {"authorization": "Bearer"},
    "a wrong token": {"authorization": "Bearer abcdefghijklmnopqrstuvwx"},
    "another scheme": {"authorization": "Basic am86am8="},
    "a long token": {"authorization": "Bearer " + "x" * 4_000},
    "not ASCII": {"authorization": "Bearer \u00e9\u00e9\u00e9"},
    "SQL": {"authorization": "Bearer ' OR '1'='1"},
}
SENSELESS_CHANGES: list[dict[str, Any]] = [
    {},
    {"status": "cancelled", "start": "2027-02-03T08:00:00+11:00"},
    *({"status": value} for value in ("completed", "no_show", "refunded", "", None, [], {}, 1)),
    *({"start": value} for value in ("", None, "soon", 5)),
    *({"start": value} for value in ("9999-12-31T23:59:59-14:00", "2001-01-01T08:00:00+11:00")),
    *({"status": "cancelled", "reason": value} for value in ("x" * 501, "a\u0000b", {})),
    {"price_cents": 1},
]

NO_DAYS = [
    *(
        "",
        "date=",
        "date=2027-01-14&month=2027-01",
        "date[]=2027-01-14",
        "date=tomorrow",
        "date=" + "x" * 3_000,
    ),
    *("date=2027-02-30", "date=2027-1-4", "date=14-01-2027", "date=2027-01-14T00:00", "date=-2027-01-14"),
    *("date=0000-01-01", "date=10000-01-01", "date=2027-01-14%00", "date=%D9%A2%D9%A0%D9%A2%D9%A7-01-14"),
    *("date=%ff%fe", "date=2027-01-14%0a", "date=2027%2D01%2D14x", "date=%F0%9F%94%A7"),
    *(f"month={value}" for value in ("2027", "2027-13", "2027-00", "2027-01-01", "January", "0000-01")),
    *(f"date=2027-01-14&service={value}" for value in ("1", "drain", NOBODY, "%00", "x" * 2_000)),
]
DAYS_WITHOUT_TIMES = [
    *(f"date={day}" for day in ("0001-01-01", "0001-01-02", "1970-01-01", "9999-12-31", "2024-02-29")),
    *(f"month={month}" for month in ("0001-01", "0999-01", "1970-01", "9999-11", "9999-12")),
    "date=9999-12-31&postcode=x&hold=nonsense&other=1&hold=%F0%9F%94%A7",
    "date=9999-12-31&hold=" + "x" * 3_000,
]
UNKNOWN_ADDRESSES = [
    *("/api/", "/api/nothing", "/api/bookings/", "/api/bookings/1", "/api/tradies", "/api/tradies/"),
    *("/api//bookings", "/api/tradies/nobody", "/api/tradies/..%2f..%2fetc", "/api/tradies/%F0%9F%94%A7"),
    *("/api/tradies/%ff", "/api/availability/nobody?date=2027-01-14", "/api/tradies/' OR 1=1"),
    *("/api/tradies/" + "x" * 3_000, "/api/bookings/not-a-uuid", f"/api/bookings/{NOBODY.upper()}x"),
    *(f"/api/bookings/{{{NOBODY}}}", "/webhooks/", "/webhooks/paypal", "/webhooks/stripe/"),
]
WITH_NUL = ["/api/tradies/a%00b", "/api/bookings%00", "/webhooks/%00", "/api/tradies/a?b=%00"]
ENDLESS = [
    "/api/tradies/" + "x" * 4_000,
    "/api/availability/sam-plumber?date=2027-01-14&hold=" + "x" * 5_000,
    "/api/tradies/sam-plumber?" + "x" * 100_000,
    "/webhooks/" + "%41" * 20_000,
]
METHODS = {
    "/api/tradies/sam-plumber": {"GET", "HEAD"},
    "/api/tradies/sam-plumber/statement": {"GET", "HEAD"},
    "/api/availability/sam-plumber": {"GET", "HEAD"},
    "/api/bookings": {"GET", "HEAD", "POST"},
    f"/api/bookings/{NOBODY}": {"GET", "HEAD", "PATCH"},
    "/api/payments/intent": {"POST"},
    "/webhooks/stripe": {"POST"},
}
ALL_METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PURGE"}
