"""Whole operations of stored identities: each case is a small account, a question, and the answer."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from policystudio.accounts.models import Account
from policystudio.engine.decision import Layer, Verdict
from policystudio.engine.exact.cell import CellVerdict
from policystudio.simulator import scenario_words as words
from policystudio.simulator.question import ListQuery, QuestionError
from policystudio.simulator.scenario_question import scenario_from_query
from policystudio.simulator.scenario_steps import Step
from policystudio.simulator.scenarios import GroupIsNoPrincipal, Scenario, scenario
from policystudio.simulator.selectors import UnknownIdentity
from tests import factories as make
from tests.factories import as_text

pytestmark = pytest.mark.django_db

Json = dict[str, Any]
USER = "arn:aws:iam::111122223333:user/ana"
ROLE = "arn:aws:iam::111122223333:role/jobs/train"
JOB = "arn:aws:sagemaker:eu-west-1:111122223333:training-job/"
PASSED = {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}


def allow(action: Any, resource: Any = "*", **condition: Any) -> Json:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **_condition(condition)}


def deny(action: Any, resource: Any = "*", **condition: Any) -> Json:
    return {**allow(action, resource, **condition), "Effect": "Deny"}


def _condition(condition: Json) -> Json:
    return {"Condition": condition} if condition else {}


def document(*statements: Json) -> Json:
    return {"Version": "2012-10-17", "Statement": list(statements)}


CREATE = allow("sagemaker:CreateTrainingJob")
PASS = allow("iam:PassRole", ROLE, **PASSED)
TAG = allow("sagemaker:AddTags")


@dataclass(frozen=True)
class Case:
    """One account with ana and a role, one question, one answer."""

    name: str
    policy: list[Json]
    answer: str
    boundary: list[Json] = field(default_factory=list)
    scp: list[Json] = field(default_factory=list)
    trust: Json | None = None
    operation: str = "CreateTrainingJob"
    role: str = ROLE
    asked: tuple[tuple[str, str], ...] = (("without", "tags"), ("without", "volume-key"))
    says: str = ""


def ec2_trust() -> Json:
    return document({"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"})


CASES = [
    Case("all that is needed", [CREATE, PASS], "yes", says="user/ana can run CreateTrainingJob with role train."),
    Case("no PassRole", [CREATE], "no", says="iam:PassRole on role/train is allowed by no identity policy"),
    Case("no action", [PASS], "no", says="CreateTrainingJob on training-job is allowed by no identity policy"),
    Case(
        "PassRole for another service only",
        [CREATE, allow("iam:PassRole", ROLE, StringEquals={"iam:PassedToService": "ec2.amazonaws.com"})],
        "no",
        says="iam:PassRole",
    ),
    Case("PassRole on the role's path", [CREATE, allow("iam:PassRole", "arn:aws:iam::*:role/jobs/*")], "yes"),
    Case("PassRole on another path", [CREATE, allow("iam:PassRole", "arn:aws:iam::*:role/other/*")], "no"),
    Case(
        "PassRole for some resources",
        [CREATE, allow("iam:PassRole", ROLE, ArnLike={"iam:AssociatedResourceArn": f"{JOB}prod-*"})],
        "depends",
    ),
    Case(
        "PassRole for the resource that is named",
        [CREATE, allow("iam:PassRole", ROLE, ArnLike={"iam:AssociatedResourceArn": f"{JOB}prod-*"})],
        "yes",
        asked=(("without", "tags"), ("without", "volume-key"), ("resource", f"training-job={JOB}prod-1")),
    ),
    Case(
        "PassRole for a resource that is not the named one",
        [CREATE, allow("iam:PassRole", ROLE, ArnLike={"iam:AssociatedResourceArn": f"{JOB}prod-*"})],
        "no",
        asked=(("without", "tags"), ("without", "volume-key"), ("resource", f"training-job={JOB}dev-1")),
    ),
    Case(
        "the boundary denies PassRole",
        [CREATE, PASS],
        "no",
        boundary=[allow("*"), deny("iam:PassRole")],
        says="iam:PassRole on role/train is denied by permissions boundary `limit`",
    ),
    Case(
        "the boundary does not allow PassRole",
        [CREATE, PASS],
        "no",
        boundary=[allow("sagemaker:*")],
        says="iam:PassRole on role/train is not allowed by permissions boundary `limit`",
    ),
    Case(
        "an SCP denies the action",
        [CREATE, PASS],
        "no",
        scp=[deny("sagemaker:CreateTrainingJob")],
        says="sagemaker:CreateTrainingJob on training-job is denied by service control policy `guard`",
    ),
    Case(
        "an SCP denies it without tags, and there are none",
        [CREATE, PASS],
        "no",
        scp=[deny("sagemaker:Create*", Null={"aws:RequestTag/team": "true"})],
        says="is denied by service control policy `guard`",
    ),
    Case(
        "an SCP denies it without tags, and there are tags",
        [CREATE, PASS, TAG],
        "yes",
        scp=[deny("sagemaker:Create*", Null={"aws:RequestTag/team": "true"})],
        asked=(("tag", "team=ml"), ("without", "volume-key")),
    ),
    Case(
        "the role trusts another service",
        [CREATE, PASS],
        "no",
        trust=ec2_trust(),
        says="role train does not let sagemaker.amazonaws.com assume it, which is an error of the service, "
        "not AccessDenied",
    ),
    Case(
        "the role trusts some jobs",
        [CREATE, PASS],
        "depends",
        trust=document(
            {
                "Effect": "Allow",
                "Principal": {"Service": "sagemaker.amazonaws.com"},
                "Action": "sts:AssumeRole",
                "Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:sagemaker:*:*:training-job/prod-*"}},
            }
        ),
    ),
    Case(
        "the role trusts the jobs of the pattern",
        [CREATE, PASS],
        "yes",
        trust=document(
            {
                "Effect": "Allow",
                "Principal": {"Service": "sagemaker.amazonaws.com"},
                "Action": "sts:AssumeRole",
                "Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:sagemaker:*:*:training-job/prod-*"}},
            }
        ),
        asked=(("without", "tags"), ("without", "volume-key"), ("resource", f"training-job={JOB}prod-a*")),
    ),
    Case(
        "tags need AddTags",
        [CREATE, PASS],
        "no",
        asked=(("tag", "team=ml"), ("without", "volume-key")),
        says="sagemaker:AddTags on training-job",
    ),
    Case(
        "AddTags while this operation runs",
        [CREATE, PASS, allow("sagemaker:AddTags", StringEquals={"sagemaker:TaggingAction": "CreateTrainingJob"})],
        "yes",
        asked=(("tag", "team=ml"), ("without", "volume-key")),
    ),
    Case(
        "AddTags while another operation runs",
        [CREATE, PASS, allow("sagemaker:AddTags", StringEquals={"sagemaker:TaggingAction": "CreateSpace"})],
        "no",
        asked=(("tag", "team=ml"), ("without", "volume-key")),
    ),
    Case(
        "the wrong tag",
        [allow("sagemaker:CreateTrainingJob", StringEquals={"aws:RequestTag/team": "ml"}), PASS, TAG],
        "no",
        asked=(("tag", "team=vision"), ("without", "volume-key")),
    ),
    Case(
        "only the tags that are passed",
        [allow("sagemaker:*", **{"ForAllValues:StringEquals": {"aws:TagKeys": ["team", "stage"]}}), PASS],
        "yes",
        asked=(("tag", "team=ml"), ("tag", "stage=dev"), ("without", "volume-key")),
    ),
    Case(
        "what is made has the tags that are passed",
        [allow("sagemaker:*", StringEquals={"aws:ResourceTag/team": "ml"}), PASS, TAG],
        "yes",
        asked=(("tag", "team=ml"), ("without", "volume-key")),
    ),
    Case(
        "some jobs only",
        [allow("sagemaker:CreateTrainingJob", "arn:aws:sagemaker:*:*:training-job/dev-*"), PASS],
        "depends",
        says="(sagemaker:CreateTrainingJob is allowed on training-job/dev-*)",
    ),
    Case(
        "the job that is named",
        [allow("sagemaker:CreateTrainingJob", "arn:aws:sagemaker:*:*:training-job/dev-*"), PASS],
        "yes",
        asked=(("without", "tags"), ("without", "volume-key"), ("resource", f"training-job={JOB}dev-1")),
    ),
    Case(
        "jobs by a pattern",
        [allow("sagemaker:CreateTrainingJob", "arn:aws:sagemaker:*:*:training-job/dev-*"), PASS],
        "yes",
        asked=(("without", "tags"), ("without", "volume-key"), ("resource", f"training-job={JOB}dev-a*")),
    ),
    Case(
        "the Region of the resource is that of the request",
        [allow("sagemaker:*", StringEquals={"aws:RequestedRegion": "eu-west-1"}), allow("iam:PassRole")],
        "yes",
        asked=(("without", "tags"), ("without", "volume-key"), ("resource", f"training-job={JOB}x")),
    ),
    Case(
        "a network is demanded, and none is given",
        [allow("sagemaker:CreateTrainingJob", Null={"sagemaker:VpcSubnets": "false"}), PASS],
        "no",
        asked=(("without", "tags"), ("without", "volume-key"), ("without", "vpc")),
    ),
    Case(
        "a network is demanded, and one is known",
        [allow("sagemaker:CreateTrainingJob", Null={"sagemaker:VpcSubnets": "false"}), PASS],
        "yes",
        asked=(("without", "tags"), ("without", "volume-key"), ("context", "sagemaker:VpcSubnets=subnet-1")),
    ),
    Case(
        "several required types: both",
        [allow("sagemaker:CreateEndpoint")],
        "yes",
        operation="CreateEndpoint",
        role="",
    ),
    Case(
        "several required types: one is not enough",
        [allow("sagemaker:CreateEndpoint", "arn:aws:sagemaker:*:*:endpoint/*")],
        "no",
        operation="CreateEndpoint",
        role="",
        says="sagemaker:CreateEndpoint on endpoint-config is allowed by no identity policy",
    ),
    Case(
        "an optional type counts when it is named",
        [allow("sagemaker:CreateTrainingJob", "arn:aws:sagemaker:*:*:training-job/*"), PASS],
        "no",
        asked=(
            ("without", "tags"),
            ("without", "volume-key"),
            ("resource", "training-plan=arn:aws:sagemaker:eu-west-1:111122223333:training-plan/p"),
        ),
        says="on training-plan",
    ),
    Case("an action without a resource", [allow("sagemaker:List*")], "yes", operation="ListModels", role=""),
    Case(
        "one of several types, all allowed", [TAG], "yes", operation="AddTags", role="", asked=()
    ),
    Case(
        "one of several types, some allowed",
        [allow("sagemaker:AddTags", "arn:aws:sagemaker:*:*:model/*")],
        "depends",
        operation="AddTags",
        role="",
        asked=(),
    ),
    Case(
        "one of several types, the named one",
        [allow("sagemaker:AddTags", "arn:aws:sagemaker:*:*:model/*")],
        "yes",
        operation="AddTags",
        role="",
        asked=(("resource", "model=arn:aws:sagemaker:eu-west-1:111122223333:model/m"),),
    ),
    Case(
        "what another service's permission needs, with a VPC",
        [allow(["sagemaker:CreateNotebookInstance", "iam:PassRole", "ec2:Describe*"])],
        "no",
        operation="CreateNotebookInstance",
        asked=(("with", "vpc"), ("without", "volume-key"), ("without", "secret"), ("without", "tags")),
        says="ec2:CreateNetworkInterface on network-interface and subnet is allowed by no identity policy",
    ),
    Case(
        "the execution role's own permission on the key is enough",
        [CREATE, PASS],
        "yes",
        asked=(("without", "tags"), ("resource", "volume-key=arn:aws:kms:eu-west-1:111122223333:key/mine")),
    ),
    Case(
        "the execution role has no permission on that key",
        [CREATE, PASS],
        "no",
        asked=(("without", "tags"), ("resource", "volume-key=arn:aws:kms:eu-west-1:111122223333:key/other")),
        says="kms:CreateGrant on key",
    ),
    Case("a role of another account", [allow("*")], "no", role="arn:aws:iam::444455556666:role/x",
         says="iam:PassRole on role/x is not possible: it is a role of another account"),
    Case("no role is passed", [CREATE], "yes", role="",
         asked=(("without", "tags"), ("without", "volume-key"), ("without", "role"))),
    Case("any role that works", [CREATE, PASS], "yes", role="", says="with role train"),
    Case("no role that works", [CREATE], "no", role="", says="it may pass no role of the account"),
    Case("the roles that may be passed do not trust", [CREATE, PASS], "no", role="", trust=ec2_trust(),
         says="none of the roles that it may pass trusts sagemaker.amazonaws.com"),
]  # fmt: skip


def make_account(case: Case) -> Account:
    unit = None
    if case.scp:
        organization = make.make_organization()
        unit = organization.units.get()
    account = make.make_account("111122223333", "research", unit=unit)
    if unit is not None:
        make.make_organization_policy(organization, targets=(unit, account))
        make.make_organization_policy(organization, document(*case.scp), name="guard", targets=(unit,))
    boundary = make.make_managed_policy(account, "limit", document(*case.boundary)) if case.boundary else None
    ana = make.make_identity(account, "user", "ana", boundary=boundary)
    make.make_inline_policy(ana, document(*case.policy), "own")
    trust = make.make_document(case.trust or make.TRUST_SAGEMAKER, "trust")
    role = make.make_identity(account, "role", "train", path="/jobs/", trust_document=trust)
    grant = allow("kms:CreateGrant", "arn:aws:kms:*:*:key/mine")
    reads = allow(["s3:GetObject", "s3:ListBucket"], ["arn:aws:s3:::data", "arn:aws:s3:::data/*"])
    make.make_inline_policy(role, document(grant, reads), "job")
    return account


def ask(account: Account, operation: str, *pairs: tuple[str, str], identity: str = USER, role: str = "") -> Scenario:
    asked = [("operation", operation), ("identity", identity), *pairs, *([("role", role)] if role else [])]
    return scenario(account, scenario_from_query(ListQuery(asked)))


def answered(case: Case) -> Scenario:
    return ask(make_account(case), case.operation, *case.asked, role=case.role)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_answer(case: Case) -> None:
    found = answered(case)
    said = words.answer_of(found)
    assert words.ANSWERS[found.letter] == case.answer, (said, [(s.need.action, s.letter) for s in found.steps])
    assert case.says in said
    assert said.endswith(".")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_example_is_what_the_plain_decision_says(case: Case) -> None:
    for step in answered(case).steps:
        if step.why.allowed is not None:
            assert step.why.allowed.decision.verdict is Verdict.ALLOWED, step.need
        if step.why.denied is not None:
            assert step.why.denied.decision.verdict is not Verdict.ALLOWED, step.need


def step_of(found: Scenario, action: str, resource_type: str = "") -> Step:
    return next(
        step for step in found.steps if step.need.action == action and resource_type in ("", step.need.resource_type)
    )


def test_of_what_is_not_known_the_answer_says_what_it_would_change() -> None:
    account = make_account(Case("", [CREATE, PASS, TAG], ""))
    found = ask(account, "CreateProcessingJob", ("add", as_text(document(allow("sagemaker:*")))), role=ROLE)
    assert found.switches == {
        "tags": CellVerdict.ALLOWED,
        "vpc": CellVerdict.IMPLICIT_DENY,
        "volume-key": CellVerdict.CONDITIONAL,  # the role may use one key itself
    }
    assert words.answer_of(found) == (
        "user/ana can run CreateProcessingJob with role train, also when tags are passed, but not when a VPC is "
        "given, and depending on more when a KMS key of your own encrypts its storage."
    )


def test_what_the_role_may_do_itself_is_not_needed_of_the_caller() -> None:
    account = make_account(Case("", [CREATE, PASS], ""))
    key = ("resource", "volume-key=arn:aws:kms:eu-west-1:111122223333:key/mine")
    with_role = ask(account, "CreateTrainingJob", ("without", "tags"), key, role=ROLE)
    step = step_of(with_role, "kms:CreateGrant")
    assert (step.counts, step.note) == (False, "not needed: the execution role may do it itself")
    without = ask(account, "CreateTrainingJob", ("without", "tags"), key)
    assert step_of(without, "kms:CreateGrant").note == "unless the execution role may do it itself"
    assert without.letter is CellVerdict.CONDITIONAL
    assert "(only where the execution role has kms:CreateGrant itself)" in words.answer_of(without)
    for role in ("", ROLE):  # it may use one key, of which it is not known whether it is this one
        unknown = ask(account, "CreateTrainingJob", ("without", "tags"), role=role)
        assert unknown.switches == {"volume-key": CellVerdict.CONDITIONAL}


def test_the_layer_that_stands_in_the_way_is_named_even_where_others_do_too() -> None:
    account = make_account(Case("", [PASS], "", boundary=[allow("iam:*")], scp=[deny("sagemaker:*")]))
    found = ask(account, "CreateTrainingJob", role=ROLE)
    blames = step_of(found, "sagemaker:CreateTrainingJob").blames
    assert {(blame.layer, blame.denies) for blame in blames} == {
        (Layer.IDENTITY, False),
        (Layer.BOUNDARY, False),
        (Layer.SERVICE_CONTROL, True),
    }


def test_a_deny_of_some_requests_is_not_blamed_for_what_nobody_allows() -> None:
    elsewhere = deny("*", StringNotEquals={"aws:RequestedRegion": "eu-west-1"})
    account = make_account(Case("", [PASS], "", scp=[elsewhere]))
    said = words.answer_of(ask(account, "CreateTrainingJob", role=ROLE))
    assert "sagemaker:CreateTrainingJob on training-job is allowed by no identity policy" in said
    assert "guard" not in said.partition(";")[0]


def test_many_types_of_resource_are_counted() -> None:
    account = make_account(Case("", [PASS], ""))
    said = words.answer_of(ask(account, "DeleteTags"))
    assert (
        said == "user/ana cannot run DeleteTags: sagemaker:DeleteTags on 62 types of resource is allowed by no "
        "identity policy."
    )


def test_one_request_that_every_step_allows_is_found() -> None:
    team = {"StringEquals": {"aws:RequestTag/team": ["ml", "vision"]}}
    stage = {"StringEquals": {"aws:RequestTag/stage": "dev", "aws:RequestTag/team": "ml"}}
    account = make_account(
        Case("", [allow("sagemaker:CreateTrainingJob", **team), allow("sagemaker:AddTags", **stage), PASS], "")
    )
    found = ask(account, "CreateTrainingJob", ("with", "tags"), ("without", "volume-key"), role=ROLE)
    assert found.letter is CellVerdict.CONDITIONAL
    assert found.example is not None
    assert found.example.context == {"aws:RequestTag/team": ("ml",), "aws:RequestTag/stage": ("dev",)}


def test_steps_that_contradict_each_other_have_no_example() -> None:
    account = make_account(
        Case(
            "",
            [
                allow("sagemaker:CreateTrainingJob", StringEquals={"aws:RequestTag/team": "ml"}),
                allow("sagemaker:AddTags", StringEquals={"aws:RequestTag/team": "vision"}),
                PASS,
            ],
            "",
        )
    )
    found = ask(account, "CreateTrainingJob", ("with", "tags"), ("without", "volume-key"), role=ROLE)
    assert found.letter is CellVerdict.CONDITIONAL
    assert found.example is None


def test_what_the_role_itself_reaches_is_told_apart() -> None:
    account = make_account(Case("", [CREATE, PASS], ""))
    given = (("resource", "input=arn:aws:s3:::data/train.csv"), ("without", "vpc"), ("without", "algorithm"))
    found = ask(account, "CreateTrainingJob", *given, role=ROLE)
    letters = {(one.step.need.action, one.step.need.resource_type): one.step.letter for one in found.role_needs}
    assert letters["s3:GetObject", "input"] is CellVerdict.ALLOWED
    assert letters["s3:ListBucket", "input-bucket"] is CellVerdict.ALLOWED  # the bucket follows from the object
    assert letters["s3:PutObject", "output"] is CellVerdict.IMPLICIT_DENY
    assert letters["kms:CreateGrant", "volume-key"] is CellVerdict.SOME
    assert not any(one.purpose == "reach the VPC" for one in found.role_needs)
    assert "lacks s3:PutObject" in words.reach_of(found)
    assert words.ANSWERS[found.letter] == "yes"  # the call succeeds; the job fails later
    assert "bucket's policy" in found.role_needs[0].step.caution


def test_where_aws_documents_no_list_it_is_said() -> None:
    account = make_account(Case("", [allow("*")], ""))
    assert "AWS documents no list" in words.reach_of(ask(account, "CreatePipeline", role=ROLE))


def test_a_what_if_counts_for_the_caller_and_for_the_role() -> None:
    account = make_account(Case("", [CREATE, PASS], ""))
    without = ask(account, "CreateTrainingJob", ("exclude", "inline:ana/own"), role=ROLE)
    assert words.ANSWERS[without.letter] == "no"
    added = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}'
    everything = ask(account, "CreateEndpoint", ("add", added), ("without", "tags"))
    assert words.ANSWERS[everything.letter] == "yes"
    role = ask(account, "CreateTrainingJob", ("add", added), role=ROLE)
    assert all(one.step.letter is CellVerdict.ALLOWED for one in role.role_needs)


def test_roles_are_listed_with_those_that_work_first() -> None:
    account = make_account(Case("", [CREATE, allow("iam:PassRole", "arn:aws:iam::*:role/jobs/*")], ""))
    make.make_identity(account, "role", "a-other")
    make.make_identity(account, "role", "b-linked", service_linked=True)
    wrong = make.make_document(ec2_trust(), "trust")
    make.make_identity(account, "role", "c-wrong", path="/jobs/", trust_document=wrong)
    found = ask(account, "CreateTrainingJob")
    assert [(one.bearer.name, one.works.value, one.letter.value, one.trust.trusted.value) for one in found.roles] == [
        ("train", "A", "A", "yes"),
        ("a-other", "I", "I", "yes"),
        ("c-wrong", "I", "A", "no"),
    ]


def test_a_service_linked_role_that_exists_need_not_be_made() -> None:
    account = make_account(Case("", [allow(["sagemaker:*", "iam:PassRole"])], ""))
    given = (("without", "volume-key"), ("without", "rstudio"), ("without", "tags"))
    assert words.ANSWERS[ask(account, "CreateDomain", *given, role=ROLE).letter] == "no"
    make.make_identity(
        account,
        "role",
        "AWSServiceRoleForAmazonSageMakerNotebooks",
        path="/aws-service-role/sagemaker.amazonaws.com/",
        service_linked=True,
    )
    assert words.ANSWERS[ask(account, "CreateDomain", *given, role=ROLE).letter] == "yes"


def test_an_existing_resource_brings_its_tags() -> None:
    team = {"StringEquals": {"aws:ResourceTag/team": "ml"}}
    account = make_account(Case("", [allow("sagemaker:DeleteModel", **team)], ""))
    for name, answer in (("ml", "yes"), ("vision", "no")):
        model = make.make_resource(account, "model", name, tags={"team": name})
        found = ask(account, "DeleteModel", ("resource", f"model={model.arn}"))
        assert words.ANSWERS[found.letter] == answer


def test_who_will_own_what_is_made() -> None:
    account = make_account(Case("", [CREATE, PASS], ""))
    user = words.owner_of(ask(account, "CreateTrainingJob", role=ROLE))
    assert user.startswith("The training-job will belong to account 111122223333 (research)")
    assert "user/ana, who authenticates the call, is a user of that account" in user
    role = words.owner_of(ask(account, "CreateTrainingJob", identity=ROLE))
    assert "it is the role's account that counts, whoever assumed the role" in role
    root = words.owner_of(ask(account, "CreateTrainingJob", identity="arn:aws:iam::111122223333:root"))
    assert "its root user authenticates the call" in root
    assert words.owner_of(ask(account, "DeleteModel")) == ""


def test_the_root_user_may_do_all_that_trust_lets_it() -> None:
    account = make_account(Case("", [], "", trust=ec2_trust()))
    root = "arn:aws:iam::111122223333:root"
    assert words.ANSWERS[ask(account, "CreateEndpoint", identity=root).letter] == "yes"
    assert words.ANSWERS[ask(account, "CreateTrainingJob", identity=root, role=ROLE).letter] == "no"


def test_policies_that_cannot_be_read_leave_it_undecided() -> None:
    account = make_account(Case("", [], ""))
    ana = account.identities.get(name="ana")
    make.attach(ana, make.make_managed_policy(account, "broken", "{"))
    found = ask(account, "ListModels")
    assert found.letter is CellVerdict.UNDECIDED
    assert words.answer_of(found).startswith("It is undecided whether user/ana can run ListModels: ")
    assert "broken" in words.answer_of(found)


@pytest.mark.parametrize(
    ("pairs", "problem"),
    [
        (
            [("resource", "training-job=arn:aws:sagemaker:eu-west-1:999999999999:training-job/x")],
            "no SageMaker resource",
        ),
        ([("resource", "training-job=arn:aws:sagemaker:eu-west-1:111122223333:model/x")], "is no training-job"),
        ([("region", "us-east-1"), ("resource", f"training-job={JOB}x")], "one call goes to one Region"),
        ([("resource", "training-job=arn:aws:sagemaker::111122223333:training-job/x")], "names no Region"),
    ],
)
def test_resources_that_are_not_the_accounts_are_refused(pairs: list[tuple[str, str]], problem: str) -> None:
    account = make_account(Case("", [CREATE], ""))
    with pytest.raises(QuestionError, match=problem):
        ask(account, "CreateTrainingJob", *pairs)


def test_who_is_no_principal_is_refused() -> None:
    account = make_account(Case("", [CREATE], ""))
    group = make.make_identity(account, "group", "team")
    with pytest.raises(GroupIsNoPrincipal, match="ask about one of its members"):
        ask(account, "CreateTrainingJob", identity=group.arn)
    with pytest.raises(UnknownIdentity, match="user/nobody"):
        ask(account, "CreateTrainingJob", identity="arn:aws:iam::111122223333:user/nobody")
    with pytest.raises(UnknownIdentity, match="role/nothing"):
        ask(account, "CreateTrainingJob", role="arn:aws:iam::111122223333:role/nothing")
    with pytest.raises(QuestionError, match="is no role"):
        ask(account, "CreateTrainingJob", role=USER)
