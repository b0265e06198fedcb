"""All settings of the site, typed, from the environment (see .env.example for each variable)."""

from datetime import timedelta
from urllib.parse import urlsplit

from django.urls import reverse_lazy
from whitenoise.compress import Compressor

from p2plearn import env as environment
from p2plearn import google
from p2plearn.env import BASE_DIR, VAR_DIR, env
from p2plearn.mongodb import site as mongodb

ENVIRONMENT = environment.environment()
IS_PRODUCTION = ENVIRONMENT == "production"
SECRET_KEY = environment.secret_key(is_production=IS_PRODUCTION)
DEBUG = environment.debug(is_production=IS_PRODUCTION)

# Where people reach the site; mails and invitations lead there.
SITE_URL: str = env.str("SITE_URL", default="http://127.0.0.1:8000").rstrip("/")
SITE_NAME = "P2P Learn"
SITE_HOST = urlsplit(SITE_URL).hostname or "localhost"
IS_HTTPS = SITE_URL.startswith("https://")
ALLOWED_HOSTS: list[str] = env.list(
    "ALLOWED_HOSTS", default=[SITE_HOST] if IS_PRODUCTION else ["localhost", "127.0.0.1", "[::1]"]
)
CSRF_TRUSTED_ORIGINS: list[str] = [SITE_URL]

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
    "csp",
    "corsheaders",
    "ninja",
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.google",
    "allauth.mfa",
    "allauth.usersessions",
    "crispy_forms",
    "crispy_bootstrap5",
    "huey.contrib.djhuey",
    "accounts",
    "meetings",
    "p2plearn",
]

MIDDLEWARE = [
    "p2plearn.monitoring.request_log.RequestLogMiddleware",
    "p2plearn.monitoring.request_log.HeadMiddleware",
    "p2plearn.monitoring.health.HealthMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "csp.middleware.CSPMiddleware",
    "accounts.middleware.UTF8Middleware",
    "accounts.middleware.ImmutableMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "accounts.middleware.ViewerLocaleMiddleware",
    "accounts.middleware.PrivatePagesMiddleware",
    "accounts.middleware.RetryAfterMiddleware",
]

# The token that /metrics requires; empty turns it off.
METRICS_TOKEN: str = environment.metrics_token()
if METRICS_TOKEN:
    MIDDLEWARE.insert(1, "p2plearn.monitoring.metrics.MetricsMiddleware")

ROOT_URLCONF = "p2plearn.urls"
WSGI_APPLICATION = "p2plearn.wsgi.application"

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
                "accounts.context_processors.viewer",
            ],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"

DATABASES = {"default": environment.database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
if DATABASES["default"]["ENGINE"] == mongodb.ENGINE:
    DEFAULT_AUTO_FIELD = mongodb.AUTO_FIELD
    MIGRATION_MODULES = mongodb.MIGRATION_MODULES
    INSTALLED_APPS = mongodb.with_object_ids(INSTALLED_APPS)
    MIDDLEWARE += mongodb.MIDDLEWARE
    SESSION_SERIALIZER = mongodb.SESSION_SERIALIZER

CACHES = {"default": environment.cache()}

# People
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backends.AccountBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = reverse_lazy("account_login")
LOGIN_REDIRECT_URL = reverse_lazy("meetings:dashboard")
ACCOUNT_LOGOUT_REDIRECT_URL = reverse_lazy("meetings:home")

ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
SOCIALACCOUNT_ADAPTER = "accounts.adapter.SocialAccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_FORMS = {
    "login": "accounts.login_form.LoginForm",
    "signup": "accounts.signup_form.SignupForm",
}
ACCOUNT_SIGNUP_FORM_CLASS = "accounts.forms.SignupForm"
ACCOUNT_UNIQUE_EMAIL = True
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = f"[{SITE_NAME}] "
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_CHANGE_EMAIL = True
# Changes that could give an account away need the password again, and are mailed to its address.
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if IS_HTTPS else "http"
ALLAUTH_TRUSTED_PROXY_COUNT: int = env.int("TRUSTED_PROXIES", default=0)

RATE_LIMITS: bool = env.bool("RATE_LIMITS", default=True)
ACCOUNT_RATE_LIMITS = environment.account_limits() if RATE_LIMITS else False

SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False
GOOGLE_CLIENT_ID: str = env.str("GOOGLE_CLIENT_ID", default="")
GOOGLE_CLIENT_SECRET: str = env.str("GOOGLE_CLIENT_SECRET", default="")
HAS_GOOGLE_CLIENT = bool(GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET)
# The platform's own calendar, for mentors who have not connected theirs.
GOOGLE_REFRESH_TOKEN: str = env.str("GOOGLE_REFRESH_TOKEN", default="")
GOOGLE_REDIRECT_URI: str = env.str(
    "GOOGLE_REDIRECT_URI", default=f"{SITE_URL}/settings/calendar/callback/"
)
GOOGLE_SCOPES = google.SCOPES
GOOGLE_CALENDAR_ENDPOINT: str = env.str(
    "GOOGLE_CALENDAR_ENDPOINT", default=google.CALENDAR_ENDPOINT
)
GOOGLE_AUTH_URI: str = env.str("GOOGLE_AUTH_URI", default=google.AUTH_URI)
GOOGLE_TOKEN_URI: str = env.str("GOOGLE_TOKEN_URI", default=google.TOKEN_URI)
GOOGLE_REVOKE_URI: str = env.str("GOOGLE_REVOKE_URI", default=google.REVOKE_URI)
SOCIALACCOUNT_PROVIDERS = google.providers(GOOGLE_CLIENT_ID, GOOGLE_CLIENT_SECRET)
MFA_ADAPTER = "accounts.adapter.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = SITE_NAME
# Keys for what is encrypted at rest, newest first; the old ones still decrypt.
ENCRYPTION_KEYS: list[str] = environment.encryption_keys(SECRET_KEY, is_production=IS_PRODUCTION)

