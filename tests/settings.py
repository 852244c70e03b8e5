"""Settings of the test suite: its own folder, fast passwords, mail kept in memory."""

import atexit
import os
import shutil
import tempfile

if "COTERIE_TEST_DATA" not in os.environ:
    _folder = tempfile.mkdtemp(prefix="coterie-test-")
    atexit.register(shutil.rmtree, _folder, ignore_errors=True)
    os.environ["COTERIE_DATA"] = _folder
else:
    # One folder for each process that runs tests: an embedded index belongs to one.
    os.environ["COTERIE_DATA"] = os.path.join(
        os.environ["COTERIE_TEST_DATA"], os.environ.get("PYTEST_XDIST_WORKER", "")
    )
os.environ.setdefault("COTERIE_SECRET_KEY", "a fixed secret for tests, long enough to be taken")

os.environ.setdefault("COTERIE_EXPORT_FOLDER", os.path.join(os.environ["COTERIE_DATA"], "exports"))

from coterie.settings import *  # noqa: F403

# Argon2 takes its time by design; its own test turns it on again.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", "django.contrib.auth.hashers.Argon2PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
