"""What the database itself refuses of documents, managed policies and their versions; and how documents are named."""

from typing import Any

import pytest
from django.db import Error, transaction
from django.db.models import ProtectedError

from policystudio.policies import selectors
from policystudio.policies.models import Document, ManagedPolicy, PolicyVersion
from policystudio.policies.services import document_digest
from tests.factories import make_account, make_document, make_managed_policy

pytestmark = pytest.mark.django_db


def refused(do: Any, **values: Any) -> None:
    with pytest.raises(Error), transaction.atomic():
        do(**values)


def test_a_document_is_named_by_its_kind_and_exact_text() -> None:
    digests = {document_digest(kind=kind, text=text) for kind in ("identity", "trust") for text in ("{}", "{ }", "")}
    assert len(digests) == 6
    assert document_digest(kind="trust", text="{}") == document_digest(kind="trust", text="{}")


def test_a_document_has_a_known_kind_and_a_digest() -> None:
    refused(Document.objects.create, digest="a" * 64, kind="scp", text="{}")
    refused(Document.objects.create, digest="A" * 64, kind="trust", text="{}")
    refused(Document.objects.create, digest="a" * 63, kind="trust", text="{}")


def test_a_document_in_use_is_not_deleted() -> None:
    make_managed_policy(make_account())
    with pytest.raises(ProtectedError):
        Document.objects.get().delete()


def test_the_arn_of_a_policy_is_once_in_an_account() -> None:
    one, other = make_account(), make_account()
    make_managed_policy(one, "ReadOnly", aws=True)
    make_managed_policy(other, "ReadOnly", aws=True)
    refused(make_managed_policy, account=one, name="ReadOnly", aws=True)


ODD_NAMES = [
    *({"name": name} for name in ("", "a b", "ä", "a" * 129, "a\n")),
    *({"path": path} for path in ("", "/a", "a/", "/a b/")),
    {"arn": "x"},
]


@pytest.mark.parametrize("values", ODD_NAMES)
def test_a_policy_is_named_as_aws_names(values: dict[str, str]) -> None:
    policy = make_managed_policy(make_account())
    refused(ManagedPolicy.objects.filter(pk=policy.pk).update, **values)


def test_a_policy_has_one_default_version_and_each_version_once() -> None:
    policy = make_managed_policy(make_account())
    document = make_document("{}")
    create = PolicyVersion.objects.create
    refused(create, policy=policy, version_id="v2", document=document, is_default=True)
    refused(create, policy=policy, version_id="v1", document=document)
    for version_id in ("", "2", "v0", "v", "V2", "v2\n"):
        refused(create, policy=policy, version_id=version_id, document=document)
    create(policy=policy, version_id="v2", document=document)


def test_selectors_find_policies_and_versions_of_the_account_alone() -> None:
    account = make_account()
    policy = make_managed_policy(account, "ml")
    make_managed_policy(account, "told", None)
    PolicyVersion.objects.create(policy=policy, version_id="v2", document=make_document("{}"))
    assert [one.version_id for one in selectors.versions_of(policy)] == ["v1", "v2"]
    assert selectors.policy_get(account, policy.pk) == selectors.policy_by_arn(account, policy.arn) == policy
    with pytest.raises(ManagedPolicy.DoesNotExist):
        selectors.policy_get(make_account(), policy.pk)
    with pytest.raises(ManagedPolicy.DoesNotExist):
        selectors.policy_by_arn(make_account(), policy.arn)
    assert [one.name for one in selectors.policies_of(account, search="M")] == ["ml"]
