"""Names and passwords, for whoever asks for the second factor as well."""

from typing import Any, cast

from django.contrib.auth import get_user_model
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import User

from policystudio.accounts.models import CLIENT_PREFIX
from policystudio.accounts.selectors import owing_second_factor, second_factor_of

#: An attribute of the request: its view asks for the second factor before it lets anybody in.
ASKS_SECOND_FACTOR = "asks_second_factor"


class PasswordBackend(ModelBackend):
    """Django's own, but a password alone lets nobody in who has a second factor.

    A way in that knows nothing of second factors is closed to them; those that do say so on the request.
    """

    def authenticate(  # type: ignore[override]  # Django's own has these parameters, too
        self, request: Any, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> AbstractBaseUser | None:
        """The user; None for a wrong name or password."""
        found = super().authenticate(request, username=username, password=password, **kwargs)
        if found is None or getattr(request, ASKS_SECOND_FACTOR, False):
            return found
        return None if second_factor_of(found) else found

    def get_user(self, user_id: int) -> User | None:
        """Whom a session is of; ``owes_second_factor`` tells whether they have to set one up before anything else."""
        users = get_user_model().objects.annotate(owes_second_factor=owing_second_factor())
        found = cast("User | None", users.filter(pk=user_id).first())
        return found if self.user_can_authenticate(found) else None

    def user_can_authenticate(self, user: Any) -> bool:
        """Nobody who is switched off, and no API client, whatever password somebody gave it: it has keys and tokens."""
        is_client = user is not None and user.get_username().startswith(CLIENT_PREFIX)
        return not is_client and super().user_can_authenticate(user)
