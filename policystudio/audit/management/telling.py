"""For commands of Django's that write users: while one runs, each user that is saved has an entry."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models.signals import post_save

from policystudio.audit import services


@contextmanager
def users_told(action: str, **details: Any) -> Iterator[None]:
    """Within it a saved user is told by ``action``.

    Not in the transaction of the save: the command asks its questions first, and nobody may wait for the answers.
    """

    def tell(instance: Any, **_kwargs: Any) -> None:
        with transaction.atomic():
            services.record(actor=None, action=action, target=instance.get_username(), details=details)

    post_save.connect(tell, sender=get_user_model())
    try:
        yield
    finally:
        post_save.disconnect(tell, sender=get_user_model())
