"""What each role in a business may do. The one place: pages, API, navigation, help and docs/people.md follow it."""

from __future__ import annotations

from django.db.models import TextChoices


class Role(TextChoices):
    OWNER = "owner", "Owner"
    OFFICE = "office", "Office"
    WORKER = "worker", "Worker"


class May(TextChoices):
    """Something a person may do; the label completes "may ..."."""

    JOBS = "jobs", "see the day and the jobs, mark them done or a no-show, and write notes"
    BOOKINGS = "bookings", "approve, decline, cancel, hand over and make bookings"
    QUOTES = "quotes", "write, send and withdraw quotes"
    HOURS = "hours", "change working hours, time off and booking rules"
    CREW = "crew", "add, name and stop the people and vans that do the jobs"
    SERVICES = "services", "change services, prices and deposits"
    BUSINESS = "business", "change business details, connect Stripe, and open or close online booking"
    MONEY = "money", "see the books: what came in, fees, GST and the file for the accountant"
    DISPUTES = "disputes", "answer disputes with the bank"
    PEOPLE = "people", "invite people, change their roles and remove them"
    CONNECTIONS = "connections", "connect other systems, which then see or change bookings"
    HISTORY = "history", "see who changed what in the business"
    ACCOUNT = "account", "download everything, bring in files, and close the account"


ROLES_THAT_MAY: dict[May, tuple[Role, ...]] = {
    May.JOBS: (Role.OWNER, Role.OFFICE, Role.WORKER),
    May.BOOKINGS: (Role.OWNER, Role.OFFICE),
    May.QUOTES: (Role.OWNER, Role.OFFICE),
    May.HOURS: (Role.OWNER, Role.OFFICE),
    May.CREW: (Role.OWNER, Role.OFFICE),
    May.SERVICES: (Role.OWNER, Role.OFFICE),
    May.BUSINESS: (Role.OWNER,),
    May.MONEY: (Role.OWNER,),
    May.DISPUTES: (Role.OWNER,),
    May.PEOPLE: (Role.OWNER,),
    May.CONNECTIONS: (Role.OWNER,),
    May.HISTORY: (Role.OWNER,),
    May.ACCOUNT: (Role.OWNER,),
}


# How the pages say it to people.
IN_SHORT: dict[Role, str] = {
    Role.OWNER: "everything, also people, money and business details",
    Role.OFFICE: "bookings, quotes, customers, hours and services",
    Role.WORKER: "the day and the jobs: see them, mark them done, write notes",
}


def rights_of(role: str) -> tuple[May, ...]:
    """Everything a role may do, in order; nothing for a role that does not exist."""
    return tuple(may for may in May if role in ROLES_THAT_MAY[may])
