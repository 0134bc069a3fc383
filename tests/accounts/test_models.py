"""What the database itself refuses of accounts and organizations."""

from typing import Any

import pytest
from django.db import Error, transaction

from policystudio.accounts.models import Account, Membership, OrganizationalUnit, OrganizationPolicyTarget, Role
from tests.factories import (
    make_account,
    make_membership,
    make_organization,
    make_organization_policy,
    make_sign_in,
    make_unit,
)

pytestmark = pytest.mark.django_db


def refused(do: Any, **values: Any) -> None:
    with pytest.raises(Error), transaction.atomic():
        do(**values)


@pytest.mark.parametrize("number", ["", "1", "12345678901", "1234567890123", "12345678901x", "12345678901\n", "١" * 12])
def test_an_account_number_has_12_digits(number: str) -> None:
    refused(Account.objects.create, number=number, name="a")


def test_an_account_has_a_name_a_number_of_its_own_and_a_partition() -> None:
    account = make_account()
    refused(Account.objects.create, number=account.number, name="again")
    refused(Account.objects.create, number="222222222222", name="")
    for partition in ("", "aws-", "AWS", "gcp", "aws\n"):
        refused(Account.objects.create, number="222222222222", name="a", partition=partition)
    for number, partition in enumerate(("aws", "aws-cn", "aws-us-gov", "aws-iso-b")):
        make_account(f"9{number:011}", partition=partition)


def test_a_management_account_is_in_an_organization() -> None:
    refused(make_account, is_management=True)
    make_account(is_management=True, unit=make_organization().units.get())


@pytest.mark.parametrize("org_id", ["", "o-", "o-short", "r-1234567890", "o-UPPERCASE12", "o-1234567890\n"])
def test_an_organization_id_is_well_formed(org_id: str) -> None:
    refused(make_organization, org_id=org_id)


def test_units_hang_on_one_root() -> None:
    organization = make_organization()
    root = organization.units.get()
    unit = make_unit(root)
    create = OrganizationalUnit.objects.create
    refused(create, organization=organization, unit_id="r-9999", name="second root")
    refused(create, organization=organization, unit_id="ou-9999-99999999", name="no parent")
    refused(create, organization=organization, parent=root, unit_id="r-9998", name="root below root")
    refused(create, organization=organization, parent=root, unit_id="unit", name="no id")
    refused(create, organization=organization, parent=root, unit_id=unit.unit_id, name="the id of another")
    refused(OrganizationalUnit.objects.filter(pk=unit.pk).update, parent=unit)


def test_a_policy_is_attached_to_exactly_one_thing_once() -> None:
    organization = make_organization()
    root = organization.units.get()
    account = make_account(unit=root)
    policy = make_organization_policy(organization, targets=(root, account))
    create = OrganizationPolicyTarget.objects.create
    refused(create, policy=policy)
    refused(create, policy=policy, unit=make_unit(root), account=make_account())
    refused(create, policy=policy, unit=root)
    refused(create, policy=policy, account=account)


def test_policies_of_organizations_are_of_a_known_kind() -> None:
    organization = make_organization()
    refused(make_organization_policy, organization=organization, kind="tag")
    policy = make_organization_policy(organization)
    for values in ({"digest": "x"}, {"policy_id": "x"}, {"policy_id": "p-12345678\n"}):
        refused(type(policy).objects.filter(pk=policy.pk).update, **values)


def test_a_person_has_one_known_role_in_an_account() -> None:
    membership = make_membership(make_sign_in(), make_account())
    refused(make_membership, user=membership.user, account=membership.account, role=Role.AUTHOR)
    refused(Membership.objects.filter(pk=membership.pk).update, role="owner")


def test_roles_are_in_order() -> None:
    assert [role.rank for role in Role] == [0, 1, 2, 3]
    assert Role.APPROVER.covers(Role.AUTHOR)
    assert Role.APPROVER.covers(Role.APPROVER)
    assert not Role.AUTHOR.covers(Role.APPROVER)
