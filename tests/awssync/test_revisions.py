"""Whatever writes what an account or an organization holds gives it a new revision, in the same transaction."""

from uuid import UUID

import pytest

from policystudio.accounts.models import Account, Organization
from policystudio.awssync import services
from tests import factories
from tests.support.exports import NOW, as_file

pytestmark = pytest.mark.django_db

NUMBER = "111122223333"
USER = {"UserName": "ana", "Arn": f"arn:aws:iam::{NUMBER}:user/ana", "Path": "/", "UserId": "AIDAEXAMPLE"}
EXPORT = {"UserDetailList": [USER], "GroupDetailList": [], "RoleDetailList": [], "Policies": []}


def revision(row: Account | Organization) -> UUID:
    row.refresh_from_db()
    return row.revision


def import_account() -> None:
    services.account_import(file=as_file(EXPORT), by=None, now=NOW)


def test_an_import_of_an_account_gives_it_a_new_revision_and_no_other() -> None:
    account, other = factories.make_account(NUMBER), factories.make_account()
    before = revision(account), revision(other)
    import_account()
    assert revision(account) != before[0]
    assert revision(other) == before[1]


def test_an_import_that_fails_leaves_the_revision() -> None:
    account = factories.make_account(NUMBER)
    before = revision(account)

    def fail(_report: object) -> None:
        raise RuntimeError("undo everything")

    with pytest.raises(RuntimeError):
        services.account_import(file=as_file(EXPORT), by=None, now=NOW, finish=fail)
    assert revision(account) == before


def test_an_import_of_an_organization_gives_it_a_new_revision() -> None:
    file = {
        "Organization": {"Id": "o-exampleorg1", "MasterAccountId": NUMBER},
        "Roots": [{"Id": "r-ab12", "Name": "Root"}],
        "OrganizationalUnits": [],
        "Accounts": [{"Id": NUMBER, "Name": "management", "ParentId": "r-ab12"}],
        "Policies": [],
        "Targets": [],
    }
    services.organization_import(file=as_file(file), now=NOW)
    organization = Organization.objects.get()
    before = revision(organization)
    services.organization_import(file=as_file({**file, "Name": "Example"}), now=NOW)
    assert revision(organization) != before


def test_an_import_of_resources_gives_their_account_a_new_revision() -> None:
    account = factories.make_account(NUMBER)
    before = revision(account)
    told = {"ResourceTagMappingList": [{"ResourceARN": f"arn:aws:sagemaker:us-east-1:{NUMBER}:model/m", "Tags": []}]}
    services.resources_import(file=as_file(told), now=NOW)
    assert revision(account) != before
