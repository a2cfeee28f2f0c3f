"""What Celery is told, by its own names: late acknowledgement, quorum queues and confirms on RabbitMQ, or Redis for
development. Nothing is ever scheduled by ETA."""

from __future__ import annotations

from typing import Any

from celery.schedules import crontab
from django.conf import settings
from kombu import Exchange, Queue

broker_url: str = settings.CELERY_BROKER_URL
_on_rabbitmq = broker_url.startswith(("amqp", "pyamqp"))
_exchange = Exchange("peepopay", type="topic")


def _queue(name: str) -> Queue:
    if not _on_rabbitmq:
        return Queue(name, _exchange, routing_key=name)
    return Queue(
        name,
        _exchange,
        routing_key=name,
        queue_arguments={
            "x-queue-type": "quorum",
            "x-delivery-limit": 5,
            "x-dead-letter-exchange": "peepopay.dead",  # peepopay/dead_letters.py
        },
    )


task_queues = [_queue(name) for name in ("webhooks", "messages", "outgoing", "sweeps")]
task_default_queue = "sweeps"
task_default_exchange = "peepopay"
task_default_exchange_type = "topic"
task_default_routing_key = "sweeps"
task_acks_late = True
task_reject_on_worker_lost = True
task_ignore_result = True
task_soft_time_limit = 30
task_time_limit = 45
CELERY_DB_REUSE_MAX = 100_000  # tasks by one connection; its age ends it sooner (database.py)
worker_consumer = "peepopay.worker_consumer:PromptConsumer"
worker_prefetch_multiplier = 1
worker_soft_shutdown_timeout = 20
worker_hijack_root_logger = False
worker_cancel_long_running_tasks_on_connection_loss = True
broker_connection_timeout = 2
broker_connection_retry_on_startup = True
broker_connection_max_retries = None
broker_heartbeat = 10
task_publish_retry = False  # the relay retries: a row stays until its handler is done
broker_transport_options = (
    {"confirm_publish": True, "read_timeout": 3, "write_timeout": 3, "max_retries": 1}
    if _on_rabbitmq
    else {"visibility_timeout": 120, "socket_timeout": 5, "socket_connect_timeout": 2, "max_retries": 1}
)

# Beat keeps one connection, and without this it would never find a broker again that was restarted.
_ONCE_MORE = {"retry": True, "retry_policy": {"max_retries": 1, "interval_start": 0, "interval_step": 0}}
PULSE_SECONDS = settings.HEARTBEAT_SECONDS * 2


def _entry(
    task: str, schedule: crontab | float, *, expires: float | None = None, **more: Any
) -> dict[str, Any]:
    """`expires`: sweeps that piled up while no worker ran are not worth catching up with."""
    options = _ONCE_MORE | ({"expires": expires} if expires else {}) | more.pop("options", {})
    return {"task": task, "schedule": schedule, "options": options, **more}


def _pulse(queue: Queue) -> dict[str, Any]:
    """A sign of life: heartbeats.py."""
    on = {"queue": queue.name}
    return _entry(
        "peepopay.tasks.pulse", PULSE_SECONDS, expires=PULSE_SECONDS * 2, args=[queue.name], options=on
    )


beat_schedule = {
    "expire-holds": _entry("payments.tasks.expire_holds", 30, expires=300),
    "lapse-requests": _entry("payments.tasks.lapse_requests", 60, expires=300),
    "lapse-day-moves": _entry("bookings.tasks.lapse_day_moves", 60, expires=300),
    "make-out-series": _entry("bookings.tasks.make_out_series", 600, expires=600),
    "ask-series-deposits": _entry("payments.tasks.ask_series_deposits", 600, expires=600),
    "offer-freed-times": _entry("bookings.tasks.offer_freed_times", 30, expires=60),
    "lapse-fees": _entry("payments.tasks.lapse_fees", 300, expires=300),
    "forget-cards": _entry("payments.tasks.forget_cards", 600, expires=600),
    "sync-unsettled-payments": _entry("payments.tasks.sync_unsettled_payments", 120, expires=300),
    "send-reminders": _entry("bookings.tasks.send_reminders", 60, expires=60),
    "look-for-refunds": _entry("payments.tasks.look_for_refunds", 600, expires=600),
    "look-for-disputes": _entry("payments.tasks.look_for_disputes", 600, expires=600),
    "look-for-payouts": _entry("payments.tasks.look_for_payouts", 600, expires=600),
    "credit-refunds": _entry("invoicing.tasks.credit_refunds", 120, expires=300),
    "tell-lapsed-quotes": _entry("invoicing.tasks.tell_lapsed_quotes", 300, expires=300),
    "look-for-transactions": _entry("payments.tasks.look_for_transactions", 60, expires=60),
    "post-missing": _entry("payments.tasks.post_missing", 600, expires=600),
    "look-for-events": _entry("payments.tasks.look_for_events", 60, expires=60),
    # Three to five in the morning in Sydney, with and without daylight saving.
    "compare-with-stripe": _entry(
        "payments.tasks.compare_with_stripe", crontab(minute="*/2", hour="16-18"), expires=120
    ),
    "check-accounts": _entry("payments.tasks.check_accounts", 600, expires=600),
    "check-invariants": _entry("payments.tasks.check_invariants", crontab(minute=17)),
    "forget-old-rows": _entry("bookings.tasks.forget_old_rows", crontab(hour=16, minute=40)),
    "erase-personal-data": _entry("bookings.tasks.erase_personal_data", crontab(hour=17, minute=10)),
    "end-closed-accounts": _entry("invoicing.tasks.end_closed_accounts", crontab(hour=18, minute=10)),
    "erase-quotes": _entry("invoicing.tasks.erase_quotes", crontab(hour=17, minute=40)),
    **{f"pulse-{queue.name}": _pulse(queue) for queue in task_queues},
}
