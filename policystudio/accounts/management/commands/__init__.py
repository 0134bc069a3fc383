"""What the commands about people share."""

from django.contrib.auth.base_user import AbstractBaseUser
from django.core.management.base import CommandError

from policystudio.accounts.selectors import person_named
from policystudio.lib.streams import printable

REFUSED = 2


def person(name: str) -> AbstractBaseUser:
    """Who signs in by this name; the command ends with status 2 where nobody does."""
    found = person_named(name)
    if found is None:
        raise CommandError(printable(f"nobody signs in as `{name}`: check the spelling"), returncode=REFUSED)
    return found
