"""All settings. They come from environment variables (docs/operations.md describes each) and are read strictly."""

from pathlib import Path
from typing import Any

import environ

from policystudio.lib import broker
from policystudio.lib.environment import Environment
from policystudio.lib.logs import logging_config
from policystudio.lib.oidc_settings import read_oidc
from policystudio.lib.production import unsafe_values
from policystudio.lib.secret_key import secret_key_from

BASE_DIR = Path(__file__).resolve().parent.parent
MEGABYTE = 1024 * 1024

env = Environment()

# --- Where it runs -------------------------------------------------------------------------------------------------
# `local` serves one machine over plain HTTP and keeps everything under VAR_DIR; `production` serves HTTPS behind a
# proxy and refuses values that would be unsafe there.
PRODUCTION = env.choice("POLICYSTUDIO_ENV", "local", ("local", "production")) == "production"
DEBUG = env.boolean("DEBUG", False)
VAR_DIR = env.folder("VAR_DIR", BASE_DIR / "var")
ALLOWED_HOSTS = env.items("ALLOWED_HOSTS", () if PRODUCTION else ("localhost", "127.0.0.1", "[::1]"))
CSRF_TRUSTED_ORIGINS = env.items("CSRF_TRUSTED_ORIGINS")
TRUSTED_PROXIES = env.integer("TRUSTED_PROXIES", 0, most=10)

# Read by gunicorn.conf.py and `manage.py runstudio`.
HOST = env.text("HOST", "127.0.0.1")
PORT = env.integer("PORT", 8000, least=1, most=65535)
WEB_WORKERS = env.integer("WEB_WORKERS", 2, least=1, most=64)
WEB_THREADS = env.integer("WEB_THREADS", 4, least=1, most=64)
JOB_WORKERS = env.integer("JOB_WORKERS", 2, least=1, most=64)

# --- Database ------------------------------------------------------------------------------------------------------
DATABASE_IS_NAMED = env.is_set("DATABASE_URL")
DATABASES: dict[str, dict[str, Any]] = {"default": env.database("DATABASE_URL", VAR_DIR / "policystudio.sqlite3")}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A writer takes the write lock when its transaction begins: one that took it later could not wait for another
    # writer, SQLite would refuse at once with "database is locked". With WAL, readers never wait.
    DATABASES["default"]["OPTIONS"] = {
        "timeout": 30,
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL",
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = env.integer("DATABASE_CONN_MAX_AGE", 60)
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Jobs ----------------------------------------------------------------------------------------------------------
BROKER_IS_NAMED = env.is_set("CELERY_BROKER_URL")
CELERY_BROKER_URL = env.url(
    "CELERY_BROKER_URL", "filesystem://", ("filesystem", "redis", "rediss", "amqp", "amqps", "memory")
)
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = {}
if CELERY_BROKER_URL.startswith("filesystem:"):
    if CELERY_BROKER_URL != "filesystem://":
        env.problems.append("CELERY_BROKER_URL names a path: write filesystem:// alone, the queue stands in VAR_DIR")
    broker.install()
    CELERY_BROKER_TRANSPORT_OPTIONS = broker.folders(VAR_DIR / "broker")
elif CELERY_BROKER_URL.startswith("redis"):
    # What a killed worker had taken is looked for every second; kombu's own defaults make that 100 seconds.
    CELERY_BROKER_TRANSPORT_OPTIONS = {"unacked_restore_interval": 1, "unacked_restore_throttle": 1}
elif CELERY_BROKER_URL.startswith("amqp"):
    CELERY_BROKER_TRANSPORT_OPTIONS = {"confirm_publish": True}
# A row of the database is the record of a job, the broker only a messenger: no results are kept, a message is
# acknowledged when its work is done, and a worker takes one at a time.
CELERY_RESULT_BACKEND = None
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
# A process that was killed has left no result to wait for.
CELERY_WORKER_LOST_WAIT = 1
CELERY_TASK_DEFAULT_QUEUE = "policystudio"
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 2, "interval_start": 0, "interval_step": 0.5, "interval_max": 1}
CELERY_BROKER_CONNECTION_TIMEOUT = 4
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
# Jobs are watched and cancelled through their rows, so nothing needs the broker's broadcast.
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    # What a lost worker or broker left behind; one that nobody took in time is worth nothing.
    "jobs-reap": {"task": "policystudio.awssync.tasks.jobs_reap", "schedule": 10.0, "options": {"expires": 10.0}},
    "findings-reap": {
        "task": "policystudio.findings.tasks.findings_reap",
        "schedule": 30.0,
        "options": {"expires": 30.0},
    },
    "answers-forget": {
        "task": "policystudio.api.tasks.answers_forget",
        "schedule": 3600.0,
        "options": {"expires": 3600.0},
    },
    "sessions-forget": {
        "task": "policystudio.accounts.tasks.sessions_forget",
        "schedule": 3600.0,
        "options": {"expires": 3600.0},
    },
    "deliveries-reap": {
        "task": "policystudio.webhooks.tasks.deliveries_reap",
        "schedule": 10.0,
        "options": {"expires": 10.0},
    },
    "record-verify": {
        "task": "policystudio.audit.tasks.record_verify",
        "schedule": 24 * 3600.0,
        "options": {"expires": 3600.0},
    },
}
# The beat sleeps no longer than this, so that it stops as soon as it is asked to.
CELERY_BEAT_MAX_LOOP_INTERVAL = 1
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "celerybeat-schedule")

