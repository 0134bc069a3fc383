"""What the database itself refuses of identities; and the selectors that read them."""

from typing import Any

import pytest
from django.db import Error, transaction

from policystudio.identities import selectors
from policystudio.identities.models import Group, GroupMembership, Identity, InlinePolicy, PolicyAttachment, Role, User
from tests.factories import (
    attach,
    join,
    make_account,
    make_document,
    make_identity,
    make_inline_policy,
    make_managed_policy,
)

pytestmark = pytest.mark.django_db


def refused(do: Any, **values: Any) -> None:
    with pytest.raises(Error), transaction.atomic():
        do(**values)


def test_names_are_unique_whatever_their_case_within_a_kind_and_account() -> None:
    account = make_account()
    make_identity(account, "role", "Job")
    refused(make_identity, account=account, kind="role", name="job", path="/elsewhere/")
    make_identity(account, "user", "job")
    make_identity(make_account(), "role", "Job")


def test_an_arn_is_unique() -> None:
    account = make_account()
    one = make_identity(account, "user", "ann")
    refused(Identity.objects.create, account=account, kind="user", name="bob", arn=one.arn)


@pytest.mark.parametrize("name", ["", "a b", "ä", "a/b", "a*", "a\n", "a" * 129])
@pytest.mark.parametrize("kind", ["user", "group", "role"])
def test_names_are_as_aws_gives_them(kind: str, name: str) -> None:
    identity = make_identity(make_account(), kind)
    refused(Identity.objects.filter(pk=identity.pk).update, name=name)


def test_names_of_users_and_roles_are_shorter_than_those_of_groups() -> None:
    account = make_account()
    make_identity(account, "group", "g" * 128)
    for kind in ("user", "role"):
        make_identity(account, kind, "n" * 64)
        refused(make_identity, account=account, kind=kind, name="n" * 65)


@pytest.mark.parametrize("path", ["", "x", "/x", "x/", "/x y/", "/x\n/", "/ä/"])
def test_paths_are_as_aws_gives_them(path: str) -> None:
    identity = make_identity(make_account(), "user")
    refused(Identity.objects.filter(pk=identity.pk).update, path=path)


def test_kinds_have_what_belongs_to_them() -> None:
    account = make_account()
    policy, trust = make_managed_policy(account), make_document("{}", "trust")
    for kind in ("user", "group"):
        refused(make_identity, account=account, kind=kind, trust_document=trust)
        refused(make_identity, account=account, kind=kind, service_linked=True)
    refused(make_identity, account=account, kind="role", trust_document=None)
    refused(make_identity, account=account, kind="group", boundary=policy)
    refused(make_identity, account=account, kind="robot")
    make_identity(account, "user", boundary=policy)
    make_identity(account, "role", boundary=policy, service_linked=True)


def test_nothing_is_joined_twice() -> None:
    account = make_account()
    user, group, policy = make_identity(account, "user"), make_identity(account, "group"), make_managed_policy(account)
    join(user, group)
    attach(user, policy)
    inline = make_inline_policy(user, name="own")
    refused(GroupMembership.objects.create, user=user, group=group)
    refused(GroupMembership.objects.create, user=user, group=user)
    refused(PolicyAttachment.objects.create, identity=user, policy=policy)
    refused(InlinePolicy.objects.create, identity=user, name="own", document=inline.document)
    for name in ("", "a/b", "a b", "a*", "a?", "a\\b", "ä", "a" * 129):
        refused(InlinePolicy.objects.create, identity=user, name=name, document=inline.document)
    for name in ("(brackets)", "[x]", "a" * 128, "Own", "a:b;c<d>"):
        InlinePolicy.objects.create(identity=user, name=name, document=inline.document)


def test_proxies_are_the_identities_of_their_kind() -> None:
    account = make_account()
    made = [make_identity(account, kind) for kind in ("user", "group", "role")]
    assert [proxy.objects.get().pk for proxy in (User, Group, Role)] == [one.pk for one in made]


def test_an_account_goes_with_all_that_is_in_it() -> None:
    account = make_account()
    policy = make_managed_policy(account)
    attach(make_identity(account, "user", boundary=policy), policy)
    account.delete()
    assert not Identity.objects.exists()


def test_an_identity_is_read_with_all_that_gives_it_permissions(django_assert_num_queries: Any) -> None:
    account = make_account()
    policy = make_managed_policy(account)
    user, groups = make_identity(account, "user"), [make_identity(account, "group") for _ in range(5)]
    join(user, *groups)
    for one in (user, *groups):
        attach(one, policy)
        make_inline_policy(one)
    with django_assert_num_queries(12):
        found = selectors.identity_get(account, user.pk)
        for one in (found, *found.groups.all()):
            assert [a.policy.versions.all()[0].document.text for a in one.attachments.all()]
            assert [p.document.text for p in one.inline_policies.all()]
    with pytest.raises(Identity.DoesNotExist):
        selectors.identity_get(make_account(), user.pk)


def test_lists_and_counts() -> None:
    account = make_account()
    policy = make_managed_policy(account)
    ann = make_identity(account, "user", "ann", path="/people/", boundary=policy)
    job = make_identity(account, "role", "job")
    attach(job, policy)
    make_identity(make_account(), "user", "ann")
    assert selectors.counts_by_kind(account) == {"user": 1, "group": 0, "role": 1}
    assert list(selectors.identities_of(account, search="PEOPLE")) == [ann]
    assert list(selectors.identities_of(account, kind="role")) == [job]
    assert list(selectors.bearers_of(policy)) == [job]
    assert list(selectors.bounded_by(policy)) == [ann]
    assert selectors.identity_by_arn(account, ann.arn) == ann
