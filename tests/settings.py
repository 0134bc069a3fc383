"""The settings of a test run: the product's own, apart from the developer's environment and from var/."""

import os
import tempfile
from pathlib import Path

from django.utils.crypto import get_random_string

# What stands in the environment of whoever runs the tests must not change their outcome.
for name in ("POLICYSTUDIO_ENV", "DEBUG", "ALLOWED_HOSTS", "CSRF_TRUSTED_ORIGINS", "TRUSTED_PROXIES", "LOG_FORMAT"):
    os.environ.pop(name, None)
os.environ["VAR_DIR"] = str(Path(tempfile.gettempdir()) / f"policystudio-tests-{os.getuid()}")
os.environ["DATABASE_URL"] = os.environ.get("TEST_DATABASE_URL", "sqlite://")
os.environ["CELERY_BROKER_URL"] = "memory://"
os.environ["SECRET_KEY"] = get_random_string(50)

from policystudio.settings import *  # noqa: E402, F403 -- Django's own way to extend settings

# WhiteNoise warns of a folder that is not there.
Path(os.environ["VAR_DIR"], "static").mkdir(parents=True, exist_ok=True)
# Hashing is slow on purpose, and tests sign in often.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    # The manifest is made by collectstatic; tests read the files where they are.
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
