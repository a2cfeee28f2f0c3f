"""What the columns of other people's files are called, and what that is here."""

from __future__ import annotations

import re
from collections.abc import Sequence

from django.db.models import TextChoices

from accounts.policy_columns import POLICY_FIELDS


class Kind(TextChoices):
    """What a file has; in this order, when it has several."""

    SERVICES = "services", "Services"
    CUSTOMERS = "customers", "Customers"
    JOBS = "jobs", "Jobs to come"


CUSTOMER_FIELDS = {
    "name": "Name",
    "first_name": "First name",
    "last_name": "Last name",
    "company": "Company",
    "mobile": "Mobile",
    "phone": "Phone",
    "email": "Email",
    "notes": "Notes",
    "address": "Address",
    "suburb": "Suburb",
    "state": "State",
    "postcode": "Postcode",
}
SERVICE_FIELDS = {
    "name": "Name",
    "description": "Description",
    "duration_minutes": "Length",
    "price": "Price",
    "buffer_before_minutes": "Free time before",
    "buffer_after_minutes": "Free time after",
}
JOB_FIELDS = {
    "start": "Start",
    "day": "Date",
    "time": "Start time",
    "end": "End",
    "duration_minutes": "Length",
    "service": "Service",
    **CUSTOMER_FIELDS,
    "notes": "Notes of the customer",
    "tradie_notes": "Your own notes",
    "price": "Price",
    "calendar": "Who does it",
    "status": "Status",
}
# What only our own file has, beside what people can choose.
OURS = {
    Kind.CUSTOMERS: ("id", "contacts", "blocked_at", "created_at", "seen_at"),
    Kind.SERVICES: (
        "arrival_window_minutes",
        "price_from",
        "deposit_kind",
        "deposit_fixed",
        "deposit_percent",
        "deposit_is",
        "requires_approval",
        "questions",
        "follows_business_policy",
        "is_residential_building",
        "cap_override_reason",
        "is_active",
        "position",
        *(name.removesuffix("_cents") for name in POLICY_FIELDS),
    ),
    Kind.JOBS: (
        "reference",
        "price_from",
        "questions",
        "answers",
        "buffer_before_minutes",
        "buffer_after_minutes",
        "arrival_window_minutes",
    ),
}
FIELDS: dict[Kind, dict[str, str]] = {
    Kind.SERVICES: SERVICE_FIELDS,
    Kind.CUSTOMERS: CUSTOMER_FIELDS,
    Kind.JOBS: JOB_FIELDS,
}

# Small letters and digits only. Those of ServiceM8, Tradify, Fergus, simPRO, AroFlo, Jobber, Housecall Pro, Square,
# Calendly, Acuity, Xero, MYOB, Google and Outlook, as their exports have them.
_PEOPLE = {
    "name": "name fullname customer customername client clientname contact contactname displayname invitee inviteename"
    " attendee",
    "first_name": "firstname givenname first forename clientfirstname customerfirstname contactfirstname"
    " inviteefirstname",
    "last_name": "lastname surname familyname last clientlastname customerlastname contactlastname inviteelastname",
    "company": "company companyname business businessname organisation organization organizationname"
    " organisationname",
    "mobile": "mobile mobilephone mobilenumber mobileno cell cellphone cellnumber mobilephonenumber textnumber sms"
    " contactmobile",
    "phone": "phone phonenumber telephone tel homephone workphone landline businessphone phone1value customerphone"
    " primaryphone mainphone contactphone contactnumber phoneno inviteephone",
    "email": "email emailaddress mail customeremail clientemail primaryemail email1value emailaddress1 contactemail"
    " inviteeemail",
    "address": "address street streetaddress address1 addressline1 line1 homestreet siteaddress jobaddress"
    " billingaddress billingstreet street1 addressstreet poaddressline1 serviceaddress location serviceaddressstreet1"
    " fulladdress",
    "suburb": "suburb city town locality addresssuburb homecity billingcity pocity addresscity jobsuburb sitesuburb"
    " serviceaddresscity",
    "state": "state region province addressstate homestate billingstate poregion sitestate serviceaddressstate",
    "postcode": "postcode postalcode zip zipcode addresspostcode homepostalcode billingpostcode popostalcode"
    " billingzip sitepostcode serviceaddresspostalcode",
    "notes": "notes note comments comment remarks customernotes clientnotes",
}
_JOBS = {
    **_PEOPLE,
    "start": "start startsat starts startdatetime starttimeanddate appointmentstart begin begins scheduledstart"
    " scheduledfor startdateandtime eventstart",
    "day": "date day startdate jobdate appointmentdate scheduleddate eventdate visitdate bookingdate",
    "time": "time starttime appointmenttime scheduledtime visittime bookingtime",
    "end": "end endsat ends enddatetime endtime finish finishtime scheduledend appointmentend eventend",
    "duration_minutes": "duration durationminutes minutes length estimatedduration durationmins",
    "service": "service servicename jobtype appointmenttype type title job jobtitle subject summary eventtype"
    " eventtypename category jobname item",
    "tradie_notes": "tradienotes internalnotes jobnotes description jobdescription worknotes instructions details",
    "price": "price total amount jobtotal totalprice value",
    "calendar": "calendar calendarname staff staffname assignedto technician employee teammember assignee",
    "status": "status jobstatus appointmentstatus bookingstatus",
}
_SERVICES = {
    "name": "name service servicename item itemname title appointmenttype product productname productservicename",
    "description": "description details salesdescription notes",
    "duration_minutes": "duration durationminutes minutes length time durationmins estimatedtime",
    "price": "price unitprice saleprice salesunitprice sellprice amount cost rate defaultprice",
    "buffer_before_minutes": "bufferbefore bufferbeforeminutes paddingbefore",
    "buffer_after_minutes": "bufferafter bufferafterminutes paddingafter",
}
CALLED = {Kind.CUSTOMERS: _PEOPLE, Kind.SERVICES: _SERVICES, Kind.JOBS: _JOBS}


def guessed_kind(headings: Sequence[str]) -> Kind:
    """Jobs have a time, customers can be reached; what is neither has services."""
    jobs = set(guessed(Kind.JOBS, headings))
    if jobs & {"start", "day"} and jobs & {"service", "name", "first_name", "mobile", "phone", "email"}:
        return Kind.JOBS
    people = set(guessed(Kind.CUSTOMERS, headings))
    return Kind.CUSTOMERS if people & {"mobile", "phone", "email"} else Kind.SERVICES


def guessed(kind: Kind, headings: Sequence[str]) -> list[str]:
    """Our name of each column, "" where it is none of ours; none comes twice."""
    own = {_plain(name): name for name in (*FIELDS[kind], *OURS[kind])}
    known = {word: name for name, words in CALLED[kind].items() for word in words.split()} | own
    found: list[str] = []
    for heading in headings:
        name = known.get(_plain(heading), "")
        found.append("" if name in found else name)
    return found


def _plain(heading: str) -> str:
    return re.sub(r"[^a-z0-9]", "", heading.casefold())
