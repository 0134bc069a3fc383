"""Background work of accounts."""

from celery import shared_task

from policystudio.lib.session_store import SessionStore


@shared_task
def sessions_forget() -> None:
    """Forget the sessions that have ended by time, and what was shown of them."""
    SessionStore.clear_expired()
