"""Who the tradie is, and who works there."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.contrib.auth.base_user import BaseUserManager
from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.crypto import salted_hmac
from django.utils.functional import cached_property

from peepopay.phone_column import NOT_A_NUMBER, PhoneColumn, is_e164

from .audit_models import AuditEntry as AuditEntry  # so that Django finds it
from .browser_models import SignedInBrowser as SignedInBrowser
from .key_models import ApiKey as ApiKey  # so that Django finds it
from .localities import known_postcode
from .logo_models import Logo as Logo
from .page_language import PageLanguage
from .places import AustralianState, TimeZone
from .policy_columns import PolicyColumns, policy_rules
from .policy_templates import Trade
from .roles import May, Role, rights_of
from .service_models import Service as Service
from .sites import LONGEST_SITE
from .widget_models import WidgetCount as WidgetCount
from .zone_columns import TRAVEL_WITHIN_REASON, ZoneColumns

MOST_KM = 1_000


class UserManager(BaseUserManager["User"]):
    """Users sign in by e-mail address; there are no user names."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save()
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=username)


class User(AbstractUser):
    """A person who signs in: somebody who works in a business, or an operator."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    username = None  # type: ignore[assignment]
    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    name = models.CharField(max_length=80, blank=True)
    email = models.EmailField("email address", unique=True)
    session_epoch = models.PositiveIntegerField(default=0, editable=False)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects: ClassVar[UserManager] = UserManager()  # type: ignore[assignment]

    class Meta(AbstractUser.Meta):
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_unique_ignoring_case")]

    def get_full_name(self) -> str:
        """What others know them by: their name, or their address as long as they gave none."""
        return self.name or self.email

    get_short_name = get_full_name

    @cached_property
    def workplaces(self) -> list[Membership]:
        """Their place in each business they belong to, with the business, in the order in which they joined."""
        return list(self.memberships.select_related("tradie"))

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """What a session must carry to be this user's. `accounts.sessions.end_sessions` raises the epoch."""
        of = f"{self.password}:{self.session_epoch}"
        return salted_hmac("accounts.User.session", of, secret=secret, algorithm="sha256").hexdigest()


