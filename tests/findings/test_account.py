"""The findings of a whole account: documents where they stand, quotas, paths, needless policies, unused roles."""

import json
from datetime import timedelta

import pytest

from policystudio.engine.authorize import authorize
from policystudio.engine.decision import Verdict
from policystudio.engine.request import Context, Request
from policystudio.findings import services
from policystudio.findings.models import DocumentFindings, Finding, StackFindings
from policystudio.findings.services import work
from policystudio.identities.models import Identity
from policystudio.simulator.question import IdentityFilter
from policystudio.simulator.selectors import condition_keys
from policystudio.simulator.stacks import SubjectReader, bearers, source_of
from tests import factories
from tests.findings.conftest import NOW, Shop
from tests.web.conftest import allow


def worked(shop: Shop, **filters: object) -> list[Finding]:
    services.findings_work_now(account=shop.account, now=NOW)
    return list(Finding.objects.filter(account=shop.account, **filters))


def codes(found: list[Finding]) -> set[str]:
    return {one.code for one in found}


# Paths.


def test_it_finds_who_can_have_a_role_do_what_she_cannot(shop: Shop) -> None:
    (path,) = worked(shop, code="STUDIO_PATH_PASS_ROLE")
    assert path.identity == shop.ana
    assert path.message.startswith("It can run a training job as role/train, which can do what it cannot, such as")
    assert "`secretsmanager:GetSecretValue`" in path.message
    assert path.evidence["roles"] == [shop.train.arn]


def test_the_evidence_is_requests_that_are_decided_so(shop: Shop) -> None:
    (path,) = worked(shop, code="STUDIO_PATH_PASS_ROLE")
    requests = {one["step"]: one for one in path.evidence["requests"]}
    assert list(requests) == ["start", "pass", "assume", "gain"]
    assert requests["pass"]["resource"] == shop.train.arn
    assert requests["pass"]["context"]["iam:PassedToService"] == ["sagemaker.amazonaws.com"]
    assert requests["assume"]["principal"] == "sagemaker.amazonaws.com"
    assert path.evidence["together"]
    for step in ("start", "pass", "gain"):
        assert decided(shop, requests[step], requests[step]["principal"]) is Verdict.ALLOWED
    assert decided(shop, requests["gain"], shop.ana.arn) is Verdict.IMPLICIT_DENY


def decided(shop: Shop, asked: dict, arn: str) -> Verdict:
    reader = SubjectReader(source_of(shop.account))
    (subject,) = reader.subjects(bearers(source_of(shop.account), IdentityFilter(arns=(arn,))))
    request = Request(
        reader.principal(subject.bearer), asked["action"], asked["resource"], "", Context(asked["context"])
    )
    return authorize(subject.row.stack, request, condition_keys()).verdict


@pytest.mark.parametrize(
    "action",
    [
        ["sagemaker:CreateProcessingJob"],
        ["sagemaker:CreateNotebookInstance", "sagemaker:CreatePresignedNotebookInstanceUrl"],
        ["sagemaker:CreatePipeline", "sagemaker:StartPipelineExecution"],
        ["sagemaker:CreateModel", "sagemaker:CreateTransformJob"],
        ["sagemaker:CreateUserProfile", "sagemaker:CreatePresignedDomainUrl"],
    ],
)
def test_every_way_to_run_code_as_a_role_counts(shop: Shop, action: list[str]) -> None:
    bob = factories.make_identity(shop.account, "user", "bob")
    factories.make_inline_policy(bob, allow([*action, "iam:PassRole"]))
    assert [one.identity for one in worked(shop, code="STUDIO_PATH_PASS_ROLE", identity=bob)] == [bob]


@pytest.mark.parametrize(
    "action", [["sagemaker:CreateNotebookInstance"], ["sagemaker:CreatePipeline"], ["sagemaker:CreateModel"]]
)
def test_a_way_of_which_a_step_is_missing_is_none(shop: Shop, action: list[str]) -> None:
    bob = factories.make_identity(shop.account, "user", "bob")
    factories.make_inline_policy(bob, allow([*action, "iam:PassRole"]))
    assert not worked(shop, code="STUDIO_PATH_PASS_ROLE", identity=bob)


def test_a_boundary_a_deny_or_an_organization_policy_ends_a_path(shop: Shop) -> None:
    shop.ana.boundary = factories.make_managed_policy(shop.account, "limit", allow("sagemaker:*"))
    shop.ana.save()
    assert not worked(shop, code="STUDIO_PATH_PASS_ROLE")
    shop.ana.boundary = None
    shop.ana.save()
    deny = {"Statement": [{"Effect": "Deny", "Action": "iam:PassRole", "Resource": shop.train.arn}]}
    denying = factories.make_inline_policy(shop.ana, deny)
    assert not worked(shop, code="STUDIO_PATH_PASS_ROLE")
    denying.delete()
    assert worked(shop, code="STUDIO_PATH_PASS_ROLE")
    organization = factories.make_organization()
    root = organization.units.get()
    shop.account.unit = root
    shop.account.save()
    factories.make_organization_policy(organization, allow("sagemaker:*"), targets=(root, shop.account))
    assert not worked(shop, code="STUDIO_PATH_PASS_ROLE")


