"""The secret key of a local installation: made once, kept in a file that only its owner can read."""

import os
import tempfile
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from django.core.management.utils import get_random_secret_key


def secret_key_from(file: Path) -> str:
    """The key in the file, which is made where it is missing.

    Processes that start at the same moment agree: whoever links its key into place first wins, and all read that one.
    """
    try:
        if not file.exists():
            _create(file)
        key = file.read_text().strip()
    except OSError as error:
        raise ImproperlyConfigured(
            f"the secret key cannot be kept in {file} ({error.strerror}): make the folder writable, or set SECRET_KEY"
        ) from error
    if not key:
        raise ImproperlyConfigured(f"{file} is empty: delete it, and a new secret key is made")
    return key


def _create(file: Path) -> None:
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=file.parent, prefix=".secret_key-")
    try:
        with os.fdopen(handle, "w") as stream:
            stream.write(get_random_secret_key() + get_random_secret_key())
        os.link(draft, file)
    except FileExistsError:
        pass  # another process was faster, its key counts
    finally:
        Path(draft).unlink()
