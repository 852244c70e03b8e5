"""Django settings, all from COTERIE_* environment variables."""

from pathlib import Path
from urllib.parse import urlsplit

from coterie.kit.addresses import allowed
from coterie.kit.environment import BadSetting, Environment, kept_secret, postgres_url

env = Environment()

# What and where
DEBUG = env.flag("COTERIE_DEBUG", default=False)
COTERIE_DATA = env.folder("COTERIE_DATA", "data")
COTERIE_BASE_URL = env.url("COTERIE_BASE_URL", "http://localhost:8000")
COTERIE_OPEN_SIGNUP = env.flag("COTERIE_OPEN_SIGNUP", default=False)
COTERIE_THREADS = env.number("COTERIE_THREADS", default=16, least=1, most=200)
COTERIE_METRICS_TOKEN = env.text("COTERIE_METRICS_TOKEN")
COTERIE_FILES = env.folder("COTERIE_FILES", str(COTERIE_DATA / "files"))
# Without one, exports are delivered into no folder. Each workspace has its own in it.
COTERIE_EXPORT_FOLDER = env.folder("COTERIE_EXPORT_FOLDER", "") if env.text("COTERIE_EXPORT_FOLDER") else None
if COTERIE_EXPORT_FOLDER is not None and COTERIE_EXPORT_FOLDER.resolve().is_relative_to(COTERIE_FILES.resolve()):
    raise BadSetting("COTERIE_EXPORT_FOLDER", "a folder outside COTERIE_FILES, whose old files are removed")
COTERIE_EGRESS_ALLOW = allowed(env.words("COTERIE_EGRESS_ALLOW"))
COTERIE_JOB_THREADS = env.number("COTERIE_JOB_THREADS", default=2, least=1, most=64)
SECRET_KEY = env.text("COTERIE_SECRET_KEY") or kept_secret(COTERIE_DATA / "secret_key")

_base = urlsplit(COTERIE_BASE_URL)
_secure = _base.scheme == "https"
ALLOWED_HOSTS = [_base.hostname or "localhost", *env.words("COTERIE_ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")]
CSRF_TRUSTED_ORIGINS = [f"{_base.scheme}://{_base.netloc}"]

# A worker that is gone, or asleep, is replaced after so many seconds.
COTERIE_LEASE_SECONDS = env.number("COTERIE_LEASE_SECONDS", default=20, least=1, most=600)

# Truth
COTERIE_DATABASE_URL = env.text("COTERIE_DATABASE_URL")
if COTERIE_DATABASE_URL:
    _database = postgres_url("COTERIE_DATABASE_URL", COTERIE_DATABASE_URL)
    # Seconds: a request waits so long for a connection, and attempts to reconnect are not spread further apart than
    # this, which they are up to minutes otherwise.
    _patience = {"timeout": 8, "reconnect_timeout": 8}
    _pool = {"min_size": 1, "max_size": env.number("COTERIE_DATABASE_POOL", default=16, least=1), **_patience}
    # A process that was stopped in the middle of a transaction must not hold its locks for ever: with the lease on a
    # workspace it would hold up whoever takes over. Options in the address go first.
    _idle = {"options": f"-c idle_in_transaction_session_timeout={3_000 * COTERIE_LEASE_SECONDS}"}
    DATABASES = {"default": {**_database, "OPTIONS": {**_idle, **_database["OPTIONS"], "pool": _pool}}}  # type: ignore[dict-item]
else:
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": str(COTERIE_DATA / "coterie.sqlite3"),
            "CONN_MAX_AGE": None,
            "OPTIONS": {
                # A transaction that starts as a reader and writes later can't wait for the lock; IMMEDIATE can.
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": (
                    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA secure_delete=ON;"
                    "PRAGMA temp_store=MEMORY; PRAGMA cache_size=-32000; PRAGMA mmap_size=268435456;"
                ),
            },
            # A file and not memory: worker threads of a test use the same database.
            "TEST": {"NAME": str(COTERIE_DATA / "test.sqlite3")},
        }
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Audience index: empty means embedded, at COTERIE_DATA/index
COTERIE_CLICKHOUSE_URLS = env.words("COTERIE_CLICKHOUSE_URL")
COTERIE_CLICKHOUSE_CLUSTER = env.text("COTERIE_CLICKHOUSE_CLUSTER")

