"""Fovea's settings: everything a site may change comes from environment variables (docs/configuration.md)."""

import warnings
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from django.utils.translation import gettext_noop

from config import admin, broker, databases, env, logs, rest, secret_files, signing_in

BASE_DIR = Path(__file__).resolve().parent.parent

DATA = env.path("FOVEA_DATA", BASE_DIR / "data")
HTTP_HOST, HTTP_PORT = env.host_and_port("FOVEA_HTTP", "127.0.0.1:8000")
DIMSE_HOST, DIMSE_PORT = env.host_and_port("FOVEA_DIMSE", "127.0.0.1:11112")
AE_TITLE = env.text("FOVEA_AE_TITLE", "FOVEA")
# The same by TLS, as 0.0.0.0:2762; none where it is empty.
DIMSE_TLS = env.optional_host_and_port("FOVEA_DIMSE_TLS")
# What is presented there: files in PEM; one that signs itself is made where none is given.
DIMSE_TLS_CERTIFICATE = env.text("FOVEA_DIMSE_TLS_CERTIFICATE")
DIMSE_TLS_KEY = env.text("FOVEA_DIMSE_TLS_KEY")
# How many associations at once, in all and of one host, and how many connections that have not asked for one.
DIMSE_ASSOCIATIONS = env.integer("FOVEA_DIMSE_ASSOCIATIONS", 256, minimum=1)
DIMSE_ASSOCIATIONS_PER_HOST = env.integer("FOVEA_DIMSE_ASSOCIATIONS_PER_HOST", 128, minimum=1)
DIMSE_UNASSOCIATED = env.integer("FOVEA_DIMSE_UNASSOCIATED", 128, minimum=1)
# How many associations work with the database at once: each holds a connection to it.
DIMSE_WORKING = env.integer("FOVEA_DIMSE_WORKING", 32, minimum=1)
# Seconds: for the request for an association, for a PDU, between two messages, and for messages at work at the end.
DIMSE_REQUEST_SECONDS = env.integer("FOVEA_DIMSE_REQUEST_SECONDS", 10, minimum=1)
DIMSE_PDU_SECONDS = env.integer("FOVEA_DIMSE_PDU_SECONDS", 30, minimum=1)
DIMSE_IDLE_SECONDS = env.integer("FOVEA_DIMSE_IDLE_SECONDS", 60, minimum=1)
DIMSE_GRACE = env.integer("FOVEA_DIMSE_GRACE", 10)
# How many matches a C-FIND is answered with; of more it gets the newest.
DIMSE_MATCHES = env.integer("FOVEA_DIMSE_MATCHES", 50_000, minimum=1)
# Whether objects of SOP classes that the standard does not have are stored: accept or refuse.
DIMSE_UNKNOWN_SOP_CLASSES = env.choice("FOVEA_DIMSE_UNKNOWN_SOP_CLASSES", "accept", "refuse")
# Where HL7 messages are taken, by MLLP, as 0.0.0.0:2575, and the same by TLS with the certificate of the DICOM network;
# nowhere while they are empty. How many connections, how large a message, and how long it may take to come.
HL7 = env.optional_host_and_port("FOVEA_HL7")
HL7_TLS = env.optional_host_and_port("FOVEA_HL7_TLS")
HL7_CONNECTIONS = env.integer("FOVEA_HL7_CONNECTIONS", 64, minimum=1)
HL7_MAX_BYTES = env.integer("FOVEA_HL7_MAX_KB", 1024, minimum=1) << 10
HL7_MESSAGE_SECONDS = env.integer("FOVEA_HL7_MESSAGE_SECONDS", 30, minimum=1)
# Seconds that a connection may be silent; days that it is known what became of a message.
HL7_IDLE_SECONDS = env.integer("FOVEA_HL7_IDLE_SECONDS", 3600, minimum=1)
HL7_KEEP_DAYS = env.integer("FOVEA_HL7_KEEP_DAYS", 14, minimum=1)
# Whether the modality worklist goes on answering steps that a device has begun.
WORKLIST_STARTED = env.flag("FOVEA_WORKLIST_STARTED")
# Where the events of workitems (UPS-RS) are to be had, and how that is called from outside; how long they are kept.
EVENTS_HOST, EVENTS_PORT = env.host_and_port("FOVEA_EVENTS", "127.0.0.1:8044")
EVENTS_URL = env.socket_url("FOVEA_EVENTS_URL")
EVENTS_CONNECTIONS = env.integer("FOVEA_EVENTS_CONNECTIONS", 256, minimum=1)
EVENTS_KEEP_HOURS = env.integer("FOVEA_EVENTS_KEEP_HOURS", 24, minimum=1)
# Days: how long ended workitems are kept, and for how much longer it is known that there were such.
WORKITEM_KEEP_DAYS = env.integer("FOVEA_WORKITEM_KEEP_DAYS", 30)
WORKITEM_REMEMBER_DAYS = env.integer("FOVEA_WORKITEM_REMEMBER_DAYS", 365)
WEB_WORKERS = env.integer("FOVEA_WEB_WORKERS", 2, minimum=1)
# Each slow download has one of these threads to itself until it ends.
WEB_THREADS = env.integer("FOVEA_WEB_THREADS", 16, minimum=1)
PUBLIC_URL = env.url("FOVEA_PUBLIC_URL")
STORAGE_URL = env.text("FOVEA_STORAGE_URL")
BROKER_URL = env.text("FOVEA_BROKER_URL")
# The first superuser, and whether a new site gets studies to try it with.
ADMIN_USER = env.text("FOVEA_ADMIN_USER", "admin")
ADMIN_PASSWORD = env.text("FOVEA_ADMIN_PASSWORD")
DEMO = env.flag("FOVEA_DEMO")
# Whoever presents this reads /metrics and the details of /readyz from afar.
METRICS_TOKEN = env.text("FOVEA_METRICS_TOKEN")
VIEWER_DIST = env.path("FOVEA_VIEWER_DIST", BASE_DIR / ".ohif")
FONTS = env.path("FOVEA_FONTS", BASE_DIR / ".fonts")

