"""Invitations: good once, for some days, as long as the inviter may; nothing of the link is kept."""

from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.core import mail, serializers
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from policystudio.accounts import selectors, services
from policystudio.accounts.models import Invitation, Role
from policystudio.audit.models import AuditEntry
from tests import factories
from tests.support.at_once import at_once

NOW = timezone.now()


@pytest.fixture
def account(db: None):
    return factories.make_account(name="research", unit=factories.make_organization().units.get())


@pytest.fixture
def dana(account):
    person = factories.make_sign_in("dana")
    factories.make_membership(person, account, Role.ADMINISTRATOR)
    return person


def invite(by, whole, role: Role = Role.AUTHOR, **more):
    values = {"addressee": "new@example.com", "now": NOW, **more}
    return services.invitation_create(by=by, whole=whole, role=role, **values)


def accept(by, invitation, now=NOW) -> None:
    services.invitation_accept(by=by, invitation=invitation, now=now)


def test_it_gives_the_role_once_on_record(dana, account) -> None:
    made, token = invite(dana, account)
    vic, bo = factories.make_sign_in("vic"), factories.make_sign_in("bo")
    assert selectors.invitation_by_token(token, NOW) == made
    accept(vic, made)
    assert selectors.role_of(vic, account) is Role.AUTHOR
    assert selectors.invitation_by_token(token, NOW) is None
    with pytest.raises(services.InvitationError, match="not good any more"):
        accept(bo, made)
    told = [(one.actor, one.action) for one in AuditEntry.objects.order_by("sequence")]
    assert told == [
        ("dana", "invitation.created"),
        ("vic", "invitation.accepted"),
        ("dana", "membership.granted"),
    ]


def test_the_token_has_256_bits_and_is_not_kept(dana, account) -> None:
    _, token = invite(dana, account)
    assert len(token) == 43
    assert token not in serializers.serialize("json", Invitation.objects.all())
    assert token not in str(list(AuditEntry.objects.values()))


@pytest.mark.parametrize("why", ["revoked", "ended", "demoted", "switched off"])
def test_it_is_void(dana, account, why: str) -> None:
    made, token = invite(dana, account)
    vic, now = factories.make_sign_in("vic"), NOW
    if why == "revoked":
        services.invitation_revoke(by=dana, invitation=made, now=NOW)
        services.invitation_revoke(by=dana, invitation=made, now=NOW)
        assert AuditEntry.objects.filter(action="invitation.revoked").count() == 1
    elif why == "ended":
        now = NOW + timedelta(days=7)
    elif why == "demoted":
        services.membership_grant(by=None, user=dana, account=account, role=Role.APPROVER)
    else:
        dana.is_active = False
        dana.save()
    with pytest.raises(services.InvitationError, match="not good any more"):
        accept(vic, made, now)
    assert selectors.role_of(vic, account) is None
    assert (selectors.invitation_by_token(token, now) is None) == (why in ("revoked", "ended"))


def test_it_never_lowers_a_role(dana, account) -> None:
    petra = factories.make_sign_in("petra")
    factories.make_membership(petra, account, Role.APPROVER)
    accept(petra, invite(dana, account, Role.VIEWER)[0])
    assert selectors.role_of(petra, account) is Role.APPROVER
    accept(dana, invite(dana, account, Role.VIEWER)[0])  # the last administrator
    assert selectors.role_of(dana, account) is Role.ADMINISTRATOR


def test_it_invites_to_a_whole_organization_by_its_administrators_alone(dana, account) -> None:
    with pytest.raises(PermissionDenied):
        invite(dana, account.organization)
    factories.make_organization_membership(dana, account.organization, Role.ADMINISTRATOR)
    vic = factories.make_sign_in("vic")
    accept(vic, invite(dana, account.organization)[0])
    assert selectors.role_in_organization(vic, account.organization) is Role.AUTHOR
    assert selectors.role_of(vic, account) is Role.AUTHOR


@pytest.mark.parametrize("role", [None, Role.VIEWER, Role.APPROVER])
def test_nobody_else_invites_or_takes_back(dana, account, role: Role | None) -> None:
    made, _ = invite(dana, account)
    person = factories.make_sign_in()
    if role:
        factories.make_membership(person, account, role)
    with pytest.raises(PermissionDenied):
        invite(person, account, Role.VIEWER)
    with pytest.raises(PermissionDenied):
        services.invitation_revoke(by=person, invitation=made, now=NOW)


def test_an_api_client_accepts_none(dana, account) -> None:
    made, _ = invite(dana, account)
    with pytest.raises(PermissionDenied):
        accept(factories.make_sign_in(f"client:{account.number}:x"), made)


def test_somebody_new_accepts_it_under_a_free_name_or_not_at_all(dana, account) -> None:
    made, _ = invite(dana, account)
    more = {"password": factories.PASSWORD, "invitation": made, "now": NOW}
    with pytest.raises(services.InvitationError, match="cannot be used"):
        services.invitation_accept_as_new(username="dana", **more)
    vic = services.invitation_accept_as_new(username="vic", **more)
    assert selectors.role_of(vic, account) is Role.AUTHOR
    with pytest.raises(services.InvitationError):
        services.invitation_accept_as_new(username="bo", **more)
    assert not get_user_model().objects.filter(username="bo").exists()  # all or nothing


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"addressee": " "}, "addressee"),
        ({"addressee": "a\nb"}, "addressee"),
        ({"addressee": "x" * 255}, "addressee"),
        ({"days": 0}, "days"),
        ({"days": 31}, "days"),
    ],
)
def test_what_cannot_be_is_refused(dana, account, fields, place: str) -> None:
    with pytest.raises(services.InvitationError) as refused:
        invite(dana, account, **fields)
    assert refused.value.place == place


def test_it_is_sent_where_e_mail_is_set_up(dana, account, settings) -> None:
    made, _ = invite(dana, account)
    assert not services.invitation_send(invitation=made, link="https://studio.example.com/x")
    settings.SENDS_EMAIL, settings.DEFAULT_FROM_EMAIL = True, "studio@example.com"
    assert services.invitation_send(invitation=made, link="https://studio.example.com/x")
    (sent,) = mail.outbox
    assert (sent.to, sent.from_email) == (["new@example.com"], "studio@example.com")
    assert "https://studio.example.com/x" in sent.body
    named, _ = invite(dana, account, addressee="vic")
    assert not services.invitation_send(invitation=named, link="x")


@pytest.mark.django_db(transaction=True)
def test_one_of_two_who_accept_at_once_wins() -> None:
    account, dana = factories.make_account(), factories.make_sign_in("dana")
    factories.make_membership(dana, account, Role.ADMINISTRATOR)
    made, _ = invite(dana, account)
    vic, bo = factories.make_sign_in("vic"), factories.make_sign_in("bo")
    results = at_once(lambda: accept(vic, made), lambda: accept(bo, made))
    assert sorted(isinstance(one, services.InvitationError) for one in results) == [False, True]
    assert account.memberships.count() == 2
