"""Plain rows of an account say what the database says: the same rows, stacks, facts and levels."""

from dataclasses import replace
from typing import Any

import pytest

from policystudio.accounts.models import Account
from policystudio.simulator.content import Content, Present, read_content
from policystudio.simulator.question import IdentityFilter, Question
from policystudio.simulator.selectors import notes_of, subject_reader
from policystudio.simulator.stacks import Subject, bearers
from tests import factories as make

pytestmark = pytest.mark.django_db
MODELS = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sagemaker:*Model", "Resource": "*"}]}


@pytest.fixture
def account() -> Account:
    """Everything that there can be: groups, boundaries, a policy without a document, gaps, an organization."""
    organization = make.make_organization()
    root = organization.units.get(parent=None)
    unit = make.make_unit(root)
    account = make.make_account("111122223333", "research", unit=unit)
    make.make_organization_policy(organization, name="full", targets=(root, unit, account))
    make.make_organization_policy(organization, MODELS, name="models", targets=(root, account))
    make.make_organization_policy(organization, "{", name="broken", targets=(unit,))
    make.make_organization_policy(organization, kind="rcp", name="data", targets=(root,))
    managed, bare = make.make_managed_policy(account, "own", MODELS), make.make_managed_policy(account, policy=None)
    ana = make.make_identity(account, "user", "Ana", path="/people/", tags={"team": "ml"}, unique_id="AIDAEXAMPLE")
    second, first = make.make_identity(account, "group", "second"), make.make_identity(account, "group", "first")
    make.join(ana, second, first)
    make.attach(first, managed, bare)
    make.make_inline_policy(first, MODELS, "more")
    make.make_inline_policy(ana, "{}", "unreadable")
    make.attach(ana, make.make_managed_policy(account, "aws", aws=True), managed)
    second.gaps = ["its policies are not known"]
    second.save()
    role = make.make_identity(account, "role", "trainer", boundary=managed, unique_id="AROAEXAMPLE")
    make.make_inline_policy(role, MODELS, "z")
    make.make_inline_policy(role, MODELS, "a")
    make.make_identity(account, "role", "linked", path="/aws-service-role/x/", service_linked=True)
    make.make_account("444455556666", "other", unit=root)
    return Account.objects.select_related("unit__organization").get(pk=account.pk)


def told(subject: Subject) -> dict[str, Any]:
    return {
        "bearer": replace(subject.bearer, tags=dict(subject.bearer.tags)),
        "row": subject.row,
        "policies": subject.policies,
        "boundary": subject.boundary,
    }


@pytest.mark.parametrize(
    "wanted",
    [
        IdentityFilter(),
        IdentityFilter(kinds=frozenset({"user", "root"})),
        IdentityFilter(arns=("arn:aws:iam::111122223333:role/trainer", "arn:aws:iam::111122223333:root")),
        IdentityFilter(path="/people/"),
        IdentityFilter(name="an"),
        IdentityFilter(tag_key="team", tag_value="ml"),
        IdentityFilter(arns=("arn:aws:iam::111122223333:user/nobody",)),
    ],
)
def test_rows_and_stacks_are_those_of_the_database(account: Account, wanted: IdentityFilter) -> None:
    content = read_content(account)
    sides = []
    for source in (Present(account), content):
        reader = subject_reader(source, Question())
        sides.append([told(one) for one in reader.subjects(bearers(source, wanted))])
        sides[-1] += [reader.organization, notes_of(source, bearers(source, wanted))]
    assert sides[0] == sides[1]


@pytest.mark.parametrize("kind", ["scp", "rcp"])
@pytest.mark.parametrize("number", ["111122223333", "444455556666"])
def test_the_levels_of_the_organization_are_those_of_the_database(account: Account, kind: str, number: str) -> None:
    found = Account.objects.get(number=number)
    content = read_content(found)
    assert content.levels(kind) == Present(found).levels(kind)
    assert content.organization_path() == Present(found).organization_path()


def test_an_account_in_no_organization_has_no_levels() -> None:
    content = read_content(make.make_account("777788889999"))
    assert isinstance(content, Content)
    assert content.levels("scp") is None
    assert content.organization_path() is None


def test_documents_that_the_content_brings_along_come_before_those_of_the_database(account: Account) -> None:
    content = read_content(account)
    digest = make.make_document(MODELS).digest
    assert content.documents([digest])[digest] is not None
    assert replace(content, texts={digest: None}).documents([digest, "0" * 64]) == {digest: None}