# --- Rates ---------------------------------------------------------------------------------------------------------
# Counts that all web workers share need Redis: that of the jobs, unless another is named. Without one each process
# counts for itself, and lets a client have its share of the rate.
CACHE_URL = env.url(
    "CACHE_URL",
    CELERY_BROKER_URL if CELERY_BROKER_URL.startswith("redis") else "memory://",
    ("redis", "rediss", "memory"),
)
CACHES: dict[str, dict[str, Any]] = {
    "own": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "own",
        "OPTIONS": {"MAX_ENTRIES": 50_000},
    }
}
CACHES["default"] = (
    CACHES["own"]
    if CACHE_URL.startswith("memory")
    else {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": CACHE_URL,
        "KEY_PREFIX": "policystudio",
        "OPTIONS": {"socket_timeout": 0.5, "socket_connect_timeout": 0.5},
    }
)
# How many requests, in how many seconds, of one client: they stop a script that runs wild, not one that is busy.
RATE_LIMITS = {
    "requests": (env.integer("RATE_LIMIT_PER_MINUTE", 3000, least=1), 60),
    "unsigned": (env.integer("RATE_LIMIT_UNSIGNED_PER_MINUTE", 600, least=1), 60),
    "sign-in": (env.integer("RATE_LIMIT_SIGN_IN_PER_MINUTE", 60, least=1), 60),
    "tokens": (60, 3600),
    "imports": (120, 3600),
    "compare": (600, 60),
}

# For how long the processor may work at one request; it is ended with what to narrow, not left to others to wait for.
ANALYSIS_SECONDS = env.integer("ANALYSIS_SECONDS", 10, least=1, most=3600)

# --- Applications --------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    # Before ours, whose administration leaves out what it shows of secrets.
    "django_otp",
    "django_otp.plugins.otp_totp",
    "policystudio.apps.PolicyStudioConfig",
    "policystudio.web",
    "policystudio.api",
    "policystudio.simulator",
    "policystudio.webhooks",
    "policystudio.findings",
    "policystudio.awssync",
    "policystudio.changes",
    "policystudio.history",
    "policystudio.resources",
    "policystudio.identities",
    "policystudio.policies",
    "policystudio.clients",
    "policystudio.accounts",
    "policystudio.audit",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "axes",
    "csp",
    "django_ace",
    "django_filters",
    "django_htmx",
    "heroicons",
    "knox",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
]
MIDDLEWARE = [
    "policystudio.lib.request_log.RequestLogMiddleware",
    "policystudio.lib.watchdog.WatchdogMiddleware",
    "policystudio.lib.origin.OriginMiddleware",
    # Before whatever may answer by itself: a redirect, a static file.
    "csp.middleware.CSPMiddleware",
    "policystudio.lib.permissions_policy.PermissionsPolicyMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "policystudio.awsquery.host.HostMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "policystudio.lib.body_limit.BodyLimitMiddleware",
    "policystudio.web.time_budget.TimeBudgetMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "policystudio.web.session_seen.SessionSeenMiddleware",
    "policystudio.lib.rate_limit_pages.RateLimitMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "policystudio.web.second_factor.SecondFactorMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "policystudio.urls"
WSGI_APPLICATION = "policystudio.wsgi.application"
ASGI_APPLICATION = "policystudio.asgi.application"
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
            ],
        },
    },
]

# --- Sign-in -------------------------------------------------------------------------------------------------------
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "policystudio.accounts.backends.PasswordBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/sign-in/"
# Ten failures in a row lock a user name, and likewise an address, for a quarter of an hour.
AXES_FAILURE_LIMIT = env.integer("SIGN_IN_FAILURE_LIMIT", 10, least=1, most=1000)
AXES_COOLOFF_TIME = env.integer("SIGN_IN_LOCK_MINUTES", 15, least=1, most=10_000) / 60
AXES_LOCKOUT_PARAMETERS = ["username", "ip_address"]
AXES_LOCKOUT_TEMPLATE = "sign_in/locked.html"
AXES_RESET_ON_SUCCESS = True
AXES_CLIENT_IP_CALLABLE = "policystudio.lib.client_address.client_address"
AXES_HTTP_RESPONSE_CODE = 429
AXES_VERBOSE = False
OTP_TOTP_ISSUER = "Policy Studio"
SESSION_ENGINE = "policystudio.lib.session_store"
SESSION_COOKIE_AGE = env.integer("SESSION_HOURS", 12, least=1, most=10_000) * 3600
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"

