"""All that a business has with us, kind by kind, as plain rows. What is only ours (how often something was tried,
hashes of links, what Stripe was sent) is left out; a test holds this list against the tables."""

from __future__ import annotations

from accounts.audit_models import AuditEntry
from accounts.key_models import ApiKey
from accounts.models import Invitation, Membership, Service, Tradie
from accounts.policy_columns import POLICY_FIELDS
from availability.models import Calendar, DateException, TimeOff, WorkingHours
from bookings.customer_models import Customer, CustomerContact
from bookings.day_move_models import DayMove, DayMoveJob
from bookings.models import Booking, BookingEvent, CallBack, Series, Visit, Waiter
from ledger.models import Entry, XeroAccount
from notifications.models import (
    Message,
    MessageSettings,
    NewsChoice,
    OptOut,
    PushSubscription,
    WebhookEndpoint,
)
from payments.consent_models import CardConsent, FeeCharge
from payments.dispute_models import Dispute
from payments.models import (
    Bill,
    ConnectedAccount,
    DisputeEvidence,
    Payment,
    Payout,
    Refund,
    StripeTransaction,
)

from .export_kinds import Kind
from .invoice_models import Invoice, InvoiceLine, PayTo, Receipt
from .quote_models import Quote, QuoteLine, QuoteVersion

_POLICY = " ".join(POLICY_FIELDS)
_WHERE = "address_line1 address_suburb address_state address_postcode"
_WHO = f"customer_name customer_email customer_phone {_WHERE}"