# What happens to an object whose SOP Instance UID is known with other bytes: quarantine, overwrite or reject.
DUPLICATE_POLICY = env.text("FOVEA_DUPLICATES", "quarantine")
# The largest object that one request, file or association may bring, and the least free space a store leaves.
MAX_INSTANCE_BYTES = env.integer("FOVEA_MAX_INSTANCE_MB", 8192, minimum=1) << 20
# The largest body of a request that brings objects, which may be many.
MAX_BODY_BYTES = env.integer("FOVEA_MAX_BODY_MB", 65536, minimum=1) << 20
# What a practice may keep here that has no quota of its own; 0: no limit.
QUOTA_BYTES = env.integer("FOVEA_QUOTA_GB", 0) << 30
MIN_FREE_BYTES = env.integer("FOVEA_MIN_FREE_MB", 256) << 20
# Seconds: reads are counted together; how often they are noted, and after what pause, or how long, they are an event.
AUDIT_FLUSH_SECONDS = env.integer("FOVEA_AUDIT_SECONDS", 2, minimum=1)
AUDIT_PAUSE_SECONDS = env.integer("FOVEA_AUDIT_PAUSE", 15)
AUDIT_LONGEST_SECONDS = env.integer("FOVEA_AUDIT_LONGEST", 120)
# The record's hashes and its patients' pseudonyms are made with it: with another key none of them fits any more.
AUDIT_KEY = secret_files.kept("FOVEA_AUDIT_KEY", DATA / "audit" / "key")
AUDIT_ANCHOR = env.path("FOVEA_AUDIT_ANCHOR", DATA / "audit" / "anchor")
# A collector of the record (RFC 5425), who may sign its certificate, and our own certificate for it: files in PEM.
AUDIT_SYSLOG = env.tls_server("FOVEA_AUDIT_SYSLOG")
AUDIT_SYSLOG_CA = env.text("FOVEA_AUDIT_SYSLOG_CA")
AUDIT_SYSLOG_CERT = env.text("FOVEA_AUDIT_SYSLOG_CERT")
AUDIT_SYSLOG_KEY = env.text("FOVEA_AUDIT_SYSLOG_KEY")