# Loads django-allauth only where it is set up.
OIDC = read_oidc(
    env,
    issuer=env.text("OIDC_ISSUER", ""),
    client_id=env.text("OIDC_CLIENT_ID", ""),
    secret=env.text("OIDC_CLIENT_SECRET", ""),
    claim=env.text("OIDC_GROUPS_CLAIM", ""),
    roles=env.items("OIDC_ROLES"),
    production=PRODUCTION,
)
if OIDC is not None:
    INSTALLED_APPS += ["allauth", "allauth.account", "allauth.socialaccount"]
    INSTALLED_APPS += ["allauth.socialaccount.providers.openid_connect"]
    MIDDLEWARE.append("allauth.account.middleware.AccountMiddleware")
    SOCIALACCOUNT_PROVIDERS = OIDC.providers()
    SOCIALACCOUNT_ADAPTER = "policystudio.web.single_sign_on.SignInAdapter"
    SOCIALACCOUNT_STORE_TOKENS = False
    ACCOUNT_EMAIL_VERIFICATION = SOCIALACCOUNT_EMAIL_VERIFICATION = "none"

# --- E-mail --------------------------------------------------------------------------------------------------------
# Without it nothing is sent: whoever invites somebody passes the link on.
EMAIL_URL = env.url("EMAIL_URL", "", ("smtp", "smtp+tls", "smtp+ssl"))
SENDS_EMAIL = bool(EMAIL_URL)
DEFAULT_FROM_EMAIL = env.text("EMAIL_FROM", "")
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
EMAIL_TIMEOUT = 10
if SENDS_EMAIL:
    globals().update(environ.Env.email_url_config(EMAIL_URL))
    if not DEFAULT_FROM_EMAIL:
        env.problems.append("EMAIL_FROM is missing: EMAIL_URL is set, so say from which address e-mail is sent")

