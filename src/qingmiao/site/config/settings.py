"""Django's settings, made from the environment; nothing here is secret and nothing differs between machines."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psycopg
from csp.constants import NONCE, NONE, SELF

from qingmiao.kernel.days import CHINA_ZONE
from qingmiao.site.config import environment, postgres
from qingmiao.site.config.logging import LOGGING as LOGGING

ENVIRONMENT = environment.read()
HOME = ENVIRONMENT.home
SITE = Path(__file__).resolve().parents[1]

SECRET_KEY = ENVIRONMENT.secret_key
SECRET_KEY_FALLBACKS = list(ENVIRONMENT.former_secret_keys)
DEBUG = ENVIRONMENT.debug
ALLOWED_HOSTS = list(ENVIRONMENT.hosts)
CSRF_TRUSTED_ORIGINS = [f"https://{h}" for h in ENVIRONMENT.hosts] if ENVIRONMENT.https else []

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.staticfiles",
    "django_htmx",
    "csp",
    "procrastinate.contrib.django",
    "qingmiao.site.apps.audit",
    "qingmiao.site.apps.shelf",
    "qingmiao.site.apps.files",
    "qingmiao.site.apps.directory",
    "qingmiao.site.apps.notices",
    "qingmiao.site.apps.facts",
    "qingmiao.site.apps.tasks",
    "qingmiao.site.apps.surveys",
    "qingmiao.site.apps.inspections",
    "qingmiao.site.apps.records",
    "qingmiao.site.apps.cases",
    "qingmiao.site.apps.benefits",
    "qingmiao.site.apps.registers",
    "qingmiao.site.apps.returns",
    "qingmiao.site.apps.monitoring",
    "qingmiao.site.apps.acting",
    "qingmiao.site.apps.publishing",
    "qingmiao.site.web.ui",
    "qingmiao.site.web.console",
    "qingmiao.site.web.portal",
    *(["qingmiao.site.demo"] if ENVIRONMENT.mode != "production" else []),
]

MIDDLEWARE = [
    "qingmiao.site.web.portal.first.PortalHeaders",
    "qingmiao.site.web.ui.requests.RequestLog",
    "qingmiao.site.web.api.rest.problems.OneShape",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "qingmiao.site.web.ui.policy.ContentSecurityPolicy",
    "qingmiao.site.web.ui.trouble.Away",
    "qingmiao.site.web.ui.requests.RateLimit",
    "qingmiao.site.web.ui.sessions.Sessions",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "qingmiao.site.web.ui.language.Language",
    "qingmiao.site.web.ui.first_loading.FirstLoading",
    "qingmiao.site.web.ui.given.PlainText",
]

ROOT_URLCONF = "qingmiao.site.config.urls"
WSGI_APPLICATION = "qingmiao.site.config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "csp.context_processors.nonce",
                "qingmiao.site.web.ui.context.page",
            ],
            "builtins": ["qingmiao.site.web.ui.templatetags.ui"],
        },
    }
]


PLACE = ("dbname", "user", "password", "host", "port")


def _database(url: str) -> dict[str, Any]:
    """Django's settings for one PostgreSQL address, with the connection pool of psycopg."""
    given = psycopg.conninfo.conninfo_to_dict(url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": given.get("dbname") or "qingmiao",
        "USER": given.get("user") or "",
        "PASSWORD": given.get("password") or "",
        "HOST": given.get("host") or "",
        "PORT": str(given.get("port") or ""),
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": True,  # a connection that a killed server left behind is replaced, not handed out
        "OPTIONS": {
            # Nobody waits long for a database that is away: a person is told within seconds (`ui.trouble`).
            "pool": {"min_size": 1, "max_size": 16, "timeout": 2.5, "reconnect_timeout": 1},
            "connect_timeout": 3,
            "tcp_user_timeout": 10_000,
            "keepalives_idle": 30,
            "keepalives_interval": 5,
            "keepalives_count": 3,
            **{name: value for name, value in given.items() if name not in PLACE},  # sslmode and what else was asked
        },
    }


DATABASES = {"default": _database(ENVIRONMENT.database_url or postgres.address(HOME / "postgres"))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "directory.Person"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
if ENVIRONMENT.mode == "test":
    PASSWORD_HASHERS = ["qingmiao.site.apps.directory.passwords.QuickArgon2", *PASSWORD_HASHERS]

LANGUAGE_CODE = "zh-hans"
TIME_ZONE = CHINA_ZONE
USE_TZ = True
USE_I18N = False

STATIC_URL = "/static/"
STATIC_ROOT = HOME / "static"
STATICFILES_DIRS = [SITE / "web" / "ui" / "built"] if (SITE / "web" / "ui" / "built").is_dir() else []
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if ENVIRONMENT.mode == "test"
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = ("png", "woff2", "ttf", "gz", "br")
MEDIA_ROOT = HOME / "uploads"
NOTICE_GATEWAY = "qingmiao.site.apps.notices.gateway.FileGateway"
"""Who takes notices outside (a class with `take`): files in the site's home, or a county's own adapter."""
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 2**20
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 2**20

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31536000 if ENVIRONMENT.https else 0
SECURE_SSL_REDIRECT = ENVIRONMENT.https
SECURE_REDIRECT_EXEMPT = [r"^health/"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if ENVIRONMENT.trusted_proxies else None
X_FRAME_OPTIONS = "DENY"
CSRF_COOKIE_SECURE = ENVIRONMENT.https
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Strict"
CSRF_FAILURE_VIEW = "qingmiao.site.web.ui.errors.csrf_failed"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}