# JSON API
# Keys that sign tokens, newest first; the old ones still verify.
JWT_SIGNING_KEYS: list[str] = environment.jwt_keys(SECRET_KEY, is_production=IS_PRODUCTION)
HEADLESS_TOKEN_STRATEGY = "accounts.tokens.TokenStrategy"  # noqa: S105  a path, not a secret
HEADLESS_JWT_ALGORITHM = "HS256"
HEADLESS_JWT_PRIVATE_KEY = JWT_SIGNING_KEYS[0]
HEADLESS_JWT_ACCESS_TOKEN_EXPIRES_IN: int = int(timedelta(minutes=15).total_seconds())
HEADLESS_JWT_REFRESH_TOKEN_EXPIRES_IN: int = int(timedelta(days=14).total_seconds())
HEADLESS_JWT_STATEFUL_VALIDATION_ENABLED = True
API_RATE_LIMITS: dict[str, str] = environment.api_limits() if RATE_LIMITS else {}
# The maximum size of a request's body, in bytes.
API_BODY_LIMIT = 65_536
# Other sites whose pages may call the API, with tokens and without cookies.
CORS_ALLOWED_ORIGINS: list[str] = env.list("CORS_ALLOWED_ORIGINS", default=[])
CORS_URLS_REGEX = r"^/api/"
CORS_ALLOW_CREDENTIALS = False
CORS_ALLOW_METHODS = ("DELETE", "GET", "PATCH", "POST", "PUT")
CORS_ALLOW_HEADERS = (
    "accept",
    "accept-language",
    "authorization",
    "content-type",
    "idempotency-key",
)
CORS_EXPOSE_HEADERS = ("Retry-After",)

# Meetings
CALENDAR_BACKEND: str = env.str(
    "CALENDAR_BACKEND", default="meetings.integrations.local.LocalCalendar"
)
CALENDAR_WAIT: timedelta = timedelta(seconds=env.float("CALENDAR_WAIT", default=1.5))
ROOM_URL_TEMPLATE: str = env.str("ROOM_URL_TEMPLATE", default="https://meet.jit.si/p2plearn-{room}")
UPCOMING_MEETINGS_LIMIT: int = env.int("UPCOMING_MEETINGS_LIMIT", default=20)

# Jobs: huey wakes the worker and starts the sweep each minute; all state is in our own tables.
HUEY = environment.jobs(is_immediate=ENVIRONMENT == "test")

# Mail: shown in the console until a server is named.
EMAIL = env.email_url("EMAIL_URL", default="consolemail://")
EMAIL_BACKEND: str = EMAIL["EMAIL_BACKEND"]
EMAIL_HOST, EMAIL_PORT = EMAIL["EMAIL_HOST"], EMAIL["EMAIL_PORT"]
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = EMAIL["EMAIL_HOST_USER"], EMAIL["EMAIL_HOST_PASSWORD"]
EMAIL_USE_TLS: bool = EMAIL.get("EMAIL_USE_TLS", False)
EMAIL_USE_SSL: bool = EMAIL.get("EMAIL_USE_SSL", False)
EMAIL_FILE_PATH = EMAIL["EMAIL_FILE_PATH"]
DEFAULT_FROM_EMAIL: str = env.str("DEFAULT_FROM_EMAIL", default=f"{SITE_NAME} <hello@{SITE_HOST}>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
EMAIL_TIMEOUT = 10

# Language and time
LANGUAGE_CODE = "en"
# Each in its own language, for people who read no other.
LANGUAGES = [("en", "English"), ("de", "Deutsch"), ("es", "Español")]
# Our own texts, and our translations in place of those of packages.
LOCALE_PATHS = [BASE_DIR / "locale", BASE_DIR / "locale" / "vendor"]
FORMAT_MODULE_PATH = "p2plearn.formats"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# Files: uploads and static files
MEDIA_ROOT: str = env.str("MEDIA_ROOT", default=str(VAR_DIR / "media"))
FILE_UPLOAD_HANDLERS = [
    "accounts.uploads.CappedUploadHandler",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "var" / "static"  # each release has its own
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "p2plearn.storage.StaticStorage"},
}
# The API's documentation has megabytes that no browser requests: source maps, and a second copy of
# each file. Compressing them took half a minute at the first start.
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = (*Compressor.SKIP_COMPRESS_EXTENSIONS, "map")

# Security
FORM_TARGETS = [google.form_target(GOOGLE_AUTH_URI)] if HAS_GOOGLE_CLIENT else []
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "font-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "connect-src": ["'self'"],
        "manifest-src": ["'self'"],
        "form-action": ["'self'", *FORM_TARGETS],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_HTTPS
SECURE_SSL_REDIRECT: bool = env.bool("SECURE_SSL_REDIRECT", default=IS_PRODUCTION and IS_HTTPS)
SECURE_HSTS_SECONDS: int = env.int("SECURE_HSTS_SECONDS", default=31_536_000 if IS_HTTPS else 0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
if ALLAUTH_TRUSTED_PROXY_COUNT:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
DATA_UPLOAD_MAX_MEMORY_SIZE = 262_144
DATA_UPLOAD_MAX_NUMBER_FILES = 1

SENTRY_DSN = environment.sentry_dsn()
LOGGING = environment.logs(is_production=IS_PRODUCTION)