# --- Security of the web -------------------------------------------------------------------------------------------
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}
SESSION_COOKIE_SECURE = PRODUCTION
CSRF_COOKIE_SECURE = PRODUCTION
SECURE_SSL_REDIRECT = env.boolean("SSL_REDIRECT", PRODUCTION)
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
SECURE_HSTS_SECONDS = env.integer("HSTS_SECONDS", 365 * 24 * 3600 if PRODUCTION else 0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE_HSTS_SECONDS > 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
# Bodies beyond these are refused with 413 before they are parsed.
BODY_LIMIT = env.integer("BODY_LIMIT_MB", 5, least=1, most=1024) * MEGABYTE
UPLOAD_LIMIT = env.integer("UPLOAD_LIMIT_MB", 256, least=1, most=4096) * MEGABYTE
# The text of an import after unpacking: a small gzip file may hold an enormous one.
IMPORT_LIMIT = env.integer("IMPORT_LIMIT_MB", 1024, least=1, most=65_536) * MEGABYTE
# A file of Terraform's or CloudFormation's, which is read while somebody waits.
TEMPLATE_LIMIT = env.integer("TEMPLATE_LIMIT_KB", 512, least=1, most=4096) * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = BODY_LIMIT
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000

# --- Requests that we make ------------------------------------------------------------------------------------------
# Webhooks go to public addresses alone, unless networks are named here: those of an internal chat server, say.
WEBHOOK_ALLOWED_NETWORKS = env.networks("WEBHOOK_ALLOWED_NETWORKS")
WEBHOOK_PORTS = env.ports("WEBHOOK_PORTS", (443,))
# Certificates of whom webhooks trust in place of the system's authorities.
WEBHOOK_CA_FILE = env.file("WEBHOOK_CA_FILE")
# The address under which browsers reach the studio, for links in what it sends.
STUDIO_URL = env.url("STUDIO_URL", "", ("https", "http")).rstrip("/")

# --- Files ---------------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = env.folder("STATIC_ROOT", VAR_DIR / "static")
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = env.folder("UPLOAD_DIR", VAR_DIR / "uploads")
FILE_UPLOAD_PERMISSIONS = 0o600
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# --- REST ----------------------------------------------------------------------------------------------------------
REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "policystudio.api.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["policystudio.api.parsers.JsonParser"],
    "DEFAULT_PAGINATION_CLASS": "policystudio.api.paging.Page",
    "DEFAULT_FILTER_BACKENDS": ["policystudio.api.filters.Filters"],
    "DEFAULT_SCHEMA_CLASS": "policystudio.api.schema.Schema",
    "DEFAULT_THROTTLE_CLASSES": ["policystudio.api.throttles.ClientThrottle"],
    "EXCEPTION_HANDLER": "policystudio.api.problems.problem_response",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "Policy Studio",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    # What PATCH needs, it says like every other method.
    "COMPONENT_SPLIT_PATCH": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "ENUM_NAME_OVERRIDES": {
        "BearerKind": "policystudio.api.attachments.KINDS",
        "ChangeState": "policystudio.api.change_answers.STATES",
        "CommentKind": "policystudio.api.change_answers.COMMENT_KINDS",
        "Decision": "policystudio.api.proof.DECISIONS",
        "EditKind": "policystudio.api.change_answers.KINDS",
        "ExpectationState": "policystudio.api.expectations.KEPT",
        "FindingType": "policystudio.api.validation.FINDING_TYPES",
        "FindingSource": "policystudio.api.validation.ORIGINS",
        "IdentityKind": "policystudio.api.matrix.ROW_KINDS",
        "FixKind": "policystudio.api.smallest_change.EDIT_KINDS",
        "JobKind": "policystudio.api.jobs.KINDS",
        "JobState": "policystudio.api.jobs.STATES",
        "LevelKind": "policystudio.api.organizations.LEVEL_KINDS",
        "OrganizationPolicyKind": "policystudio.api.organizations.POLICY_KINDS",
        "TemplateUseKind": "policystudio.api.template_drafts.USE_KINDS",
        "ImportEffect": "policystudio.api.transfer.EFFECTS",
        "MemberSource": "policystudio.api.members.SOURCES",
        "LayerVerdict": "policystudio.api.evaluate.LAYER_VERDICTS",
        "MemberRole": "policystudio.accounts.models.Role",
        "PrincipalKind": "policystudio.api.who_can.PRINCIPAL_KINDS",
        "PolicyKind": "policystudio.simulator.validation.TYPES",
        "ScenarioAnswer": "policystudio.api.scenario.ANSWERS",
        "ScenarioVerdict": "policystudio.api.scenario.VERDICT_NAMES",
        "StatementEffect": "policystudio.api.evaluate.EFFECTS",
        "Trusted": "policystudio.api.scenario.TRUSTED",
    },
    "PREPROCESSING_HOOKS": ["policystudio.api.schema.without_trailing_slash"],
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "policystudio.api.schema.with_descriptions",
        "policystudio.api.schema.with_some_fields",
        "policystudio.api.schema_texts.with_policies",
        "policystudio.api.schema_texts.with_texts",
    ],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}
# 256 bits, of which SHA-512 is stored; how long a token lives is said when it is made.
# Knox's migrations would make the table of the model that this one replaces, which nobody would ever use.
MIGRATION_MODULES = {"knox": None}
KNOX_TOKEN_MODEL = "clients.ApiToken"  # noqa: S105 -- the name of a model
# knox's migrations make a table for its own tokens even so; PostgreSQL could not be flushed because of it.
MIGRATION_MODULES = {"knox": None}
REST_KNOX: dict[str, Any] = {"TOKEN_TTL": None}

# --- Metrics -------------------------------------------------------------------------------------------------------
METRICS_TOKEN = env.text("METRICS_TOKEN", "")
METRICS_NETWORKS = env.networks("METRICS_NETWORKS", () if PRODUCTION else ("127.0.0.0/8", "::1/128"))
METRICS_FOLDER = env.folder("PROMETHEUS_MULTIPROC_DIR", VAR_DIR / "metrics")

# --- Language, time, log -------------------------------------------------------------------------------------------
LANGUAGE_CODE = "en-us"
USE_I18N = False
TIME_ZONE = "UTC"
USE_TZ = True
LOG_LEVEL = env.choice("LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"))
LOG_FORMAT = env.choice("LOG_FORMAT", "json" if PRODUCTION else "console", ("json", "console"))
LOGGING = logging_config(level=LOG_LEVEL, log_format=LOG_FORMAT)
LOGGING_CONFIG = "policystudio.lib.logs.configure_logging"

# --- Refusals ------------------------------------------------------------------------------------------------------
SECRET_KEY = env.text("SECRET_KEY", "")
# What SECRET_KEY was before: sessions begun and access keys issued under one of these are still good.
SECRET_KEY_FALLBACKS = env.items("SECRET_KEY_FALLBACKS")
env.refuse_unknown("POLICYSTUDIO_")
if PRODUCTION:
    env.problems += unsafe_values(globals())
env.refuse_problems()
if not SECRET_KEY:
    # Also makes VAR_DIR, which the database and the queue need.
    SECRET_KEY = secret_key_from(VAR_DIR / "secret_key")
