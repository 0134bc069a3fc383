"""Sessions in the database by a hash of their key: a copy of the table opens none of them."""

import hashlib
from typing import Any

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.utils import timezone

#: What fits into the column of Django's table: 160 bits, nearly as many as a key has itself.
_LENGTH = 40


def stored_key(session_key: str) -> str:
    """What stands in the database for the key that a browser holds."""
    return hashlib.sha256(session_key.encode()).hexdigest()[:_LENGTH]


class SessionStore(DatabaseStore):
    """Django's own sessions in the database, looked up by the hash. Only what a web request needs is not async."""

    def _get_session_from_db(self) -> Any:
        """The row of a session that has not ended; a key that is not known is forgotten, so that a new one is made."""
        key = self.session_key
        row = None
        if key is not None:
            row = self.model.objects.filter(session_key=stored_key(key), expire_date__gt=timezone.now()).first()
        if row is None:
            self._session_key = None
        return row

    def exists(self, session_key: str) -> bool:
        """Whether there is a session with this key."""
        return bool(super().exists(stored_key(session_key)))

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        """The row to save, without the key."""
        row = super().create_model_instance(data)
        row.session_key = stored_key(row.session_key)
        return row

    def delete(self, session_key: str | None = None) -> None:
        """End the session with this key, or this one."""
        key = session_key or self.session_key
        if key is not None:
            super().delete(stored_key(key))