KINDS = (
    Kind(
        "business",
        Tradie,
        "pk",
        "slug business_name email phone mobile suburb state area_km area_postcode timezone licence_number abn"
        " gst_registered trade logo_url accent_colour allowed_sites page_language is_open customers_choose_who"
        " shows_kept_promises deposit_rules call_out_zones travel_kmh"
        " travel_slack_minutes shows_near_days"
        f" horizon_days closed_on_public_holidays created_at {_POLICY}",
    ),
    Kind("people", Membership, "tradie", "name=user__name email=user__email role created_at"),
    Kind("invitations", Invitation, "tradie", "email name role sent_at expires_at accepted_at withdrawn_at"),
    Kind(
        "services",
        Service,
        "tradie",
        "id name description duration_minutes buffer_before_minutes buffer_after_minutes arrival_window_minutes"
        " price_cents price_from"
        " deposit_kind deposit_fixed_cents deposit_percent deposit_is requires_approval questions"
        f" follows_business_policy is_residential_building cap_override_reason is_active position {_POLICY}",
    ),
    Kind(
        "calendars",
        Calendar,
        "tradie",
        "name person=worker__email slot_step_minutes minimum_notice_minutes max_bookings_per_day is_active position",
    ),
    Kind(
        "working_hours",
        WorkingHours,
        "calendar__tradie",
        "calendar_name=calendar__name weekday opens_minute closes_minute",
    ),
    Kind(
        "special_dates",
        DateException,
        "calendar__tradie",
        "calendar_name=calendar__name date opens_minute closes_minute reason",
    ),
    Kind(
        "time_off",
        TimeOff,
        "calendar__tradie",
        "calendar_name=calendar__name starts_at ends_at repeats repeat_until reason",
    ),
    Kind("customers", Customer, "tradie", "id name notes blocked_at created_at seen_at"),
    Kind("customer_contacts", CustomerContact, "tradie", "customer_id value"),
    Kind(
        "bookings",
        Booking,
        "tradie",
        "reference status starts_at ends_at service_id service_name duration_minutes buffer_before_minutes"
        " buffer_after_minutes arrival_window_minutes calendar_name=calendar__name customer_id questions quote_lines"
        " deposit_reasons call_out_zone call_out_fee_cents call_out_minutes"
        f" {_WHO} notes answers site_name site_phone access_notes tradie_notes"
        " price_cents price_from deposit_cents deposit_is policy quote_id"
        " taken_by_business requires_approval cancel_reason created_at confirmed_at approved_at cancelled_at"
        " no_show_at acknowledged_at asked_to_move_at on_my_way_at call_wanted_since said_yes_to erased_at",
    ),
    Kind(
        "booking_history",
        BookingEvent,
        "booking__tradie",
        "booking_reference=booking__reference at kind actor person=user__email detail",
    ),
    Kind(
        "series",
        Series,
        "tradie",
        "id calendar_name=calendar__name like_reference=like__reference every first_on at until made_until"
        " deposit_cents deposit_days created_at",
    ),
    Kind(
        "series_visits",
        Visit,
        "series__tradie",
        "series_id on state booking_reference=booking__reference",
    ),
    Kind(
        "days_moved",
        DayMove,
        "tradie",
        "id calendar_name=calendar__name day reason answer_by created_at reopened_at",
    ),
    Kind("call_backs", CallBack, "tradie", "name phone about created_at called_at person=called_by__email"),
    Kind(
        "waitlist",
        Waiter,
        "tradie",
        "service_id name phone email day sooner_than offered created_at offer_reference=offer__reference",
    ),
    Kind(
        "days_moved_jobs",
        DayMoveJob,
        "move__tradie",
        "move_id booking_reference=booking__reference starts_at answer answered_at",
    ),
    Kind(
        "quotes",
        Quote,
        "tradie",
        f"id reference status valid_until {_WHO} decline_reason created_at changed_at sent_at erased_at",
    ),
    Kind(
        "quote_versions",
        QuoteVersion,
        "quote__tradie",
        "id quote_reference=quote__reference service_id number title message valid_until duration_minutes price_cents"
        " gst_registered deposit_kind deposit_cents deposit_is policy sent_at",
    ),
    Kind(
        "quote_lines",
        QuoteLine,
        "version__quote__tradie",
        "version_id position description quantity unit_price_cents is_gst_free",
    ),
    Kind(
        "invoices",
        Invoice,
        "tradie",
        "id booking_reference=booking__reference kind number corrects_id issued_at gst_registered taxable_cents"
        " gst_free_cents gst_cents paid_before_cents reason seller pay_to buyer_name buyer_address",
    ),
    Kind(
        "invoice_lines",
        InvoiceLine,
        "invoice__tradie",
        "invoice_id position description quantity unit_price_cents is_gst_free",
    ),
    Kind(
        "bills",
        Bill,
        "booking__tradie",
        "booking_reference=booking__reference asked_cents elsewhere_cents asked_at",
    ),
    Kind(
        "payments_by_card",
        Payment,
        "booking__tradie",
        "id booking_reference=booking__reference kind status stripe_account=account_id stripe_payment=intent_id"
        " amount_cents fee_cents refunded_cents disputed_cents created_at paid_at",
    ),
    Kind(
        "refunds",
        Refund,
        "payment__booking__tradie",
        "payment_id booking_reference=payment__booking__reference status origin amount_cents reason"
        " stripe_refund=stripe_id created_at done_at",
    ),
    Kind(
        "disputes",
        Dispute,
        "payment__booking__tradie",
        "payment_id booking_reference=payment__booking__reference stripe_dispute=stripe_id status amount_cents reason"
        " evidence_due_by opened_at closed_at",
    ),
    Kind(
        "dispute_answers",
        DisputeEvidence,
        "dispute__payment__booking__tradie",
        "stripe_dispute=dispute__stripe_id status words person=asked_by__email created_at submitted_at",
    ),
    Kind(
        "card_consents",
        CardConsent,
        "booking__tradie",
        "booking_reference=booking__reference text version cap_cents given_at withdrawn_at saved_at let_go_at",
    ),
    Kind(
        "no_show_fees",
        FeeCharge,
        "payment__booking__tradie",
        "payment_id booking_reference=payment__booking__reference amount_cents cap_cents created_at pay_by lapsed_at",
    ),
    Kind(
        "payments_without_us",
        Receipt,
        "booking__tradie",
        "booking_reference=booking__reference how amount_cents is_given_back received_on person=recorded_by__email"
        " recorded_at undone_at",
    ),
    Kind(
        "stripe_transactions",
        StripeTransaction,
        "payment__booking__tradie",
        "id payment_id type amount_cents stripe_fee_cents peepopay_fee_cents created_at",
    ),
    Kind("payouts", Payout, "tradie", "id status amount_cents arrives_on failure created_at"),
    Kind(
        "books",
        Entry,
        "journal__tradie",
        "journal_id at=journal__at booking_reference=journal__booking__reference kind=journal__kind"
        " account amount_cents=cents",
    ),
    Kind("xero_codes", XeroAccount, "tradie", "account code"),
    Kind("stripe_account", ConnectedAccount, "tradie", "stripe_account=account_id can_charge card_payments"),
    Kind(
        "former_stripe_accounts", ConnectedAccount, "former_tradie", "stripe_account=account_id replaced_at"
    ),
    Kind("bank_details", PayTo, "tradie", "payid account_name bsb account_number"),
    Kind(
        "message_settings",
        MessageSettings,
        "tradie",
        "reminds_day_before first_reminder_hours reminds_hours_before last_reminder_hours review_url takes_replies"
        " sender_name words",
    ),
    Kind(
        "message_choices",
        NewsChoice,
        "member__tradie",
        "person=member__user__email by_email by_sms by_push mobile",
    ),
    Kind(
        "phones",
        PushSubscription,
        "member__tradie",
        "person=member__user__email user_agent=browser__user_agent created_at told_at",
    ),
    Kind(
        "messages",
        Message,
        "tradie",
        "about kind audience channel recipient subject created_at sent_at skipped_because",
    ),
    Kind("stopped_reminders", OptOut, "tradie", "address by stopped_at started_at"),
    Kind("webhooks", WebhookEndpoint, "tradie", "url description event_types created_at switched_off_at"),
    Kind(
        "api_keys", ApiKey, "member__tradie", "name scopes person=member__user__email created_at revoked_at"
    ),
    Kind("changes", AuditEntry, "tradie", "at kind person=user__email about detail"),
)