def test_a_role_that_does_not_trust_sagemaker_is_no_path(shop: Shop) -> None:
    shop.train.trust_document = shop.deploy.trust_document
    shop.train.save()
    assert not worked(shop, code="STUDIO_PATH_PASS_ROLE")


def test_a_role_that_can_do_no_more_is_no_path(shop: Shop) -> None:
    factories.make_inline_policy(shop.ana, allow("*"))
    assert not worked(shop, code="STUDIO_PATH_PASS_ROLE")


def test_an_open_presigned_url_is_a_path_and_one_that_is_held_to_something_is_none(shop: Shop) -> None:
    bob, eve = (factories.make_identity(shop.account, "user", name) for name in ("bob", "eve"))
    factories.make_inline_policy(bob, allow("sagemaker:CreatePresignedDomainUrl"))
    own = "arn:aws:sagemaker:*:*:user-profile/*/${aws:username}"
    factories.make_inline_policy(eve, allow("sagemaker:CreatePresignedDomainUrl", own))
    assert [one.identity for one in worked(shop, code="STUDIO_PATH_PRESIGNED_URL")] == [bob]


def test_a_script_that_others_run_is_a_path(shop: Shop) -> None:
    bob = factories.make_identity(shop.account, "user", "bob")
    factories.make_inline_policy(
        bob, allow(["sagemaker:UpdateNotebookInstanceLifecycleConfig", "sagemaker:StartNotebookInstance"])
    )
    assert [one.identity for one in worked(shop, code="STUDIO_PATH_LIFECYCLE_CONFIG")] == [bob]


def test_what_could_not_be_read_is_no_path(shop: Shop) -> None:
    factories.make_inline_policy(shop.ana, "{}", "broken")
    assert not worked(shop, code="STUDIO_PATH_PASS_ROLE")


# Documents where they stand.


def test_a_finding_of_a_document_stands_at_its_line_in_every_policy_that_has_it(shop: Shop) -> None:
    for name in ("one", "two"):
        factories.make_managed_policy(shop.account, name, allow("sagemaker:ListModell"))
    found = worked(shop, code="INVALID_ACTION")
    assert [(one.label, one.start["line"]) for one in found] == [("one", 6), ("two", 6)]
    assert DocumentFindings.objects.filter(digest=found[0].digest).count() == 1


def test_versions_that_are_not_in_force_are_not_looked_at(shop: Shop) -> None:
    document = factories.make_document(allow("sagemaker:ListModell"))
    shop.jobs.versions.create(version_id="v2", document=document, is_default=False)
    assert not worked(shop, code="INVALID_ACTION")


def test_policies_that_aws_manages_are_folded_and_told_where_they_are_used_alone(shop: Shop) -> None:
    used = factories.make_managed_policy(shop.account, "used", allow("sagemaker:ListModell"), aws=True)
    factories.make_managed_policy(shop.account, "unused", allow("sagemaker:ListModelll"), aws=True)
    factories.attach(shop.ana, used)
    assert [(one.label, one.folded) for one in worked(shop, code="INVALID_ACTION")] == [("used", True)]


def test_organization_policies_above_the_account_are_looked_at(shop: Shop) -> None:
    organization = factories.make_organization()
    root = organization.units.get()
    shop.account.unit = root
    shop.account.save()
    text = {"Statement": [{"Effect": "Deny", "Action": "sagemaker:ListModell", "Resource": "*"}]}
    policy = factories.make_organization_policy(organization, text, name="guard", targets=(root,))
    found = worked(shop, code="INVALID_ACTION")
    assert [(one.subject, one.organization_policy) for one in found] == [("organization", policy)]


def test_the_quota_of_a_document_is_that_of_where_it_stands(shop: Shop) -> None:
    long = allow("s3:GetObject", [f"arn:aws:s3:::bucket-{number:04}/*" for number in range(100)])
    factories.make_inline_policy(shop.train, long, "long")
    factories.make_inline_policy(shop.ana, long, "long")
    found = [one for one in worked(shop) if one.code.startswith("STUDIO_TOO_LARGE_FOR")]
    assert [(one.code, one.identity) for one in found] == [("STUDIO_TOO_LARGE_FOR_USER_INLINE", shop.ana)]


def test_what_a_boundary_lets_through_is_no_risk_by_itself(shop: Shop) -> None:
    limit = factories.make_managed_policy(shop.account, "limit", allow(["sagemaker:Create*", "iam:PassRole"]))
    shop.deploy.boundary = limit
    shop.deploy.save()
    assert not [one for one in worked(shop, policy=limit) if one.code.startswith(("STUDIO_ESC", "STUDIO_CREATE"))]
    factories.attach(shop.deploy, limit)
    assert [one for one in worked(shop, policy=limit) if one.code.startswith(("STUDIO_ESC", "STUDIO_CREATE"))]


