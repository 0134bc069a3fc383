"""Writes of invitations: made by an administrator, good once and for some days, void with the inviter's role."""

import secrets
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.mail import send_mail
from django.core.validators import validate_email
from django.db import IntegrityError, transaction

from policystudio.accounts import selectors
from policystudio.accounts.models import CLIENT_PREFIX, Account, Invitation, Organization, Role, Source, digest_of
from policystudio.accounts.services.memberships import (
    check_administrator,
    membership_grant,
    organization_membership_grant,
)
from policystudio.audit import services as audit

#: How long an invitation is good for, unless asked otherwise, and at most.
USUAL_DAYS = 7
LONGEST_DAYS = 30
#: To one account or organization. More is a script that runs wild.
_MOST_OPEN = 200


class InvitationError(ValueError):
    """An invitation cannot be made or accepted as asked; the text says why to a person, ``place`` names the field."""

    def __init__(self, message: str, place: str = "") -> None:
        super().__init__(message)
        self.place = place


@transaction.atomic
def invitation_create(
    *,
    by: AbstractBaseUser,
    whole: Account | Organization,
    role: Role,
    addressee: str,
    now: datetime,
    days: int = USUAL_DAYS,
) -> tuple[Invitation, str]:
    """Invite somebody to an account or an organization; the invitation and the token of its link, shown this once.

    Whether anybody has this name or address is neither asked nor told. Raises ``PermissionDenied`` where ``by`` is no
    administrator of it, ``InvitationError`` for what cannot be.
    """
    check_administrator(by, whole)
    addressee = addressee.strip()
    if not addressee or len(addressee) > 254 or not addressee.isprintable():
        raise InvitationError("write the name or e-mail address of whom you invite, in one line", "addressee")
    if not 1 <= days <= LONGEST_DAYS:
        raise InvitationError(f"an invitation ends after 1 to {LONGEST_DAYS} days", "days")
    if selectors.open_invitations(whole, now).count() >= _MOST_OPEN:
        raise InvitationError(f"{_MOST_OPEN} invitations are open: revoke those that are not needed any more")
    token = secrets.token_urlsafe(32)
    made = Invitation.objects.create(
        account=whole if isinstance(whole, Account) else None,
        organization=whole if isinstance(whole, Organization) else None,
        role=role,
        addressee=addressee,
        digest=digest_of(token.encode()),
        invited_by_id=by.pk,
        created_at=now,
        expires_at=now + timedelta(days=days),
    )
    _record(by, "invitation.created", made, {"expires": made.expires_at.isoformat()})
    return made, token


@transaction.atomic
def invitation_revoke(*, by: AbstractBaseUser, invitation: Invitation, now: datetime) -> None:
    """Take an invitation back; nothing happens where it was accepted or taken back already."""
    check_administrator(by, invitation.whole)
    found = Invitation.objects.filter(pk=invitation.pk, accepted_at=None, revoked_at=None)
    if found.update(revoked_at=now):
        _record(by, "invitation.revoked", invitation, {})


def invitation_send(*, invitation: Invitation, link: str) -> bool:
    """Send the link by e-mail, where e-mail is set up and the addressee is an address; whether that was done."""
    try:
        validate_email(invitation.addressee)
    except ValidationError:
        return False
    if not settings.SENDS_EMAIL:
        return False
    text = (
        f"{invitation.invited_by.get_username()} invites you to be {Role(invitation.role).label} of "
        f"{invitation.whole} in Policy Studio.\n\nAccept by this link, which is good once, until "
        f"{invitation.expires_at:%d %B %Y}:\n\n{link}\n\nIf you do not know what this is about, do nothing.\n"
    )
    try:
        return bool(send_mail("You are invited to Policy Studio", text, None, [invitation.addressee]))
    except OSError:  # SMTP's errors are some, too
        return False


@transaction.atomic
def invitation_accept(*, by: AbstractBaseUser, invitation: Invitation, now: datetime) -> None:
    """Accept an invitation, once: ``by`` has the role then, or keeps a higher one.

    Raises ``InvitationError`` where it was accepted, was taken back, has ended, or where the inviter does not
    administer the account or organization any more.
    """
    if by.get_username().startswith(CLIENT_PREFIX):
        raise PermissionDenied("an API client accepts no invitations")
    found = Invitation.objects.select_for_update(of=("self",)).select_related(
        "account__unit__organization", "organization", "invited_by"
    )
    locked = found.get(pk=invitation.pk)
    if locked.accepted_at or locked.revoked_at or locked.expires_at <= now:
        raise InvitationError("this invitation is not good any more")
    try:
        check_administrator(locked.invited_by, locked.whole)
    except PermissionDenied:
        raise InvitationError("this invitation is not good any more") from None
    locked.accepted_at, locked.accepted_by_name = now, by.get_username()
    locked.save(update_fields=["accepted_at", "accepted_by_name"])
    _record(by, "invitation.accepted", locked, {"invited_by": locked.invited_by.get_username()})
    _grant(by, locked)


@transaction.atomic
def invitation_accept_as_new(*, username: str, password: str, invitation: Invitation, now: datetime) -> Any:
    """Accept an invitation as somebody who is new here; the user. The password was checked against the validators.

    Raises ``InvitationError`` as ``invitation_accept`` does, and where the name cannot be had.
    """
    try:
        with transaction.atomic():
            user = get_user_model().objects.create_user(username, password=password)
    except IntegrityError:
        raise InvitationError("this name cannot be used: choose another", "username") from None
    audit.record(actor=user, action="user.created", target=user.get_username(), details={"by": "invitation"})
    invitation_accept(by=user, invitation=invitation, now=now)
    return user


def _grant(user: AbstractBaseUser, invitation: Invitation) -> None:
    """The role, by the inviter; whoever was given a higher one keeps it."""
    role, by = Role(invitation.role), invitation.invited_by
    held = invitation.whole.memberships.filter(user=user.pk, source=Source.GRANTED).first()
    if held is not None and Role(held.role).covers(role):
        return
    if isinstance(invitation.whole, Account):
        membership_grant(by=by, user=user, account=invitation.whole, role=role)
    else:
        organization_membership_grant(by=by, user=user, organization=invitation.whole, role=role)


def _record(by: AbstractBaseUser, action: str, invitation: Invitation, details: dict[str, Any]) -> None:
    whole = invitation.whole
    number = whole.number if isinstance(whole, Account) else ""
    target = number or getattr(whole, "org_id", "")
    told = {"invitation": invitation.pk, "addressee": invitation.addressee, "role": invitation.role, **details}
    audit.record(actor=by, action=action, target=target, account=number, details=told)
