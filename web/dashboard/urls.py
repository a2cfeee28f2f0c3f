"""The tradie's pages, under /dashboard/."""

from datetime import date

from django.core.exceptions import ImproperlyConfigured
from django.urls import path, register_converter

from . import (
    api_keys,
    bookings,
    business,
    calendar,
    calendar_feed,
    card_payments,
    changes,
    connections,
    crew,
    customer_messages,
    day_moves,
    disputes,
    handing_over,
    hours,
    invoicing,
    money,
    more,
    moving,
    new_booking,
    news,
    no_shows,
    people,
    quotes,
    receipts,
    refunds,
    running_late,
    services,
    starter_services,
    time_off,
    today,
    webhooks,
    you,
    your_widget,
)


class DateConverter:
    """`2027-01-26`; anything else is an unknown address."""

    regex = "20[0-9]{2}-[01][0-9]-[0-3][0-9]"

    def to_python(self, value: str) -> date:
        return date.fromisoformat(value)

    def to_url(self, value: date) -> str:
        return value.isoformat()


register_converter(DateConverter, "date")

urlpatterns = [
    path("", today.today, name="dashboard_today"),
    path("late", running_late.say, name="running_late"),
    path("days/new", day_moves.new, name="day_move_new"),
    path("days/<uuid:move_id>", day_moves.day_move, name="day_move"),
    path("days/<uuid:move_id>/reopen", day_moves.reopen, name="day_move_reopen"),
    path("disputes/<uuid:dispute_id>", disputes.dispute, name="dispute"),
    path("bookings", bookings.bookings, name="bookings"),
    path("bookings/new", new_booking.add, name="booking_add"),
    path("bookings/<uuid:booking_id>", bookings.booking, name="booking"),
    path("bookings/<uuid:booking_id>/approve", bookings.approve, name="booking_approve"),
    path("bookings/<uuid:booking_id>/decline", bookings.decline, name="booking_decline"),
    path("bookings/<uuid:booking_id>/called", bookings.called, name="booking_called"),
    path("bookings/<uuid:booking_id>/done", bookings.done, name="booking_done"),
    path("bookings/<uuid:booking_id>/no-show", no_shows.no_show, name="booking_no_show"),
    path("bookings/<uuid:booking_id>/no-show/undo", no_shows.undo, name="booking_no_show_undo"),
    path("bookings/<uuid:booking_id>/cancel", bookings.cancel, name="booking_cancel"),
    path("bookings/<uuid:booking_id>/let-go", bookings.let_go, name="booking_let_go"),
    path("bookings/<uuid:booking_id>/move", moving.move, name="booking_move"),
    path("bookings/<uuid:booking_id>/hand-over", handing_over.hand_over, name="booking_hand_over"),
    path("bookings/<uuid:booking_id>/refund", refunds.refund, name="booking_refund"),
    path("bookings/<uuid:booking_id>/refunds/<uuid:refund_id>/again", refunds.again, name="refund_again"),
    path("bookings/<uuid:booking_id>/notes", bookings.notes, name="booking_notes"),
    path("calendar", calendar.calendar, name="calendar"),
    path("calendar/feed", calendar_feed.calendar_feed, name="calendar_feed"),
    path("calendar/feed/renew", calendar_feed.renew, name="calendar_feed_renew"),
    path("calendar/feed/stop", calendar_feed.stop, name="calendar_feed_stop"),
    path("more", more.more, name="more"),
    path("quotes", quotes.quotes, name="quotes"),
    path("quotes/new", quotes.add, name="quote_add"),
    path("quotes/<uuid:quote_id>", quotes.quote, name="dashboard_quote"),
    path("quotes/<uuid:quote_id>/change", quotes.change, name="quote_change"),
    path("quotes/<uuid:quote_id>/send", quotes.send, name="quote_send"),
    path("quotes/<uuid:quote_id>/withdraw", quotes.withdraw, name="quote_withdraw"),
    path("quotes/<uuid:quote_id>/link", quotes.new_link, name="quote_new_link"),
    path("quotes/<uuid:quote_id>/discard", quotes.discard, name="quote_discard"),
    path("bookings/<uuid:booking_id>/invoice", invoicing.invoice, name="booking_invoice"),
    path("bookings/<uuid:booking_id>/invoice/remind", invoicing.send_again, name="invoice_remind"),
    path("bookings/<uuid:booking_id>/credit", invoicing.credit, name="invoice_credit"),
    path(
        "bookings/<uuid:booking_id>/documents/<uuid:document_id>", invoicing.document, name="booking_document"
    ),
    path(
        "bookings/<uuid:booking_id>/deposit-receipt",
        invoicing.deposit_receipt,
        name="booking_deposit_receipt",
    ),
    path("bookings/<uuid:booking_id>/receipts/new", receipts.add, name="receipt_add"),
    path("bookings/<uuid:booking_id>/receipts/<uuid:receipt_id>/undo", receipts.undo, name="receipt_undo"),
    path("money", money.money, name="money"),
    path("money/year", money.year, name="money_year"),
    path("money/accountant", money.accountant, name="money_accountant"),
    path("money/accountant/xero.csv", money.xero_file, name="money_xero"),
    path("set-up", business.set_up, name="business_setup"),
    path("set-up/address", business.address, name="booking_address"),
    path("card-payments", card_payments.card_payments, name="card_payments"),
    path("widget", your_widget.your_widget, name="your_widget"),
    path("widget/qr.svg", your_widget.qr, name="widget_qr"),
    path("business", business.details, name="business"),
    path("messages", customer_messages.customer_messages, name="customer_messages"),
    path("business/bank", receipts.pay_to, name="pay_to"),
    path("crew", crew.crew, name="crew"),
    path("crew/choice", crew.choice, name="crew_choice"),
    path("crew/new", crew.add, name="crew_add"),
    path("crew/<uuid:calendar_id>", crew.change, name="crew_change"),
    path("crew/<uuid:calendar_id>/move", crew.move, name="crew_move"),
    path("crew/<uuid:calendar_id>/stop", crew.stop, name="crew_stop"),
    path("crew/<uuid:calendar_id>/start", crew.start, name="crew_start"),
    path("people", people.people, name="people"),
    path("people/new", people.invite_somebody, name="person_invite"),
    path("people/<uuid:member_id>", people.person, name="person"),
    path("people/<uuid:member_id>/remove", people.remove, name="person_remove"),
    path("people/invitations/<uuid:invitation_id>/send", people.send_again, name="invitation_send"),
    path("people/invitations/<uuid:invitation_id>/withdraw", people.withdraw, name="invitation_withdraw"),
    path("connections", connections.connections, name="connections"),
    path("connections/webhooks/new", webhooks.add, name="webhook_add"),
    path("connections/webhooks/<uuid:endpoint_id>", webhooks.webhook, name="webhook"),
    path("connections/webhooks/<uuid:endpoint_id>/secret", webhooks.secret, name="webhook_secret"),
    path(
        "connections/webhooks/<uuid:endpoint_id>/secret/change",
        webhooks.new_secret,
        name="webhook_new_secret",
    ),
    path("connections/webhooks/<uuid:endpoint_id>/change", webhooks.change, name="webhook_change"),
    path("connections/webhooks/<uuid:endpoint_id>/test", webhooks.test, name="webhook_test"),
    path("connections/webhooks/<uuid:endpoint_id>/on", webhooks.switch_on, name="webhook_on"),
    path("connections/webhooks/<uuid:endpoint_id>/remove", webhooks.remove, name="webhook_remove"),
    path("connections/deliveries/<uuid:delivery_id>", webhooks.delivery, name="delivery"),
    path("connections/deliveries/<uuid:delivery_id>/again", webhooks.again, name="delivery_again"),
    path("connections/keys/new", api_keys.add, name="key_add"),
    path("connections/keys/<uuid:key_id>", api_keys.key, name="key"),
    path("connections/keys/<uuid:key_id>/revoke", api_keys.revoke, name="key_revoke"),
    path("changes", changes.changes, name="changes"),
    path("you", you.you, name="you"),
    path("you/messages", news.news, name="news"),
    path("you/leave", you.leave, name="leave"),
    path("you/switch", you.switch, name="switch"),
    path("services", services.services, name="services"),
    path("services/usual-terms", services.usual_terms, name="usual_terms"),
    path("services/starters/new", starter_services.starter_services, name="starter_services"),
    path("services/new", services.add, name="service_add"),
    path("services/<uuid:service_id>", services.change, name="service_change"),
    path("services/<uuid:service_id>/offer", services.offer, name="service_offer"),
    path("services/<uuid:service_id>/move", services.move, name="service_move"),
    path("hours", hours.week, name="hours"),
    path("hours/dates", hours.dates, name="dates"),
    path("hours/dates/new", hours.add_date, name="date_add"),
    path("hours/dates/<date:day>", hours.change_date, name="date_change"),
    path("hours/dates/<date:day>/remove", hours.clear_date, name="date_remove"),
    path("hours/rules", hours.booking_rules, name="booking_rules"),
    path("time-off", time_off.time_off, name="time_off"),
    path("time-off/new", time_off.add, name="time_off_add"),
    path("time-off/<uuid:block_id>", time_off.change, name="time_off_change"),
    path("time-off/<uuid:block_id>/remove", time_off.remove, name="time_off_remove"),
]

for pattern in urlpatterns:
    if not hasattr(pattern.callback, "is_guarded"):
        raise ImproperlyConfigured(f"{pattern.name}: say who may open it, with @for_members")
