"""Writes of sessions: what is shown of them, and their end."""

from contextlib import suppress
from datetime import datetime, timedelta

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.sessions.models import Session
from django.db import IntegrityError, OperationalError, transaction

from policystudio.accounts.models import SignedInSession
from policystudio.accounts.signals import access_ended
from policystudio.audit import services as audit
from policystudio.lib.browser_words import browser_in_words
from policystudio.lib.locks import atomic_without_waiting
from policystudio.lib.session_store import stored_key

#: How often it is written at most that a session is used.
BETWEEN_NOTES = timedelta(minutes=1)


def session_begin(*, session_key: str, user: AbstractBaseUser, address: str, user_agent: str, now: datetime) -> None:
    """Note a session that somebody signed in with. The session itself must be saved already."""
    values = {
        "user_id": user.pk,
        "created_at": now,
        "last_seen_at": now,
        "address": address[:45],
        "browser": browser_in_words(user_agent),
    }
    # It ended meanwhile: there is nothing to show.
    with suppress(IntegrityError), transaction.atomic():
        SignedInSession.objects.update_or_create(session_id=stored_key(session_key), defaults=values)


def session_seen(*, session_key: str, user: AbstractBaseUser, address: str, user_agent: str, now: datetime) -> None:
    """Note that a session is used, at most once a minute, and never where that would have to wait."""
    with suppress(OperationalError, IntegrityError), atomic_without_waiting():
        mine = SignedInSession.objects.filter(session_id=stored_key(session_key), user=user.pk)
        stale = mine.filter(last_seen_at__lte=now - BETWEEN_NOTES)
        if stale.update(last_seen_at=now, address=address[:45]) or mine.exists():
            return
        session_begin(session_key=session_key, user=user, address=address, user_agent=user_agent, now=now)


@transaction.atomic
def session_end(*, by: AbstractBaseUser, key: str) -> bool:
    """End one session of ``by``, by the key that is stored of it; whether there was one."""
    ended, _ = Session.objects.filter(session_key=key, signed_in__user=by.pk).delete()
    if ended:
        audit.record(actor=by, action="session.ended", target=by.get_username(), details={"sessions": 1})
    return bool(ended)


@transaction.atomic
def sessions_end(*, by: AbstractBaseUser | None, user: AbstractBaseUser, keep: str | None = None) -> int:
    """End every session of ``user`` but that with the session key ``keep``; how many there were.

    ``by`` is the user, a superuser, or None for the command line.
    """
    found = Session.objects.filter(signed_in__user=user.pk)
    if keep is not None:
        found = found.exclude(session_key=stored_key(keep))
    number = found.count()
    found.delete()
    if number:
        audit.record(actor=by, action="session.ended", target=user.get_username(), details={"sessions": number})
    return number


@transaction.atomic
def access_end(*, by: AbstractBaseUser | None, user: AbstractBaseUser, keep: str | None = None) -> int:
    """End all that lets ``user`` in without the password: sessions, as ``sessions_end`` does, and tokens of REST.

    Answers with the number of the sessions.
    """
    ended = sessions_end(by=by, user=user, keep=keep)
    access_ended.send(sender=type(user), by=by, user=user)
    return ended


@transaction.atomic
def password_change(*, by: AbstractBaseUser, password: str, keep: str | None, keep_tokens: bool = False) -> None:
    """Give ``by`` a new password, end their other sessions and, unless they keep them, their tokens."""
    by.set_password(password)
    by.save(update_fields=["password"])
    audit.record(actor=by, action="user.password_changed", target=by.get_username())
    if keep_tokens:
        sessions_end(by=by, user=by, keep=keep)
    else:
        access_end(by=by, user=by, keep=keep)
