"""The states and time zones of Australia."""

from __future__ import annotations

from django.db.models import TextChoices


class AustralianState(TextChoices):
    NSW = "NSW", "New South Wales"
    VIC = "VIC", "Victoria"
    QLD = "QLD", "Queensland"
    SA = "SA", "South Australia"
    WA = "WA", "Western Australia"
    TAS = "TAS", "Tasmania"
    NT = "NT", "Northern Territory"
    ACT = "ACT", "Australian Capital Territory"


class TimeZone(TextChoices):
    SYDNEY = "Australia/Sydney", "Sydney"
    MELBOURNE = "Australia/Melbourne", "Melbourne"
    HOBART = "Australia/Hobart", "Hobart"
    BRISBANE = "Australia/Brisbane", "Brisbane"
    ADELAIDE = "Australia/Adelaide", "Adelaide"
    BROKEN_HILL = "Australia/Broken_Hill", "Broken Hill"
    DARWIN = "Australia/Darwin", "Darwin"
    PERTH = "Australia/Perth", "Perth"
    EUCLA = "Australia/Eucla", "Eucla"
    LORD_HOWE = "Australia/Lord_Howe", "Lord Howe Island"


# Most of each state; Broken Hill, Eucla and Lord Howe Island choose theirs in the business details.
ZONE_OF_STATE: dict[str, TimeZone] = {
    AustralianState.NSW: TimeZone.SYDNEY,
    AustralianState.VIC: TimeZone.MELBOURNE,
    AustralianState.QLD: TimeZone.BRISBANE,
    AustralianState.SA: TimeZone.ADELAIDE,
    AustralianState.WA: TimeZone.PERTH,
    AustralianState.TAS: TimeZone.HOBART,
    AustralianState.NT: TimeZone.DARWIN,
    AustralianState.ACT: TimeZone.SYDNEY,
}