SECRET_KEY = secret_files.kept("FOVEA_SECRET_KEY", DATA / "secret_key")
DEBUG = env.flag("FOVEA_DEBUG")
ALLOWED_HOSTS = env.words("FOVEA_ALLOWED_HOSTS", f"localhost,127.0.0.1,[::1],{HTTP_HOST}")
CSRF_TRUSTED_ORIGINS = env.words("FOVEA_TRUSTED_ORIGINS")
if PUBLIC_URL:
    _public = urlsplit(PUBLIC_URL)
    ALLOWED_HOSTS.append(_public.hostname or "")
    CSRF_TRUSTED_ORIGINS.append(f"{_public.scheme}://{_public.netloc}")
# Origins whose pages may read DICOMweb from a browser.
CORS_ORIGINS = env.origins("FOVEA_CORS_ORIGINS")

INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.filters",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "axes",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_q",
    "apps.core",
    "apps.accounts",
    "apps.audit",
    "apps.archive",
    "apps.jobs",
    "apps.dicomweb",
    "apps.uploads",
    "apps.viewer",
    "apps.access",
    "apps.sharing",
    "apps.remotes",
    "apps.worklist",
    "apps.routing",
    "apps.practice",
    "apps.dimse",
    "apps.analysis",
    "apps.volumes",
    "apps.measurements",
    "apps.segmentation",
    "apps.calcium",
    "apps.lesions",
    "apps.dictation",
    "apps.reports",
    "apps.video",
    "apps.webhooks",
    "apps.notifications",
    "apps.fhir",
    "apps.hl7",
    "apps.ops",
]