# Rooms
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "ninja",
    "coterie.accounts",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.headless",
    "coterie.jobs",
    "coterie.people",
    "coterie.audience",
    "coterie.segments",
    "coterie.transfers",
    "coterie.tracking",
    "coterie.privacy",
]
MIDDLEWARE = [
    "coterie.web.middleware.edge",
    "django.middleware.security.SecurityMiddleware",
    "coterie.web.static_files.StaticFiles",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "coterie.web.middleware.settled",
]
ROOT_URLCONF = "coterie.urls"
ASGI_APPLICATION = "coterie.asgi.application"
APPEND_SLASH = False
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [Path(__file__).parent / "web" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
STATIC_URL = "static/"
STATICFILES_DIRS = [Path(__file__).parent / "web" / "static"]
# Files are served from where they lie: nothing to collect before a start.
WHITENOISE_USE_FINDERS = True
WHITENOISE_ALLOW_ALL_ORIGINS = False
# The build puts a hash of the content into these names, so a browser never has to ask again.
WHITENOISE_IMMUTABLE_FILE_TEST = r"^/static/app/assets/.+-[\w-]{8}\.\w+$"

# Identity
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
LOGIN_URL = "/accounts/login/"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "coterie.accounts.adapter.AccountAdapter"
ACCOUNT_USER_DISPLAY = "coterie.accounts.adapter.display_name"
ACCOUNT_EMAIL_SUBJECT_PREFIX = "Coterie: "
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory" if COTERIE_OPEN_SIGNUP or env.text("COTERIE_MAIL_HOST") else "none"
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_DEFAULT_HTTP_PROTOCOL = _base.scheme
# The last one is ours: mails to new members, by who adds them, as a mail to anyone can be asked for.
ACCOUNT_RATE_LIMITS = {"login_failed": "20/m/ip,5/5m/key", "add_member": "100/h/key"}
MFA_ADAPTER = "coterie.accounts.adapter.MfaAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Coterie"
# A phone whose clock is up to half a minute off is not refused.
MFA_TOTP_TOLERANCE = 1
# Where no mail can be sent, nobody can verify an address; a second factor is still better than none.
MFA_ALLOW_UNVERIFIED_EMAIL = ACCOUNT_EMAIL_VERIFICATION == "none"
HEADLESS_CLIENTS = ("browser",)
# Links in mails start with the configured address, never with the Host header of a request.
HEADLESS_FRONTEND_URLS = {
    "account_confirm_email": f"{COTERIE_BASE_URL}/confirm-email/{{key}}",
    "account_reset_password": f"{COTERIE_BASE_URL}/reset",
    "account_reset_password_from_key": f"{COTERIE_BASE_URL}/reset/{{key}}",
    "account_signup": f"{COTERIE_BASE_URL}/signup",
}
ALLAUTH_TRUSTED_PROXY_COUNT = env.number("COTERIE_TRUSTED_PROXIES", default=0, most=10)

# Sessions and cookies
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_NAME = "coterie_session"
SESSION_COOKIE_SECURE = _secure
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_HTTPONLY = True
CSRF_COOKIE_NAME = "coterie_csrf"
CSRF_COOKIE_SECURE = _secure
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "coterie.web.errors.csrf_failed"

# Transport; the Content-Security-Policy is set in web/middleware.py
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31_536_000 if _secure else 0
X_FRAME_OPTIONS = "DENY"
if env.flag("COTERIE_BEHIND_HTTPS_PROXY", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# Login limits live here, so the rows must outlast a restart and must not be pushed out by other entries.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "accounts_cache",
        "OPTIONS": {"MAX_ENTRIES": 200_000},
    }
}

# Request limits
DATA_UPLOAD_MAX_MEMORY_SIZE = 16 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000
DATA_UPLOAD_MAX_NUMBER_FILES = 20

# Names that tracking may make in one workspace
COTERIE_TRACKING_ATTRIBUTES = env.number("COTERIE_TRACKING_ATTRIBUTES", default=500, least=0, most=10_000)
COTERIE_TRACKING_EVENT_NAMES = env.number("COTERIE_TRACKING_EVENT_NAMES", default=2_000, least=1, most=100_000)

# Memory for what nobody needs for sure
COTERIE_SETS_MB = env.number("COTERIE_SETS_MB", default=256, least=1, most=1_000_000)

# How long what has happened is kept
COTERIE_KEEP_CHANGES_DAYS = env.number("COTERIE_KEEP_CHANGES_DAYS", default=30, least=1, most=3_650)
COTERIE_KEEP_MEMBERSHIPS_DAYS = env.number("COTERIE_KEEP_MEMBERSHIPS_DAYS", default=730, least=30, most=36_500)

# Language and time
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
USE_I18N = True

# Mail: to the log until a host is named
EMAIL_HOST = env.text("COTERIE_MAIL_HOST")
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if EMAIL_HOST else 'console'}.EmailBackend"
EMAIL_PORT = env.number("COTERIE_MAIL_PORT", default=587, least=1, most=65535)
EMAIL_HOST_USER = env.text("COTERIE_MAIL_USER")
EMAIL_HOST_PASSWORD = env.text("COTERIE_MAIL_PASSWORD")
EMAIL_USE_TLS = env.flag("COTERIE_MAIL_TLS", default=True)
EMAIL_TIMEOUT = 15
DEFAULT_FROM_EMAIL = env.text("COTERIE_MAIL_FROM", f"coterie@{_base.hostname}")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"()": "coterie.kit.traces.Line", "fmt": "{asctime} {levelname} {name} {message}", "style": "{"}
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    # Answers of 400 and more are counted in the metrics; only failures of ours are worth a line.
    # Addresses of outgoing requests are nobody's business in a log.
    "loggers": {"django.request": {"level": "ERROR"}, "httpx2": {"level": "WARNING"}},
    "root": {"handlers": ["stderr"], "level": env.text("COTERIE_LOG_LEVEL", "INFO")},
}
