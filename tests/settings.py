"""The site's settings for tests: fast, and without services outside the process."""

import os
import tempfile

os.environ.setdefault("ENVIRONMENT", "test")
os.environ.setdefault("SECRET_KEY", "only-for-tests-" + "0123456789abcdef" * 4)
os.environ.setdefault("EMAIL_URL", "memorymail://")

from p2plearn import settings as real
from p2plearn.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
ACCOUNT_RATE_LIMITS = False
# Test servers find static files without collectstatic.
MIDDLEWARE = [each for each in real.MIDDLEWARE if "whitenoise" not in each]
API_RATE_LIMITS = {}
# A file, since threads of a test server cannot share a database in memory; one for each run, so
# that concurrent runs do not collide.
database = real.DATABASES["default"]
if database["ENGINE"] == "django.db.backends.sqlite3":
    folder = tempfile.TemporaryDirectory(prefix="p2plearn-tests-")
    database["TEST"] = {"NAME": f"{folder.name}/test.sqlite3"}
    database["OPTIONS"]["init_command"] += "PRAGMA synchronous=OFF;"