def test_a_statement_without_effect_is_found_at_its_place(shop: Shop) -> None:
    first, second = ({"Effect": "Allow", "Action": name, "Resource": "*"} for name in ("s3:*", "s3:GetObject"))
    factories.make_managed_policy(shop.account, "twice", {"Version": "2012-10-17", "Statement": [first, second]})
    (found,) = worked(shop, code="STUDIO_STATEMENT_WITHOUT_EFFECT")
    assert found.path == [{"value": "Statement"}, {"index": 1}]
    text = shop.account.managed_policies.get(name="twice").versions.get().document.text
    assert json.loads(text[found.start["offset"] : found.end["offset"]]) == second


# Identities.


def test_inline_policies_are_measured_together(shop: Shop) -> None:
    half = allow("s3:GetObject", [f"arn:aws:s3:::bucket-{number:03}/*" for number in range(40)])
    for name in ("a", "b"):
        factories.make_inline_policy(shop.ana, half, name)
    (found,) = worked(shop, code="STUDIO_INLINE_POLICIES_TOO_LARGE")
    assert (found.type, found.identity) == ("ERROR", shop.ana)


@pytest.mark.parametrize(
    ("number", "code"), [(9, ""), (10, "STUDIO_POLICIES_ATTACHED_FULL"), (21, "STUDIO_TOO_MANY_POLICIES_ATTACHED")]
)
def test_attached_policies_are_counted(shop: Shop, number: int, code: str) -> None:
    bob = factories.make_identity(shop.account, "user", "bob")
    for at in range(number):
        factories.attach(bob, factories.make_managed_policy(shop.account, f"p{at}", allow(f"s3:Get{'x' * at}*")))
    found = {one.code for one in worked(shop, identity=bob) if "ATTACHED" in one.code}
    assert found == ({code} if code else set())


def test_groups_are_counted(shop: Shop) -> None:
    for at in range(11):
        factories.join(shop.ana, factories.make_identity(shop.account, "group", f"g{at}"))
    assert [one.identity for one in worked(shop, code="STUDIO_TOO_MANY_GROUPS")] == [shop.ana]


def test_a_role_that_nobody_used_for_long_is_told_of(shop: Shop) -> None:
    (found,) = worked(shop, code="STUDIO_ROLE_UNUSED")
    assert found.identity == shop.deploy
    assert "200 days" in found.message
    shop.deploy.last_used = {"LastUsedDate": (NOW - timedelta(days=89)).isoformat()}
    shop.deploy.save()
    assert not worked(shop, code="STUDIO_ROLE_UNUSED")


def test_a_policy_that_adds_nothing_is_told_of_and_of_two_alike_only_one(shop: Shop) -> None:
    bob = factories.make_identity(shop.account, "user", "bob")
    factories.attach(bob, factories.make_managed_policy(shop.account, "wide", allow("s3:*")))
    factories.make_inline_policy(bob, allow("s3:GetObject", "arn:aws:s3:::data/*"), "narrow")
    found = worked(shop, code="STUDIO_POLICY_WITHOUT_EFFECT")
    assert [(one.identity, one.evidence["name"]) for one in found] == [(bob, "narrow")]
    factories.attach(bob, factories.make_managed_policy(shop.account, "wide-too", allow("s3:*")))
    names = {one.evidence["name"] for one in worked(shop, code="STUDIO_POLICY_WITHOUT_EFFECT")}
    assert len(names) == 2
    assert "narrow" in names


def test_a_policy_that_denies_is_left_alone(shop: Shop) -> None:
    bob = factories.make_identity(shop.account, "user", "bob")
    factories.make_inline_policy(bob, allow("s3:*"))
    guard = {"Statement": [{"Effect": "Deny", "Action": "ec2:*", "Resource": "*"}]}
    factories.make_inline_policy(bob, guard, "guard")
    assert not worked(shop, code="STUDIO_POLICY_WITHOUT_EFFECT")


# Again.


def test_only_what_is_new_is_looked_at_again(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    worked(shop)
    before = {row.pk: row.first_seen_at for row in Finding.objects.all()}
    asked = []
    original = work.of_document
    monkeypatch.setattr(work, "of_document", lambda text, kind: asked.append(text) or original(text, kind))
    factories.make_managed_policy(shop.account, "new", allow("sagemaker:ListModell"))
    signatures = set(StackFindings.objects.values_list("signature", flat=True))
    services.findings_work_now(account=shop.account, now=NOW + timedelta(days=1))
    assert len(asked) == 1
    assert set(StackFindings.objects.values_list("signature", flat=True)) == signatures
    after = {row.pk: row.first_seen_at for row in Finding.objects.all()}
    assert before.items() <= after.items()
    assert len(after) > len(before)


def test_what_is_mended_is_gone(shop: Shop) -> None:
    assert worked(shop, code="STUDIO_PATH_PASS_ROLE")
    Identity.objects.get(pk=shop.ana.pk).inline_policies.all().delete()
    assert not worked(shop, code="STUDIO_PATH_PASS_ROLE")


def test_working_out_again_changes_nothing(shop: Shop) -> None:
    first = [row.pk for row in worked(shop)]
    assert [row.pk for row in worked(shop)] == first