class Tradie(PolicyColumns, ZoneColumns):
    """A business that takes bookings; the tenant that every query of a signed-in tradie starts from. Its policy is
    that of the services which have none of their own."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    slug = models.SlugField(unique=True, max_length=60)
    business_name = models.CharField(max_length=120)
    email = models.EmailField(help_text="Where booking news goes.")
    phone = PhoneColumn(help_text="Shown to customers.")
    mobile = PhoneColumn(blank=True, help_text="For SMS to the tradie.")
    suburb = models.CharField(max_length=80, blank=True)
    state = models.CharField(max_length=3, choices=AustralianState)
    timezone = models.CharField(max_length=40, choices=TimeZone)
    licence_number = models.CharField(max_length=40, blank=True)
    abn = models.CharField(
        "ABN", max_length=11, blank=True, validators=[RegexValidator(r"^\d{11}$", "An ABN has 11 digits.")]
    )
    gst_registered = models.BooleanField(
        "registered for GST", default=True, db_default=True, help_text="Your prices include GST."
    )
    trade = models.CharField(max_length=12, choices=Trade, blank=True, default="", db_default="")
    logo_url = models.CharField(
        max_length=200, blank=True, editable=False
    )  # on our own site a path: logos.py
    accent_colour = models.CharField(
        max_length=7,
        default="#0f6fde",
        validators=[RegexValidator(r"^#[0-9a-fA-F]{6}$", "Use a colour such as #0f6fde.")],
    )
    allowed_sites = ArrayField(
        models.CharField(max_length=LONGEST_SITE),
        default=list,
        db_default=models.Value([], ArrayField(models.CharField())),
        blank=True,
        help_text="Origins of the websites that the booking page may stand on; none: any.",
    )
    page_language = models.CharField(
        max_length=2,
        choices=PageLanguage,
        blank=True,
        default="",
        db_default="",
        help_text="None: the visitor's.",
    )
    is_open = models.BooleanField(default=True, help_text="Closed: no public page and no online booking.")
    # Off at first: nobody's name is published, nor one who is wanted booked out, before somebody said so.
    customers_choose_who = models.BooleanField(
        default=False, help_text="Where several do the jobs: customers see their names and may choose."
    )

    has_waitlist = models.BooleanField(
        "waitlist",
        default=False,
        db_default=False,
        help_text="Customers who find no time that suits may wait for one.",
    )
    reads_calendars = models.BooleanField(
        default=False,
        db_default=False,
        editable=False,
        help_text="Whether somebody's calendar elsewhere is read: who has none is never asked for its state.",
    )
    for_assistants = models.BooleanField(
        "bookable by assistants",
        default=False,
        db_default=False,
        help_text="AI assistants find you, show their user your terms and hold a time; the user pays on your page.",
    )

    shows_kept_promises = models.BooleanField(
        "promises kept, on the booking page",
        default=False,
        db_default=False,
        help_text="How many jobs went as promised: docs/promises.md.",
    )

    deposit_rules = models.JSONField(  # a list of DepositRule
        "deposit rules",
        default=list,
        db_default=models.Value([], models.JSONField()),
        blank=True,
        editable=False,
    )

    # Its owner has closed the account: nobody gets in, by no way. What follows, `invoicing/closing.py` says.
    closed_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Anywhere, without.
    area_km = models.PositiveSmallIntegerField("kilometres", null=True, blank=True)
    area_postcode = models.CharField(
        "around postcode", max_length=4, blank=True, default="", db_default="", validators=[known_postcode]
    )

    horizon_days = models.PositiveSmallIntegerField(default=60)
    closed_on_public_holidays = models.BooleanField(default=True)

    # Raised in every transaction that changes what is free, so that no cached answer outlives its truth. One for the
    # business, not for each calendar: one answer lists the times of them all.
    calendar_version = models.BigIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["business_name"]
        constraints = [
            models.CheckConstraint(
                name="tradie_horizon_within_a_year",
                condition=Q(horizon_days__gte=1, horizon_days__lte=366),
                violation_error_code="horizon_days",
                violation_error_message="Choose 1 to 366 days.",
            ),
            models.CheckConstraint(
                name="tradie_phone_is_e164",
                condition=is_e164("phone"),
                violation_error_code="phone",
                violation_error_message=NOT_A_NUMBER,
            ),
            models.CheckConstraint(
                name="tradie_mobile_is_e164",
                condition=Q(mobile="") | is_e164("mobile"),
                violation_error_code="mobile",
                violation_error_message=NOT_A_NUMBER,
            ),
            models.CheckConstraint(
                name="tradie_area_around_a_postcode",
                condition=Q(area_km=None) | Q(area_km__gte=1, area_km__lte=MOST_KM) & ~Q(area_postcode=""),
                violation_error_code="area_postcode",
                violation_error_message=f"Give both: the kilometres, 1 to {MOST_KM:,}, and where they start.",
            ),
            TRAVEL_WITHIN_REASON,
            *policy_rules("tradie"),
        ]

    def __str__(self) -> str:
        return self.business_name


class Membership(models.Model):
    """A person in a business. That a business keeps an owner, `people.py` sees to under the lock of the business."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    tradie = models.ForeignKey(Tradie, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=8, choices=Role)
    created_at = models.DateTimeField(auto_now_add=True)
    is_visit = False  # True of a place that no row gives: an operator's, for half an hour (`web/visits.py`)

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["tradie", "user"],
                name="membership_one_per_person_and_business",
                violation_error_code="user",
                violation_error_message="This person belongs to the business already.",
            ),
            models.CheckConstraint(
                name="membership_role_known",
                condition=Q(role__in=Role.values),
                violation_error_code="role",
                violation_error_message="Choose one of the roles.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}, {self.get_role_display().lower()}"

    @property
    def may(self) -> tuple[May, ...]:
        """What this person may do here: nothing in a business that is closed."""
        return () if self.tradie.closed_at else rights_of(self.role)

    @property
    def elsewhere(self) -> list[Membership]:
        """The same person's places in other businesses."""
        return [place for place in self.user.workplaces if place != self]


class Invitation(models.Model):
    """A place in a business that is kept for whoever signs in with `email`. One row per address and time of asking:
    sending it again gives it a new link and a new week."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tradie = models.ForeignKey(Tradie, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField()  # in small letters
    name = models.CharField(max_length=80, blank=True)
    role = models.CharField(max_length=8, choices=Role)
    invited_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    token_hash = models.CharField(max_length=64, unique=True)
    times_sent = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["sent_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["tradie", "email"],
                name="invitation_one_open_per_address",
                condition=Q(accepted_at__isnull=True, withdrawn_at__isnull=True),
            ),
            models.CheckConstraint(name="invitation_role_known", condition=Q(role__in=Role.values)),
            models.CheckConstraint(
                name="invitation_accepted_or_withdrawn",
                condition=Q(accepted_at__isnull=True) | Q(withdrawn_at__isnull=True),
            ),
        ]
        indexes = [models.Index(fields=["email", "sent_at"], name="invitation_by_address")]

    def __str__(self) -> str:
        return f"{self.email} as {self.get_role_display().lower()}"
