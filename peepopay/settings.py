"""All settings, in sections: what differs between installations, or is read from here by a library. A constant stands
beside the code that uses it instead, and what fills a page beside its subject, named here.

What differs comes from the environment; any variable may also be given as a file (`SECRET_KEY_FILE=/run/secrets/key`).
`.env.example` lists every variable.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from . import api_description, caches, database, logs, stored_files
from .environment import Environment
from .sign_in_settings import *  # noqa: F403 - those are settings too

BASE_DIR = Path(__file__).resolve().parent.parent
env = Environment()

# --- Core ---

PROGRAM = env.str("PEEPOPAY_PROGRAM", default="")  # web, worker, beat, relay; whoever starts it says so
DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.required("SECRET_KEY")
SECRET_KEY_FALLBACKS = [key.strip() for key in env.secret("SECRET_KEY_FALLBACKS").split(",") if key.strip()]
SITE_URL = env.str("SITE_URL", default="http://localhost:8000").rstrip("/")
# Where tradies' websites have the widget from: another host than ours if a CDN serves it (docs/proxy.md).
WIDGET_URL = env.str("WIDGET_URL", default="").rstrip("/") or SITE_URL
DEMO_TRADIE = env.str("DEMO_TRADIE", default="")  # whose booking page strangers may try on the home page
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[urlsplit(SITE_URL).hostname])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[SITE_URL])
ROOT_URLCONF = env.str("ROOT_URLCONF", default="web.urls")
WSGI_APPLICATION = "web.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# What has rows. The relay publishes rows and needs no more: without the pages it takes 53 MiB instead of 74.
INSTALLED_APPS = [
    "peepopay",
    "accounts",
    "notifications",
    "availability",
    "bookings",
    "ledger",
    "payments",
    "invoicing",
    "django.contrib.auth",
    "django.contrib.contenttypes",
]
if PROGRAM != "relay":
    INSTALLED_APPS += [
        "web",
        "web.apps.OperatorAdminConfig",
        "django.contrib.sessions",
        "django.contrib.messages",
        "django.contrib.staticfiles",
        "django.contrib.postgres",
        "django.forms",
        "allauth",
        "allauth.account",
        "allauth.mfa",
        "allauth.socialaccount",
        "allauth.socialaccount.providers.google",
        "csp",
        "corsheaders",
        "anymail",
        "rest_framework",
        "drf_spectacular",
        "drf_spectacular_sidecar",
    ]

MIDDLEWARE = [
    "peepopay.observed_requests.ObservedRequests",
    "web.api.cors.PublicCors",  # before all that answers, so that a browser may read every error too
    # The next three before all that may answer: files and refusals go out with the same headers as pages.
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "web.surfaces.SurfaceHeaders",
    "peepopay.middleware.ApiBoundaryMiddleware",
    "peepopay.uploads.FewUploads",
    "web.static_files.StaticFilesMiddleware",
    "peepopay.sessions.Sessions",
    "web.sign_in.middleware.SignInMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
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
PHONENUMBER_DEFAULT_REGION = "AU"

# --- PostgreSQL ---

# Only web may come through a pooler in transaction mode, and uses nothing that belongs to a session. The others go
# straight to PostgreSQL: the relay LISTENs, the workers hold advisory locks. See docs/workers.md.
_direct_address = env.str("DATABASE_DIRECT_URL", default="") or env.required("DATABASE_URL")
_address = env.required("DATABASE_URL") if PROGRAM == "web" else _direct_address
WEB_THREADS = env.int("WEB_THREADS", default=16)  # of each web process; deploy/gunicorn.conf.py reads it too
DATABASES = {
    "default": database.connection(
        env.db_url_config(_address),
        behind_a_pooler=_address != _direct_address,
        keep=env.int("DATABASE_POOL_MIN", default=2),
        most=env.int("DATABASE_POOL_MAX", default=WEB_THREADS),
    )
}

# --- Redis: speed only, never the only copy of anything ---

REDIS_URL = env.required("REDIS_URL")
REDIS_TIMEOUT_SECONDS = 0.2
CACHES = caches.configuration(REDIS_URL, timeout=REDIS_TIMEOUT_SECONDS)
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
SESSION_CACHE_ALIAS = "redis"
SESSION_COOKIE_AGE = 7 * 24 * 60 * 60  # from the last day of use: web/sign_in/rolling.py
# A cookie would carry e-mail addresses.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# --- RabbitMQ (or Redis): what else Celery is told is in celery_config.py ---

CELERY_BROKER_URL = env.required("CELERY_BROKER_URL")
HEARTBEAT_SECONDS = env.float("HEARTBEAT_SECONDS", default=15)  # of relay, beat and workers: heartbeats.py

# --- Bookings ---

HOLD_MINUTES = env.int("HOLD_MINUTES", default=10)
EXPIRY_GRACE_SECONDS = env.int("EXPIRY_GRACE_SECONDS", default=60)
PERSONAL_DATA_MONTHS = env.int("PERSONAL_DATA_MONTHS", default=24)  # after the job; docs/privacy.md
RATE_LIMITS = env.str("RATE_LIMITS", default="on") != "off"
CHALLENGE_SITE_KEY = env.str("CHALLENGE_SITE_KEY", default="")
CHALLENGE_SECRET = env.secret("CHALLENGE_SECRET")
CHALLENGE_SCRIPT_URL = env.str("CHALLENGE_SCRIPT_URL", default="")
CHALLENGE_VERIFY_URL = env.str("CHALLENGE_VERIFY_URL", default="")
CHALLENGE_ORIGINS = env.list("CHALLENGE_ORIGINS", default=[])

# --- Stripe: direct charges on the tradie's own account ---

STRIPE_SECRET_KEY = env.str("STRIPE_SECRET_KEY", default="")
STRIPE_PUBLISHABLE_KEY = env.str("STRIPE_PUBLISHABLE_KEY", default="")
# A blank one would be a secret that everybody knows.
STRIPE_WEBHOOK_SECRETS = [
    secret.strip() for secret in env.list("STRIPE_WEBHOOK_SECRETS", default=[]) if secret.strip()
]
STRIPE_API_BASE = env.str("STRIPE_API_BASE", default="https://api.stripe.com")
STRIPE_JS_URL = env.str("STRIPE_JS_URL", default="https://js.stripe.com/endive/stripe.js")
APPLICATION_FEE_BASIS_POINTS = env.int("APPLICATION_FEE_BASIS_POINTS", default=250)

# --- Messages ---

SENT_MESSAGES_DIR = env.str("SENT_MESSAGES_DIR", default="")  # set: mails and SMS become files there
_email = env.email_url("EMAIL_URL", default="consolemail://")
_email_default, _sms_default = (
    ("notifications.channels.files.EmailBackend", "notifications.channels.files.SmsBackend")
    if SENT_MESSAGES_DIR
    else (_email["EMAIL_BACKEND"], "notifications.channels.sms.ConsoleBackend")
)
EMAIL_BACKEND = env.str("EMAIL_BACKEND", default=_email_default)
EMAIL_HOST, EMAIL_PORT = _email["EMAIL_HOST"], _email["EMAIL_PORT"]
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _email["EMAIL_HOST_USER"], _email["EMAIL_HOST_PASSWORD"]
EMAIL_USE_TLS, EMAIL_USE_SSL = _email.get("EMAIL_USE_TLS", False), _email.get("EMAIL_USE_SSL", False)
EMAIL_TIMEOUT = 10
# {"POSTMARK_SERVER_TOKEN": "..."} with EMAIL_BACKEND=anymail.backends...
ANYMAIL = env.json("ANYMAIL", default={}) if env.secret("ANYMAIL") else {}
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="PeepoPay <bookings@localhost>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
SMS_BACKEND = env.str("SMS_BACKEND", default=_sms_default)
TWILIO_ACCOUNT_SID = env.str("TWILIO_ACCOUNT_SID", default="")
TWILIO_AUTH_TOKEN = env.secret("TWILIO_AUTH_TOKEN")
TWILIO_FROM = env.str("TWILIO_FROM", default="")
TWILIO_API_BASE = env.str("TWILIO_API_BASE", default="https://api.twilio.com")

# --- Words on the phones of businesses ---

VAPID_PRIVATE_KEY = env.secret("VAPID_PRIVATE_KEY")

# --- Webhooks to the systems of businesses ---

WEBHOOK_PRIVATE_NETWORKS = env.list("WEBHOOK_PRIVATE_NETWORKS", default=[])

# --- Sign-in: what no installation changes is in sign_in_settings.py ---

# On this machine only: everywhere else browsers want https.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = SITE_URL.startswith("http://")
# With Google where both are set: of an OAuth client at https://console.cloud.google.com/apis/credentials, a web
# application that leads back to SITE_URL/accounts/google/login/callback/.
GOOGLE_CLIENT_ID = env.str("GOOGLE_CLIENT_ID", default="")
GOOGLE_CLIENT_SECRET = env.secret("GOOGLE_CLIENT_SECRET")
_google = {"client_id": GOOGLE_CLIENT_ID, "secret": GOOGLE_CLIENT_SECRET}
SOCIALACCOUNT_PROVIDERS = {
    "google": {
        "APPS": [_google] if all(_google.values()) else [],
        "SCOPE": ["openid", "email", "profile"],
        "OAUTH_PKCE_ENABLED": True,
    }
}
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "http" if SITE_URL.startswith("http://") else "https"
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("ALLAUTH_TRUSTED_PROXY_COUNT", default=0)

# --- Security ---

_https = SITE_URL.startswith("https://")
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if ALLAUTH_TRUSTED_PROXY_COUNT else None
SECURE_SSL_REDIRECT = _https
SECURE_SSL_HOST = urlsplit(SITE_URL).netloc  # never the host that the request names
SECURE_REDIRECT_EXEMPT = [r"^health"]
SECURE_HSTS_SECONDS = 31_536_000  # said over https only
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _https
DATA_UPLOAD_MAX_MEMORY_SIZE = 512 * 1024  # as much as the proxy: a page says which field holds too much
FILE_UPLOAD_HANDLERS = [
    "peepopay.uploads.BoundedUploads",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
# Content-Security-Policy and its like differ by surface: web/surfaces.py.

# The public API is open to any site and never uses cookies. An address that is not named here is for the dashboard.
CORS_URLS_REGEX = (
    r"^/api/(tradies|availability|callbacks|waitlist|bookings(?!/manual)|payments|schema|suburbs)(/|$)"
)
CORS_ALLOW_ALL_ORIGINS = True
CORS_ALLOW_HEADERS = ["authorization", "content-type", "form-check", "idempotency-key", "if-none-match"]
CORS_EXPOSE_HEADERS = ["ETag", "Retry-After", "X-Request-ID"]
CORS_PREFLIGHT_MAX_AGE = 86_400

# --- Static files, the widget, and what people upload ---

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
WIDGET_DIR = BASE_DIR / "widget" / "dist"
WHITENOISE_ROOT = WIDGET_DIR if WIDGET_DIR.is_dir() else None
WHITENOISE_IMMUTABLE_FILE_TEST = r"^.+[.-][0-9a-zA-Z_-]{8,12}\..+$"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "uploads": stored_files.configuration(env, folder=BASE_DIR / "uploads"),
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
SPECTACULAR_SETTINGS = api_description.SPECTACULAR

# --- Logging, figures and reports of errors ---

METRICS_ADDRESS = env.str("METRICS_ADDRESS", default="")  # metrics.py

SENTRY_DSN = env.sentry_dsn("SENTRY_DSN")
SENTRY_RELEASE = env.str("SENTRY_RELEASE", default="") or "unknown"
SENTRY_ENVIRONMENT = env.str("SENTRY_ENVIRONMENT", default="") or "production"
_sentry = {"dsn": SENTRY_DSN, "release": SENTRY_RELEASE, "environment": SENTRY_ENVIRONMENT}

LOGGING = logs.configuration(
    env.str("LOG_FORMAT", default="json"),
    level=env.str("LOG_LEVEL", default="INFO"),
    program=PROGRAM,
    sentry=_sentry if SENTRY_DSN and PROGRAM else None,  # not of what somebody types at a prompt
)