MIDDLEWARE = [
    "apps.core.browsers.PageHeaders",
    "apps.core.requests.RequestLog",
    "apps.core.bodies.BoundedBody",
    "apps.core.bodies.ChunkedJSON",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "apps.accounts.speaking.Languages",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "apps.accounts.gate.Gate",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
# The routes of DICOMweb carry no forms, messages or cookies of their own: see config/wsgi.py.
# Neither do those of the health checks, which must answer whatever host name they are asked by.
THIN_PREFIXES = ("/dicom-web", "/wado", "/healthz", "/readyz", "/metrics")
THIN_MIDDLEWARE = ["apps.core.browsers.DataHeaders", "apps.core.requests.RequestLog"]
if CORS_ORIGINS:
    THIN_MIDDLEWARE.insert(0, "apps.dicomweb.cors.Cors")

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
APPEND_SLASH = False

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

DATABASES = {"default": databases.from_url(env.text("FOVEA_DATABASE_URL"), DATA)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["apps.accounts.passwords.BoundedBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "apps.accounts.passwords.LongestValidator"},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "/viewer/"
LOGOUT_REDIRECT_URL = "login"

# A session ends when nobody used it for so long, and so long after its sign-in.
SESSION_ENGINE = "apps.accounts.sessions"
SESSION_IDLE_MINUTES = env.integer("FOVEA_SESSION_IDLE_MINUTES", 60, minimum=1)
SESSION_COOKIE_AGE = env.integer("FOVEA_SESSION_HOURS", 12, minimum=1) * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True

ACCOUNT_ADAPTER = "apps.accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {"login": "apps.accounts.forms.SignInForm"}
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
# Of these the codes of second factors are what matters: lockout.py counts wrong passwords.
ACCOUNT_RATE_LIMITS = {"login": "60/m/ip", "login_failed": "20/m/ip,5/5m/key", "signup": False, "manage_email": False}
# Seconds since a sign-in after which what can't be undone asks for another proof.
REAUTHENTICATION_TIMEOUT = env.integer("FOVEA_REAUTHENTICATE_MINUTES", 15, minimum=1) * 60
ACCOUNT_REAUTHENTICATION_TIMEOUT = REAUTHENTICATION_TIMEOUT
ACCOUNT_REAUTHENTICATION_REQUIRED = False

REQUIRE_MFA = signing_in.who_needs_two_steps()
MFA_ADAPTER = "apps.accounts.adapter.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True
# A clock may be half a minute off.
MFA_TOTP_TOLERANCE = 1

OIDC_ISSUER = env.text("FOVEA_OIDC_ISSUER").rstrip("/")
OIDC_NAME = env.text("FOVEA_OIDC_NAME", gettext_noop("your organisation"))
OIDC_CREATE_USERS = env.flag("FOVEA_OIDC_CREATE_USERS")
SOCIALACCOUNT_ADAPTER = "apps.accounts.single_sign_on.SocialAdapter"
SOCIALACCOUNT_PROVIDERS = signing_in.providers(OIDC_ISSUER, OIDC_NAME)
SOCIALACCOUNT_EMAIL_VERIFICATION = "none"

# Without a mail server nobody is told to look into their mail.
EMAIL_URL = env.text("FOVEA_EMAIL_URL")
EMAIL_IS_SENT = bool(EMAIL_URL)
vars().update(signing_in.mail(EMAIL_URL))
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.text("FOVEA_EMAIL_FROM", "fovea@localhost")

# What counts sign-ins and codes is counted once for all processes and nodes.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "fovea_cache",
        "OPTIONS": {"MAX_ENTRIES": 20000},
    }
}

# How long emergency access lasts; 0 switches it off.
EMERGENCY_HOURS = env.integer("FOVEA_EMERGENCY_HOURS", 4)

# Routing. Seconds: how long the router has a study without a sign of life; the pause after a failure, which doubles up
# to the longest; between two echoes to a destination that failed so many times in a row; for an instance at the end.
ROUTING_LEASE = env.integer("FOVEA_ROUTING_LEASE", 60, minimum=2)
ROUTING_BACKOFF = env.integer("FOVEA_ROUTING_BACKOFF", 30, minimum=1)
ROUTING_LONGEST_BACKOFF = env.integer("FOVEA_ROUTING_LONGEST_BACKOFF", 3600, minimum=1)
ROUTING_ECHO_SECONDS = env.integer("FOVEA_ROUTING_ECHO_SECONDS", 60, minimum=1)
ROUTING_FAILURES = env.integer("FOVEA_ROUTING_FAILURES", 5, minimum=1)
ROUTING_GRACE = env.integer("FOVEA_ROUTING_GRACE", 10)
# After so many days, or attempts with which nothing was taken, a study waits for a person.
ROUTING_GIVE_UP_DAYS = env.integer("FOVEA_ROUTING_GIVE_UP_DAYS", 7, minimum=1)
ROUTING_ATTEMPTS = env.integer("FOVEA_ROUTING_ATTEMPTS", 200, minimum=1)
# What was sent is kept for so many days.
ROUTING_KEEP_DAYS = env.integer("FOVEA_ROUTING_KEEP_DAYS", 90, minimum=1)
# A destination that studies have waited for so long, and that took nothing meanwhile, is silent.
ROUTING_SILENT_MINUTES = env.integer("FOVEA_ROUTING_SILENT_MINUTES", 60, minimum=1)

# Notifications. The services that may carry SMS and chat messages, by their names in Apprise; empty for those whose
# servers are known. From how many percent on the disk is nearly full.
NOTIFY_SERVICES = env.words("FOVEA_NOTIFY_SERVICES")
STORAGE_WARNING_PERCENT = env.integer("FOVEA_STORAGE_WARNING_PERCENT", 90, minimum=1)

# Wrong attempts count for so long, and who has made too many waits for so long.
LOCKOUT_MINUTES = env.integer("FOVEA_LOCKOUT_MINUTES", 15, minimum=1)
AXES_HANDLER = "apps.accounts.lockout.Handler"
AXES_COOLOFF_TIME = timedelta(minutes=LOCKOUT_MINUTES)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_CLIENT_IP_CALLABLE = "apps.accounts.lockout.address"
AXES_ENABLE_ADMIN = AXES_VERBOSE = False
AXES_DISABLE_ACCESS_LOG = True

UNFOLD = admin.UNFOLD

LANGUAGE_CODE = "en"
# Each by its own name, for those who can't read the others'.
LANGUAGES = [("en", "English"), ("fr", "Français"), ("es", "Español"), ("zh-hans", "简体中文")]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = env.text("FOVEA_TIME_ZONE", "UTC")
FORMAT_MODULE_PATH = "config.formats"
USE_I18N = True
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = env.path("FOVEA_STATIC_ROOT", BASE_DIR / "static-root")
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "apps.core.static_files.GzippedManifestStorage"},
}

