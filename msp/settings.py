"""Django's settings. Everything that differs between installations comes from the environment; see .env.example."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit

import django_stubs_ext
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

django_stubs_ext.monkeypatch()  # ModelForm[Row] is written for the type checker and must run, too

BASE_DIR = Path(__file__).resolve().parent.parent


def from_env(name: str, default: str | None = None) -> str:
    """The environment's value, or the content of the file that NAME_FILE names.

    Raises ImproperlyConfigured without either.
    """
    if path := os.environ.get(f"{name}_FILE"):
        return Path(path).read_text().strip()
    value = os.environ.get(name, default)
    if value is None:
        raise ImproperlyConfigured(f"{name} is not set; ./mainstay sets it for you")
    return value


def database(url: str, password: str = "") -> dict[str, Any]:
    """Django's settings for a postgresql:// URL; a socket folder comes as ?host=. `password` wins over the URL's."""
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": password or unquote(parts.password or ""),
        "HOST": options.pop("host", "") or unquote(parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 300,
        "CONN_HEALTH_CHECKS": True,
        # Server-side cursors outlive their transaction's server behind a pooler in transaction mode.
        "DISABLE_SERVER_SIDE_CURSORS": True,
        "OPTIONS": options,
    }


def with_password(url: str, password: str) -> str:
    parts = urlsplit(url)
    return parts._replace(netloc=f":{quote(password, safe='')}@{parts.netloc}").geturl() if password else url


SECRET_KEY = from_env("SECRET_KEY")
FIELD_KEYS = from_env("MAINSTAY_FIELD_KEYS")  # "k2:<base64>,k1:<base64>": the first encrypts, all decrypt
DEBUG = os.environ.get("MAINSTAY_DEBUG") == "1"
BASE_URL = from_env("BASE_URL", "http://localhost:8000")
_base = urlsplit(BASE_URL)
BASE_HOST = _base.hostname or "localhost"
SECURE = _base.scheme == "https"
LOOPBACK = os.environ.get("MAINSTAY_LISTEN") == "loopback"
LOOPBACK_NAMES = ["localhost", ".localhost", "127.0.0.1", "[::1]"]
# Nobody but this machine's own people can come: a proxy beside us would make others come by another name.
PRIVATE = LOOPBACK and (BASE_HOST in {"localhost", "127.0.0.1", "::1"} or BASE_HOST.endswith(".localhost"))
DEMO = PRIVATE and os.environ.get("MAINSTAY_DEMO") == "1"
DATA_DIR = Path(os.environ.get("MAINSTAY_DATA", BASE_DIR / ".data"))

# The installation's own names. Shops may have hosts, too, which only the database knows: "*" makes Django hand those on to
# tenancy's HostMiddleware, which refuses what is neither.
ALLOWED_HOSTS = [
    "*",
    f"[{BASE_HOST}]" if ":" in BASE_HOST else BASE_HOST,
    *(name for name in os.environ.get("ALLOWED_HOSTS", "").split(",") if name),
]
if LOOPBACK:
    ALLOWED_HOSTS += LOOPBACK_NAMES
CSRF_TRUSTED_ORIGINS = [BASE_URL]

INSTALLED_APPS = [
    "msp.tenancy",
    "msp.accounts",
    "msp.audit",
    "msp.jobs",
    "msp.files",
    "msp.mail",
    "msp.notify",
    "msp.webhooks",
    "msp.search",
    "msp.api",
    "clients",
    "tickets",
    "billing",
    "msp.web",
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "django.contrib.staticfiles",
    "django.forms",
    "rest_framework",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "msp.web.middleware.SecurityHeaders",
    "django.middleware.gzip.GZipMiddleware",
    "msp.tenancy.middleware.HostMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "msp.web.middleware.Htmx",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "msp.tenancy.middleware.TenancyMiddleware",
    "msp.web.middleware.Reader",
    "allauth.account.middleware.AccountMiddleware",
]

ROOT_URLCONF = "msp.urls"
WSGI_APPLICATION = "msp.wsgi.application"

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
                "msp.accounts.context.sign_in",
                "msp.web.context.shell",
            ],
            "builtins": ["msp.web.templatetags.ui"],
        },
    }
]

# Three roles on one database: web and workers (bound by the walls), owner (migrates), timers (claims due rows).
DATABASES: dict[str, dict[str, Any]] = {
    "default": database(from_env("DATABASE_URL"), from_env("DATABASE_PASSWORD", "")),
    "owner": database(from_env("DATABASE_OWNER_URL"), from_env("DATABASE_OWNER_PASSWORD", "")),
    "timers": database(from_env("DATABASE_TIMERS_URL"), from_env("DATABASE_TIMERS_PASSWORD", "")),
}
DATABASES["default"]["TEST"] = {"MIRROR": "owner"}
DATABASES["timers"]["TEST"] = {"MIRROR": "owner"}
DATABASES["owner"]["TEST"] = {"NAME": "test_mainstay", "DEPENDENCIES": []}
DATABASE_ROUTERS = ["msp.tenancy.routers.OwnerMigrates"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TENANCY_RESOLVER = "msp.accounts.requests.resolve"
# Tables without a shop, each with its reason; the tenancy check refuses any other.
GLOBAL_MODELS = {
    "tenancy.Tenant": "names the shops themselves, looked up by host before any scope",
    "accounts.User": "a sign-in identity may belong to several shops",
    "contenttypes.ContentType": "Django's list of models, no shop's data",
    "auth.Group": "comes with django.contrib.auth, unused",
    "auth.Permission": "comes with django.contrib.auth, unused",
    "auth.Group_permissions": "comes with django.contrib.auth, unused",
    "sessions.Session": "a browser's session begins before a shop is chosen",
    "account.EmailAddress": "belongs to the sign-in identity",
    "account.EmailConfirmation": "belongs to the sign-in identity",
    "mfa.Authenticator": "belongs to the sign-in identity",
    "socialaccount.SocialAccount": "belongs to the sign-in identity",
    "socialaccount.SocialApp": "configured for the installation",
    "socialaccount.SocialToken": "belongs to the sign-in identity",
    "mail.SignInMail": "a code or a reset goes to people who may belong to no shop; wiped once it is sent",
    "mail.InboundAddress": "mail arrives at an address before its shop is known",
    "jobs.Heartbeat": "a worker's sign of life; it works for every shop",
}

# Views, materialized views and functions that read with their owner's eyes, as the tenancy check names them, each with its reason.
SEEN_BY_OWNERS: dict[str, str] = {}

REDIS_URL = with_password(from_env("REDIS_URL"), from_env("REDIS_PASSWORD", ""))
CACHES: dict[str, dict[str, Any]] = {
    # Limits, codes and used codes must outlive a flushed Redis, so the default cache is a Postgres table. When it is full,
    # Django throws away a third of what still counts: it is never to be full (msp.jobs.actions.cleaning).
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache_entry",
        "OPTIONS": {"MAX_ENTRIES": 1_000_000},
    },
    "fast": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL},
}

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"

# Signing in: django-allauth. Accounts arise from invitations alone, so sign-up is closed by the adapter.
ACCOUNT_ADAPTER = "msp.accounts.adapters.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # a form that mails strangers is a nuisance and tells who has no account
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_NOTIFICATIONS = True  # a changed password or second factor is mailed to its owner
ACCOUNT_CHANGE_EMAIL = True
# Codes instead of links: a link would have to be built from the host that the request came to.
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = ACCOUNT_PASSWORD_RESET_BY_CODE_TIMEOUT = 10 * 60  # mail takes its time
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 15 * 60
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
MFA_ADAPTER = "msp.accounts.adapters.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_FORMS = {"add_webauthn": "msp.accounts.forms.AddPasskeyForm"}
MFA_TOTP_ISSUER = "Mainstay"
# Limits are counted per address; only this many proxies in front of us are believed about it.
ALLAUTH_TRUSTED_PROXY_COUNT = int(os.environ.get("TRUSTED_PROXY_COUNT", "0"))

# Google and Microsoft only sign in people whom a shop has invited under the address that the provider has verified.
SOCIALACCOUNT_EMAIL_AUTHENTICATION = SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
SOCIALACCOUNT_PROVIDERS: dict[str, Any] = {}
# Origins that a post to our sign-in pages may redirect to: the configured providers.
SIGN_IN_ORIGINS: list[str] = []
if google := os.environ.get("GOOGLE_CLIENT_ID"):
    INSTALLED_APPS.append("allauth.socialaccount.providers.google")
    SIGN_IN_ORIGINS.append("https://accounts.google.com")
    SOCIALACCOUNT_PROVIDERS["google"] = {
        "APPS": [{"client_id": google, "secret": from_env("GOOGLE_CLIENT_SECRET")}],
        "OAUTH_PKCE_ENABLED": True,
    }
if microsoft := os.environ.get("MICROSOFT_CLIENT_ID"):
    INSTALLED_APPS.append("allauth.socialaccount.providers.microsoft")
    SIGN_IN_ORIGINS.append("https://login.microsoftonline.com")
    SOCIALACCOUNT_PROVIDERS["microsoft"] = {
        "APPS": [{"client_id": microsoft, "secret": from_env("MICROSOFT_CLIENT_SECRET")}],
        "TENANT": from_env("MICROSOFT_TENANT"),
        # A directory's admin may write any address into a profile: only the directory's own domains prove one. Everyone
        # else connects the Microsoft account on the security page first.
        "VERIFIED_EMAIL": from_env("MICROSOFT_EMAIL_DOMAINS", "").split(","),
        "OAUTH_PKCE_ENABLED": True,
    }

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_AGE = 14 * 86400
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE else None
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
X_FRAME_OPTIONS = "SAMEORIGIN"
# What `check --deploy` would have and we would not: it shall say only what somebody must do.
SILENCED_SYSTEM_CHECKS = [
    "security.W005",  # HSTS for subdomains and preloading bind a domain that is not ours to bind
    "security.W021",
    "security.W008",  # the proxy redirects to https
    "security.W019",  # the mail page shows a message in a frame
]
CSRF_FAILURE_VIEW = "msp.web.errors.csrf_failure"

CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://").replace("?db=", "?virtual_host=")
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 300, "socket_timeout": 5, "socket_connect_timeout": 1}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_TIME_LIMIT = 240  # below the visibility timeout, or Redis hands the task to a second worker
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SCHEDULE = {
    "sweep": {"task": "jobs.sweep", "schedule": 5.0, "options": {"expires": 10}},
    "seal": {"task": "audit.seal", "schedule": 60.0, "options": {"expires": 120}},
    "clean": {"task": "jobs.clean", "schedule": 600.0, "options": {"expires": 600}},
}
# Seconds for which a claimed row is a worker's own; a killed worker's rows are taken again after that.
LEASE = float(from_env("MAINSTAY_LEASE", "120"))
# Seconds without a ring after which a worker looks by itself.
SWEEP_AFTER = float(from_env("MAINSTAY_SWEEP_AFTER", "60"))

# What carries pages to people on call: a class as msp.notify.rules.PagerSender describes it.
PAGER = from_env("MAINSTAY_PAGER", "msp.notify.adapters.LogOnly")

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "msp" / "locale"]
USE_I18N = USE_TZ = True
TIME_ZONE = "UTC"

# The API (msp.api): JSON in, JSON out, and no session of a browser counts.
REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "msp.api.adapters.Described",
    "EXCEPTION_HANDLER": "msp.api.errors.answer",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "Mainstay",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "APPEND_COMPONENTS": {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "POSTPROCESSING_HOOKS": ["drf_spectacular.hooks.postprocess_schema_enums", "msp.api.adapters.closed_bodies"],
    "ENUM_NAME_OVERRIDES": {
        "AssetKind": "clients.choices.AssetKind",
        "TicketStatus": "tickets.choices.Status",
        "PromiseState": "clients.choices.PromiseState",
        "PromiseView": "clients.choices.PromiseView",
    },
    "ENUM_ADD_EXPLICIT_BLANK_NULL_CHOICE": False,
}

FORM_RENDERER = "django.forms.renderers.TemplatesSetting"  # so that templates/django/forms/ counts

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = Path(os.environ.get("MAINSTAY_STATIC", DATA_DIR / "static"))
STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": DATA_DIR / "files"}},
    "staticfiles": {"BACKEND": "msp.web.storage.HashedStaticFiles"},
}
FILE_LIMIT = 25 * 1024 * 1024  # bytes of one stored file
UPLOAD_LIMIT = 120 * 1024 * 1024  # bytes of one request with files
FILE_UPLOAD_HANDLERS = [
    "msp.files.adapters.BoundedUploads",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

# Mail goes to rows and from there to the server that the shop, or else the installation, names. Without any it is kept.
EMAIL_BACKEND = "msp.mail.adapters.OutboxBackend"
MAIL_HOST = from_env("MAIL_HOST", "")
MAIL_PORT = int(from_env("MAIL_PORT", "587"))
MAIL_SECURITY = from_env("MAIL_SECURITY", "starttls")  # starttls, tls or none
MAIL_USER = from_env("MAIL_USER", "")
MAIL_PASSWORD = from_env("MAIL_PASSWORD", "")
MAIL_FROM = from_env("MAIL_FROM", f"mainstay@{BASE_HOST}")
MAIL_CAPTURE = from_env("MAIL_CAPTURE", "1" if DEMO else "0") == "1"  # keep all mail and send none

# Mail that comes in. The SMTP door (`manage.py receive_mail`) takes addresses of this domain, for another mail server to forward to.
MAIL_IN_DOMAIN = from_env("MAIL_IN_DOMAIN", BASE_HOST)
MAIL_IN_HOST = from_env("MAIL_IN_HOST", "127.0.0.1")
MAIL_IN_PORT = int(from_env("MAIL_IN_PORT", "8025"))
STRIPE_API = from_env("STRIPE_API", "https://api.stripe.com")  # tests name a server of their own
MAIL_IN_LIMIT = int(from_env("MAIL_IN_LIMIT", str(40 * 1024 * 1024)))  # bytes of one message
MAIL_POLL_SECONDS = float(from_env("MAIL_POLL_SECONDS", "30"))  # between two looks into a fetched mailbox
# Whether shops may name mail servers inside the installation's own network: then they can also knock on its other doors.
MAIL_PRIVATE_HOSTS = from_env("MAIL_PRIVATE_HOSTS", "0") == "1"
# The same for the addresses that shops have their webhooks sent to; then they may be http, too.
WEBHOOK_PRIVATE_HOSTS = from_env("WEBHOOK_PRIVATE_HOSTS", "0") == "1"
