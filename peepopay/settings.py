"""All settings, in sections. Everything that differs between machines comes from the environment; any variable may
also be given as a file (`SECRET_KEY_FILE=/run/secrets/key`). `.env.example` lists every variable."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from celery.schedules import crontab
from csp.constants import NONE, SELF
from environ import FileAwareEnv
from kombu import Exchange, Queue

BASE_DIR = Path(__file__).resolve().parent.parent
env = FileAwareEnv()

# --- Core ---

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
SITE_URL = env.str("SITE_URL", default="http://localhost:8000").rstrip("/")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[urlsplit(SITE_URL).hostname])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[SITE_URL])
ROOT_URLCONF = env.str("ROOT_URLCONF", default="web.urls")
WSGI_APPLICATION = "web.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "peepopay",
    "accounts",
    "notifications",
    "availability",
    "bookings",
    "payments",
    "web",
    "web.apps.OperatorAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "corsheaders",
    "anymail",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
]

MIDDLEWARE = [
    "web.api.cors.PublicCors",  # first, so that a browser may read every error of the API too
    "peepopay.middleware.ApiBoundaryMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "web.static_files.StaticFilesMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "web.sign_in.middleware.SignInMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "web.members.in_templates",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# --- Language and time: instants are UTC inside, the tradie's zone at the edge ---

LANGUAGE_CODE = "en-au"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True

# --- PostgreSQL ---

# Only web may come through a pooler in transaction mode, and uses nothing that belongs to a session. The others go
# straight to PostgreSQL: the relay LISTENs, the workers hold advisory locks. See docs/workers.md.
_direct_address = env.str("DATABASE_DIRECT_URL", default="") or env.str("DATABASE_URL")
_address = env.str("DATABASE_URL") if env.str("PEEPOPAY_PROGRAM", default="") == "web" else _direct_address
_pooled = _address != _direct_address
# What a client sets for a pooled session does not hold; there these come from the role, where `migrate` writes them.
SESSION_LIMITS = {
    "statement_timeout": "5s",
    "lock_timeout": "2s",
    "idle_in_transaction_session_timeout": "15s",
}
WEB_THREADS = env.int("WEB_THREADS", default=16)  # of each web process; deploy/gunicorn.conf.py reads it too
_pool_size = env.int("DATABASE_POOL_MAX", default=WEB_THREADS)
DATABASES = {
    "default": {
        **env.db_url_config(_address),
        "ENGINE": "django.db.backends.postgresql",
        "CONN_HEALTH_CHECKS": True,
        "DISABLE_SERVER_SIDE_CURSORS": _pooled,
        "OPTIONS": {
            "connect_timeout": 2,
            # Without a timeout of its own the pool lets every request hang 30 s when the database is gone. Workers do
            # without (0): Celery would build and tear down a pool around each task.
            "pool": _pool_size
            and {"min_size": env.int("DATABASE_POOL_MIN", default=2), "max_size": _pool_size, "timeout": 3},
            **({} if _pooled else {"options": " ".join(f"-c {k}={v}" for k, v in SESSION_LIMITS.items())}),
        },
    }
}

# --- Redis: speed only, never the only copy of anything ---

REDIS_URL = env.str("REDIS_URL")
REDIS_TIMEOUT_SECONDS = 0.2
CACHES = {
    # allauth refuses correct passwords when its cache is away, so the default cache lives in PostgreSQL.
    # It holds counted guesses, so nobody may push them out by filling it: 300 entries would be Django's limit.
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    },
    "redis": {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "peepopay",
        "OPTIONS": {
            "SOCKET_CONNECT_TIMEOUT": REDIS_TIMEOUT_SECONDS,
            "SOCKET_TIMEOUT": REDIS_TIMEOUT_SECONDS,
            "IGNORE_EXCEPTIONS": True,
            "CONNECTION_POOL_KWARGS": {"retry": None, "max_connections": 20},
        },
    },
}
SLOT_CACHE_SECONDS = 300
PROFILE_CACHE_SECONDS = 600
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
SESSION_CACHE_ALIAS = "redis"
SESSION_COOKIE_AGE = 7 * 24 * 60 * 60  # from the last day of use: web/sign_in/rolling.py
MESSAGE_STORAGE = (
    "django.contrib.messages.storage.session.SessionStorage"  # a cookie would carry e-mail addresses
)

# --- Celery on RabbitMQ (or Redis): late acks, quorum queues, confirms; nothing is ever scheduled by ETA --------------

CELERY_BROKER_URL = env.str("CELERY_BROKER_URL")
_on_rabbitmq = CELERY_BROKER_URL.startswith(("amqp", "pyamqp"))
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


CELERY_TASK_QUEUES = [_queue("webhooks"), _queue("messages"), _queue("sweeps")]
CELERY_TASK_DEFAULT_QUEUE = "sweeps"
CELERY_TASK_DEFAULT_EXCHANGE = "peepopay"
CELERY_TASK_DEFAULT_EXCHANGE_TYPE = "topic"
CELERY_TASK_DEFAULT_ROUTING_KEY = "sweeps"
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SOFT_TIME_LIMIT = 30
CELERY_TASK_TIME_LIMIT = 45
CELERY_WORKER_CONSUMER = "peepopay.worker_consumer:PromptConsumer"
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 20
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_BROKER_CONNECTION_TIMEOUT = 2
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_HEARTBEAT = 10
CELERY_TASK_PUBLISH_RETRY = False  # the relay retries: a row stays until its handler is done
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {"confirm_publish": True, "read_timeout": 3, "write_timeout": 3, "max_retries": 1}
    if _on_rabbitmq
    else {"visibility_timeout": 120, "socket_timeout": 5, "socket_connect_timeout": 2, "max_retries": 1}
)
CELERY_BEAT_SCHEDULE = {
    # `expires`: sweeps that piled up while no worker ran are not worth catching up with.
    "expire-holds": {"task": "payments.tasks.expire_holds", "schedule": 30.0, "options": {"expires": 300}},
    "sync-unsettled-payments": {
        "task": "payments.tasks.sync_unsettled_payments",
        "schedule": 120.0,
        "options": {"expires": 300},
    },
    "check-invariants": {"task": "payments.tasks.check_invariants", "schedule": crontab(minute=17)},
    "forget-old-rows": {"task": "bookings.tasks.forget_old_rows", "schedule": crontab(hour=16, minute=40)},
}

# --- Bookings ---

HOLD_MINUTES = env.int("HOLD_MINUTES", default=10)
EXPIRY_GRACE_SECONDS = env.int("EXPIRY_GRACE_SECONDS", default=60)
RATE_LIMITS = env.str("RATE_LIMITS", default="on") != "off"

# --- Stripe: direct charges on the tradie's own account ---

STRIPE_SECRET_KEY = env.str("STRIPE_SECRET_KEY", default="")
STRIPE_PUBLISHABLE_KEY = env.str("STRIPE_PUBLISHABLE_KEY", default="")
STRIPE_WEBHOOK_SECRETS = env.list("STRIPE_WEBHOOK_SECRETS", default=[])
STRIPE_API_BASE = env.str("STRIPE_API_BASE", default="https://api.stripe.com")
STRIPE_JS_URL = env.str("STRIPE_JS_URL", default="https://js.stripe.com/endive/stripe.js")
STRIPE_TIMEOUT_SECONDS = 5  # for all that one request asks, the wait for a place among the calls included
STRIPE_CALLS_AT_ONCE = max(WEB_THREADS * 3 // 4, 1)  # the other threads stay free to answer when Stripe hangs
STRIPE_LIVE_MODE = "_live_" in STRIPE_SECRET_KEY
APPLICATION_FEE_BASIS_POINTS = env.int("APPLICATION_FEE_BASIS_POINTS", default=250)

# --- Messages ---

SENT_MESSAGES_DIR = env.str("SENT_MESSAGES_DIR", default="")  # set: mails and SMS become files there
_email = env.email_url("EMAIL_URL", default="consolemail://")
EMAIL_BACKEND = env.str(
    "EMAIL_BACKEND",
    default="notifications.channels.files.EmailBackend" if SENT_MESSAGES_DIR else _email["EMAIL_BACKEND"],
)
EMAIL_HOST, EMAIL_PORT = _email["EMAIL_HOST"], _email["EMAIL_PORT"]
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _email["EMAIL_HOST_USER"], _email["EMAIL_HOST_PASSWORD"]
EMAIL_USE_TLS, EMAIL_USE_SSL = _email.get("EMAIL_USE_TLS", False), _email.get("EMAIL_USE_SSL", False)
EMAIL_TIMEOUT = 10
ANYMAIL = env.json(
    "ANYMAIL", default={}
)  # {"POSTMARK_SERVER_TOKEN": "..."} with EMAIL_BACKEND=anymail.backends...
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="PeepoPay <bookings@localhost>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
SMS_BACKEND = env.str(
    "SMS_BACKEND",
    default="notifications.channels.files.SmsBackend"
    if SENT_MESSAGES_DIR
    else "notifications.channels.sms.ConsoleBackend",
)
TWILIO_ACCOUNT_SID = env.str("TWILIO_ACCOUNT_SID", default="")
TWILIO_AUTH_TOKEN = env.str("TWILIO_AUTH_TOKEN", default="")
TWILIO_FROM = env.str("TWILIO_FROM", default="")
TWILIO_API_BASE = env.str("TWILIO_API_BASE", default="https://api.twilio.com")

# --- Sign-in: allauth, by e-mail address ---

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/dashboard/"
ACCOUNT_ADAPTER = "web.sign_in.adapter.Adapter"
ACCOUNT_FORMS = {
    "request_login_code": "web.sign_in.forms.AskForCode",
    "confirm_login_code": "web.sign_in.forms.EnterCode",
}
MFA_FORMS = {"activate_totp": "web.sign_in.forms.SetUpAuthenticator"}
MFA_TOTP_ISSUER = "PeepoPay"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_REAUTHENTICATION_REQUIRED = True  # before a change of e-mail address or second factor
ACCOUNT_CONFIRM_EMAIL_ON_GET = False
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 15 * 60
ACCOUNT_LOGIN_ON_PASSWORD_RESET = True  # or whoever guesses could keep its owner out of a fresh password
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
# Per address (IPv6 by /64) and per account. What is mailed is bounded in web/sign_in/mails.py, so that nobody can use
# up the owner's mails and have them refused the next.
ACCOUNT_RATE_LIMITS = {
    "login": None,  # counted in the adapter, which can tell a browser that the account knows
    "login_by_password": "30/m/ip",
    "login_failed": "10/m/ip,5/5m/key",
    "login_failed_in_known_browser": "5/5m/key",
    "request_login_code": "20/m/ip",
    "reset_password": "20/m/ip",
}
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "http" if SITE_URL.startswith("http://") else "https"
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("ALLAUTH_TRUSTED_PROXY_COUNT", default=0)

# --- Security ---

_https = SITE_URL.startswith("https://")
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if ALLAUTH_TRUSTED_PROXY_COUNT else None
SECURE_SSL_REDIRECT = _https
SECURE_REDIRECT_EXEMPT = [r"^health"]
SECURE_HSTS_SECONDS = 31_536_000 if _https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = _https
SECURE_HSTS_PRELOAD = _https
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _https
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 64 * 1024
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:", "https:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# The public API is open to any site and never uses cookies. An address that is not named here is for the dashboard.
CORS_URLS_REGEX = r"^/api/(tradies|availability|bookings|payments|schema)(/|$)"
CORS_ALLOW_ALL_ORIGINS = True
CORS_ALLOW_HEADERS = ["authorization", "content-type", "idempotency-key", "if-none-match"]
CORS_EXPOSE_HEADERS = ["ETag", "Retry-After"]
CORS_PREFLIGHT_MAX_AGE = 86_400

# --- Static files and the widget ---

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
WIDGET_DIR = BASE_DIR / "widget" / "dist"
WHITENOISE_ROOT = WIDGET_DIR if WIDGET_DIR.is_dir() else None
WHITENOISE_IMMUTABLE_FILE_TEST = r"^.+[.-][0-9a-zA-Z_-]{8,12}\..+$"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# --- The API ---

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": ["peepopay.api.Nobody"],
    "DEFAULT_PARSER_CLASSES": ["peepopay.api.StrictJSONParser"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "peepopay.api.AlwaysJSON",
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "peepopay.api_schema.Schema",
    "EXCEPTION_HANDLER": "peepopay.api.handle_exception",
    "DEFAULT_METADATA_CLASS": None,  # OPTIONS is for preflights only; what there is, the schema says
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "PeepoPay",
    "DESCRIPTION": "Bookings with a deposit for Australian tradies. Money is in integer cents (AUD, GST included), "
    "times are ISO 8601 with the tradie's UTC offset. Every error has one shape; switch on its `code`.",
    "VERSION": "1.0.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SCHEMA_PATH_PREFIX": "/api",
    "SERVERS": [{"url": "/"}],
    "APPEND_COMPONENTS": {
        "securitySchemes": {
            "bookingToken": {"type": "http", "scheme": "bearer"},
            "dashboardSession": {
                "type": "apiKey",
                "in": "cookie",
                "name": "sessionid",
                "description": "Signed in to the dashboard; changes need the X-CSRFToken header as well.",
            },
        }
    },
}

# --- Logging: one line each to stderr, nothing personal ---

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "filters": {"no_tokens": {"()": "peepopay.logs.HideTokens"}},
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["no_tokens"]},
    },
    "root": {"handlers": ["stderr"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {
        "django.request": {"level": "ERROR"},
        "stripe": {"level": "WARNING"},
        "django.server": {"level": "WARNING"},
        "django.security.DisallowedHost": {"level": "CRITICAL"},
    },
}