HTTPS = env.flag("FOVEA_HTTPS")
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = env.integer("FOVEA_HSTS_SECONDS", 365 * 86400 if HTTPS else 0)
# HSTS for other hosts of the site's domain is not ours to decide on.
# django-axes has a middleware that would answer in the place of the pages, which say themselves what is the matter.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021", "axes.W002"]
# The browser takes a cookie of such a name from this host alone, over TLS alone (RFC 6265bis 4.1.3.2).
_HOST_ONLY = "__Host-" if HTTPS else ""
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = f"{_HOST_ONLY}sessionid", f"{_HOST_ONLY}csrftoken"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
# What forms and the REST API take; objects come by DICOMweb, which has bounds of its own.
MAX_FORM_BYTES = 10 << 20
STREAMED_PATHS = frozenset(
    f"/api/{version}{place}"
    for version in ("", "v1/")
    for place in (
        "dental/xrays",
        "dental/xrays/batch",
        "dental/dicom/receive",
        "videos",
        "videos/procedures",
        "dictations",
    )
)
STREAMED_BELOW = ("/api/uploads", "/api/v1/uploads")
# Of one batch: the files, those of archives included, and the bytes of the request; hours that an upload waits.
BATCH_FILES = env.integer("FOVEA_BATCH_FILES", 5000, minimum=1)
BATCH_BYTES = env.integer("FOVEA_BATCH_MB", 8192, minimum=1) << 20
BATCH_KEEP_HOURS = env.integer("FOVEA_BATCH_KEEP_HOURS", 24, minimum=1)
# Hours that an unfinished upload waits for the rest of its bytes, and how many of them a practice may have.
UPLOAD_KEEP_HOURS = env.integer("FOVEA_UPLOAD_KEEP_HOURS", 24, minimum=1)
UPLOAD_COUNT = env.integer("FOVEA_UPLOAD_COUNT", 500, minimum=1)
# Videos: the largest file, and how many come in one request; days that a file is kept of which nothing came yet, and
# how many bytes of such a practice may have; seconds after which a conversion that shows no progress has hung, hours
# that one may take in all, and the memory of its process; whether long films that are kept as they came are decoded in
# full afterwards.
VIDEO_BYTES = env.integer("FOVEA_VIDEO_MB", 65536, minimum=1) << 20
VIDEO_FILES = env.integer("FOVEA_VIDEO_FILES", 50, minimum=1)
VIDEO_KEEP_DAYS = env.integer("FOVEA_VIDEO_KEEP_DAYS", 7, minimum=1)
VIDEO_KEEP_BYTES = env.integer("FOVEA_VIDEO_KEEP_GB", 100, minimum=1) << 30
VIDEO_SILENT_SECONDS = env.integer("FOVEA_VIDEO_SILENT_SECONDS", 300, minimum=1)
VIDEO_SECONDS = env.integer("FOVEA_VIDEO_HOURS", 12, minimum=1) * 3600
VIDEO_MEMORY_BYTES = env.integer("FOVEA_VIDEO_MEMORY_MB", 2048, minimum=256) << 20
VIDEO_EXAMINE = env.flag("FOVEA_VIDEO_EXAMINE", default=True)
# A folder whose films are taken in, the name of the practice whose they are (empty: the first), what they are of where
# no sidecar says it, and seconds for which a file must not have changed.
VIDEO_WATCH = env.optional_path("FOVEA_VIDEO_WATCH")
VIDEO_WATCH_PRACTICE = env.text("FOVEA_VIDEO_WATCH_PRACTICE")
VIDEO_WATCH_PRESET = env.text("FOVEA_VIDEO_WATCH_PRESET")
VIDEO_WATCH_SECONDS = env.integer("FOVEA_VIDEO_WATCH_SECONDS", 10, minimum=1)
# Recordings: the networks that films may be recorded from (none: nothing is recorded), how many recordings run at once
# here, and how many hours one may take at the most.
RECORDING_NETWORKS = env.networks("FOVEA_RECORDING_NETWORKS")
RECORDINGS = env.integer("FOVEA_RECORDINGS", 8, minimum=1)
RECORDING_SECONDS = env.integer("FOVEA_RECORDING_HOURS", 12, minimum=1) * 3600
# Volumes: the bytes of the cache that all of them share; the slices and bytes of the largest one; and how many slices
# one must have to be built before anybody asks where they are slow to decode (JPEG 2000), 0 for never.
VOLUMES_BYTES = env.integer("FOVEA_VOLUMES_MB", 20480, minimum=1) << 20
VOLUME_SLICES = env.integer("FOVEA_VOLUME_SLICES", 4096, minimum=2)
VOLUME_BYTES = env.integer("FOVEA_VOLUME_MB", 4096, minimum=1) << 20
VOLUME_AHEAD_SLICES = env.integer("FOVEA_VOLUME_AHEAD_SLICES", 64)
# Analyses: how long one may take.
ANALYSIS_SECONDS = env.integer("FOVEA_ANALYSIS_MINUTES", 60, minimum=1) * 60
# Segmenters of the site's own: a folder with one MONAI bundle in each of its folders, whether those without sums of
# their files are used too, a JSON file that names external commands, and the memory that each of them may have.
BUNDLES = env.optional_path("FOVEA_BUNDLES")
BUNDLES_UNCHECKED = env.flag("FOVEA_BUNDLES_UNCHECKED")
SEGMENTER_COMMANDS = env.optional_path("FOVEA_SEGMENTER_COMMANDS")
SEGMENTER_MEMORY_BYTES = env.integer("FOVEA_SEGMENTER_MEMORY_MB", 6144, minimum=512) << 20
# Dictation of free text: a folder with a model of Whisper's, one with a folder with a model of Vosk's for each language
# (en, fr, es, zh-hans), and the memory that either may have; or a server with OpenAI's interface for speech, its key,
# how it calls its model, and the networks that it may be in.
DICTATION_WHISPER = env.optional_path("FOVEA_DICTATION_WHISPER")
DICTATION_VOSK = env.optional_path("FOVEA_DICTATION_VOSK")
DICTATION_MEMORY_BYTES = env.integer("FOVEA_DICTATION_MEMORY_MB", 6144, minimum=512) << 20
DICTATION_URL = env.url("FOVEA_DICTATION_URL")
DICTATION_KEY = env.text("FOVEA_DICTATION_KEY")
DICTATION_MODEL = env.text("FOVEA_DICTATION_MODEL", "whisper-1")
DICTATION_NETWORKS = env.networks("FOVEA_DICTATION_NETWORKS")
# Critical findings: after how many minutes one that nobody has acknowledged is told again, to more people, by how soon
# somebody must know of it.
CRITICAL_MINUTES = {
    "minutes": env.integer("FOVEA_CRITICAL_MINUTES", 60, minimum=1),
    "hours": env.integer("FOVEA_CRITICAL_HOURS_MINUTES", 24 * 60, minimum=1),
    "days": env.integer("FOVEA_CRITICAL_DAYS_MINUTES", 72 * 60, minimum=1),
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 << 20
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000
DATA_UPLOAD_MAX_NUMBER_FILES = 10
# Static files are for this server's pages.
WHITENOISE_ALLOW_ALL_ORIGINS = False

# How many requests a minute each caller of the REST API may make of each web process; 0 for as many as they like.
API_RATE = env.integer("FOVEA_API_RATE", 12000)
REST_FRAMEWORK = rest.FRAMEWORK
SPECTACULAR_SETTINGS = rest.SCHEMA

# Two at least: one of them never takes what is long (apps.jobs.lanes).
WORKERS = max(2, env.integer("FOVEA_WORKERS", 2, minimum=1))
Q_CLUSTER = broker.cluster(BROKER_URL, WORKERS)

# Seconds: how long a worker has a job without a sign of life, how often it gives one, how often lost jobs are sought.
JOB_LEASE = env.integer("FOVEA_JOB_LEASE", 60, minimum=2)
JOB_PULSE = 1
JOB_SWEEP = env.integer("FOVEA_JOB_SWEEP", 5, minimum=1)
# Seconds: the pause before the second attempt; when a job that the queue seems to have lost is sent again; when a pool
# that takes no jobs is started anew; how long running jobs may go on after the worker is told to end.
JOB_BACKOFF = env.integer("FOVEA_JOB_BACKOFF", 15)
JOB_RESEND = env.integer("FOVEA_JOB_RESEND", 30, minimum=1)
JOB_STALL = env.integer("FOVEA_JOB_STALL", 120, minimum=2)
JOB_GRACE = env.integer("FOVEA_JOB_GRACE", 10)
# A study counts as complete when nothing came for so many seconds; ended jobs are kept for so many days.
STUDY_SETTLES = env.integer("FOVEA_STUDY_SETTLES", 15)
JOB_KEEP_DAYS = env.integer("FOVEA_JOB_KEEP_DAYS", 30, minimum=1)

# Scheduled steps: minutes without another image after which one whose device doesn't report (MPPS) counts as done, and
# days after its day, or since it began, after which nothing more is expected of one. 0: never.
STEP_COMPLETES_MINUTES = env.integer("FOVEA_STEP_COMPLETES_MINUTES", 10)
STEP_EXPIRES_DAYS = env.integer("FOVEA_STEP_EXPIRES_DAYS", 2)
STEP_IN_PROGRESS_DAYS = env.integer("FOVEA_STEP_IN_PROGRESS_DAYS", 7)
# From which hour on the archives are asked for the priors of tomorrow's patients.
PREFETCH_HOUR = env.integer("FOVEA_PREFETCH_HOUR", 18)

# Webhooks: the networks that they may be sent to although they are private; seconds for an attempt, and that attempts
# get at the end; days after which one that takes nothing pauses, and for which is kept what was sent.
WEBHOOK_NETWORKS = env.networks("FOVEA_WEBHOOK_NETWORKS")
WEBHOOK_SECONDS = env.integer("FOVEA_WEBHOOK_SECONDS", 15, minimum=1)
WEBHOOK_GRACE = env.integer("FOVEA_WEBHOOK_GRACE", 10)
WEBHOOK_PAUSE_DAYS = env.integer("FOVEA_WEBHOOK_PAUSE_DAYS", 3, minimum=1)
WEBHOOK_KEEP_DAYS = env.integer("FOVEA_WEBHOOK_KEEP_DAYS", 30, minimum=1)

# Signed reports: the time stamp authority (RFC 3161) that is asked for each PDF's seal; empty for none.
TIMESTAMP_URL = env.url("FOVEA_TIMESTAMP_URL")

# pydicom's warnings quote what is in an object.
warnings.filterwarnings("ignore", module="pydicom")
LOGGING = logs.configuration(as_json=env.flag("FOVEA_LOG_JSON"), level=env.text("FOVEA_LOG_LEVEL", "INFO"))
