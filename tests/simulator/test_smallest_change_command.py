"""`manage.py smallest_change`, and the offers behind it: identities as they are stored."""

import io
import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from policystudio.accounts.models import Account
from policystudio.changes.services import change_begin
from policystudio.history import services as history
from policystudio.identities.models import InlinePolicy
from policystudio.simulator.fixes import Offer, cell_offer, request_offer
from policystudio.simulator.question import ListQuery, Question, question_from_query
from policystudio.simulator.selectors import SimulateRequest, UnknownIdentity, matrix, simulate
from policystudio.simulator.why import UnknownCell
from tests import factories

NUMBER = "111122223333"
DANA = f"arn:aws:iam::{NUMBER}:user/dana"
RUNNER = f"arn:aws:iam::{NUMBER}:role/runner"
TEAM = f"arn:aws:iam::{NUMBER}:group/team"
MODELS = f"arn:aws:sagemaker:*:{NUMBER}:model/*"
MODEL = f"arn:aws:sagemaker:eu-west-1:{NUMBER}:model/churn"
CREATE = "sagemaker:CreateModel"


def statements(*found: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(found)}


def allow(action: Any, resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action: Any, resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Deny", "Action": action, "Resource": resource, **more}


@pytest.fixture
def account(db: None) -> Account:
    organization = factories.make_organization()
    root = organization.units.get()
    account = factories.make_account(NUMBER, "Research", unit=root)
    keep = statements(deny("sagemaker:DeleteModel", Sid="Keep"), allow("*"))
    factories.make_organization_policy(organization, name="keep", policy=keep, targets=(root, account))
    dana = factories.make_identity(account, "user", "dana")
    team = factories.make_identity(account, "group", "team")
    factories.join(dana, team)
    factories.attach(team, factories.make_managed_policy(account, "stop", statements(deny("sagemaker:DeleteApp"))))
    mfa = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    own = statements(allow(CREATE, MODELS.replace("/*", "/dev-*")), allow("sagemaker:*App", Condition=mfa))
    factories.make_inline_policy(dana, own, "own")
    limit = factories.make_managed_policy(account, "limit", statements(allow("sagemaker:List*")))
    runner = factories.make_identity(account, "role", "runner", boundary=limit)
    factories.attach(runner, factories.make_managed_policy(account, "all", statements(allow("sagemaker:*"))))
    return account


def asked(*pairs: tuple[str, str]) -> Question:
    return question_from_query(ListQuery(pairs))


def changes(offer: Offer) -> list[tuple[str, str, str]]:
    return [
        (step.edit.kind.value, step.edit.place.layer.value, step.edit.policy.name if step.edit.policy else "")
        for step in offer.steps
    ]


def test_an_own_policy_is_made_longer(account: Account) -> None:
    offer = cell_offer(account, Question(), DANA, CREATE, "model")
    assert changes(offer) == [("extend_statement", "identity_policies", "own")]
    assert offer.steps[0].edit.after_json == [allow(CREATE, MODELS)]
    assert (offer.fix.before, offer.fix.after) == ("some", "allowed")
    assert offer.proof is not None
    assert offer.proof.holds


def test_the_matrix_agrees_that_the_change_works(account: Account) -> None:
    offer = cell_offer(account, Question(), DANA, CREATE, "model")
    document = offer.steps[0].edit.document
    assert document is not None
    tried = asked(
        ("identity", DANA),
        ("type", "model"),
        ("action", CREATE),
        ("exclude", "inline:dana/own"),
        ("add", document.text),
    )
    assert matrix(account, tried).rows[0].verdicts == "A"


def test_what_comes_through_a_group_gives_way_to_one_member(account: Account) -> None:
    offer = cell_offer(account, Question(), DANA, "sagemaker:DeleteApp", "app")
    assert changes(offer)[-1] == ("narrow_statement", "identity_policies", "stop")
    last = offer.steps[-1].edit.after_json[-1]
    assert isinstance(last, dict)
    assert last["Condition"] == {"ArnNotEquals": {"aws:PrincipalArn": DANA}}
    attached = offer.steps[-1].attached
    assert attached is not None
    assert attached.through == TEAM


def test_the_boundary_and_the_organization_stand_in_the_way(account: Account) -> None:
    offer = cell_offer(account, Question(), RUNNER, "sagemaker:DeleteModel", "model")
    assert changes(offer) == [
        ("add_statement", "permissions_boundary", "limit"),
        ("narrow_statement", "service_control_policies", "keep"),
    ]
    assert offer.fix.stages == ("explicitDeny", "allowed")
    assert [step.lines for step in offer.steps] == [None, (4, 9)]
    assert offer.steps[1].level


def test_a_region_and_a_context_narrow_the_change(account: Account) -> None:
    question = asked(("region", "eu-west-1"), ("context", "aws:MultiFactorAuthPresent=true"))
    offer = cell_offer(account, question, DANA, "sagemaker:CreateEndpoint", "endpoint")
    assert offer.steps[0].edit.after_json == [
        allow(
            "sagemaker:CreateEndpoint",
            f"arn:aws:sagemaker:eu-west-1:{NUMBER}:endpoint/*",
            Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}},
        )
    ]
    listed = cell_offer(account, asked(("region", "eu-west-1")), DANA, "sagemaker:ListModels", "*")
    assert listed.steps[0].edit.after_json == [
        allow("sagemaker:ListModels", Condition={"StringEquals": {"aws:RequestedRegion": "eu-west-1"}})
    ]


def test_a_request_that_is_allowed_with_other_keys_is_an_alternative(account: Account) -> None:
    app = f"arn:aws:sagemaker:eu-west-1:{NUMBER}:app/d/u/t/a"
    question = asked(("context", "aws:MultiFactorAuthPresent=false"))
    for offer in (
        request_offer(account, question, DANA, "sagemaker:CreateApp", app),
        cell_offer(account, question, DANA, "sagemaker:CreateApp", "app"),
    ):
        assert offer.sending is not None
        assert offer.sending.context == {"aws:MultiFactorAuthPresent": ("true",)}
        [decision] = simulate(
            account, [SimulateRequest(DANA, "sagemaker:CreateApp", offer.sending.resource, offer.sending.context)]
        )
        assert getattr(decision, "verdict", None) == "allowed"


def test_a_group_and_the_root_user_have_changes_of_their_own(account: Account) -> None:
    group = cell_offer(account, Question(), TEAM, CREATE, "model")
    assert changes(group) == [("add_policy", "identity_policies", "")]
    root = cell_offer(account, Question(), f"arn:aws:iam::{NUMBER}:root", "sagemaker:DeleteModel", "model")
    assert changes(root) == [("narrow_statement", "service_control_policies", "keep")]
    assert root.fix.works


def test_a_service_linked_role_stays_as_it_is(account: Account) -> None:
    path = "/aws-service-role/sagemaker.amazonaws.com/"
    role = factories.make_identity(account, "role", "AWSServiceRoleForX", path=path, service_linked=True)
    offer = cell_offer(account, Question(), role.arn, CREATE, "model")
    assert not offer.steps
    assert "service-linked" in offer.impossible


def test_a_role_is_assumed_if_it_trusts(account: Account) -> None:
    trust = {"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}
    role = factories.make_identity(
        account, "role", "trusting", trust_document=factories.make_document(statements(trust), "trust")
    )
    offer = request_offer(account, Question(), DANA, "sts:AssumeRole", role.arn)
    assert offer.fix.works
    assert changes(offer) == [("add_statement", "resource_policy", "trust policy")]
    assert offer.steps[0].edit.after_json == [{**trust, "Principal": {"AWS": DANA}}]


def test_what_aws_manages_is_replaced_by_a_copy(account: Account) -> None:
    managed = factories.make_managed_policy(account, "AWSDenyAll", statements(deny("*")), aws=True)
    other = factories.make_identity(account, "user", "other")
    factories.attach(other, managed)
    lines = run(NUMBER, "--identity", other.arn, "--action", CREATE, "--resource", MODEL)
    assert "AWS manages it, so that it cannot be edited: attach a copy instead" in lines


def test_whoever_is_not_there_has_no_changes(account: Account) -> None:
    with pytest.raises(UnknownIdentity):
        cell_offer(account, Question(), f"{DANA}x", CREATE, "model")
    with pytest.raises(UnknownCell):
        cell_offer(account, Question(), DANA, CREATE, "endpoint")


def run(*arguments: str) -> str:
    out = io.StringIO()
    call_command("smallest_change", *arguments, stdout=out)
    return out.getvalue()


def test_the_text_says_what_to_do_and_what_comes_of_it(account: Account) -> None:
    text = run("research", "--identity", RUNNER, "--action", "sagemaker:DeleteModel", "--type", "model")
    assert text.splitlines()[0] == f"{RUNNER}: sagemaker:DeleteModel on model: implicit deny"
    assert "1. Nothing in the permissions boundary limit allows it: add this statement to it." in text
    assert "2. Statement “Keep”, line 4, of the service control policy keep at" in text
    assert "   Then: explicit deny.\n" in text
    assert "Evaluated again with all of these: implicit deny → allowed. Nothing else changes" in text


def test_the_json_has_the_statements(account: Account) -> None:
    answer = json.loads(run(NUMBER, "--identity", DANA, "--action", CREATE, "--resource", MODEL, "--format", "json"))
    assert (answer["before"], answer["after"], answer["resource"]) == ("implicitDeny", "allowed", MODEL)
    [change] = answer["changes"]
    assert change["kind"] == "extend_statement"
    assert change["before"] == allow(CREATE, MODELS.replace("/*", "/dev-*"))
    assert change["after"] == [allow(CREATE, [MODELS.replace("/*", "/dev-*"), MODEL])]
    assert (
        json.loads(change["document"])["Statement"][1]
        == statements(allow("sagemaker:*App", Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}}))["Statement"][
            0
        ]
    )
    assert answer["proof"] == {"nothing_else": True, "newly_allowed": None, "newly_denied": None, "undecided": ""}


def test_it_is_asked_of_a_change_and_of_a_day(account: Account) -> None:
    before = timezone.now() - timedelta(days=3)
    history.record(account=account, at=before)
    history.record_organization(organization=account.unit.organization, at=before)  # type: ignore[union-attr] # it has one
    longer = json.dumps(statements(allow(CREATE, MODELS)))
    edit = {"kind": "inline-policy", "target": DANA, "name": "own", "text": longer}
    change = change_begin(account=account, by=None, title="More", **edit).change
    asking = (NUMBER, "--identity", DANA, "--action", CREATE, "--type", "model")
    said = run(*asking, "--change", str(change.number)).splitlines()
    assert said[:2] == [f"As if change {change.number} were published.", f"{DANA}: {CREATE} on model: allowed"]
    InlinePolicy.objects.filter(identity__arn=DANA).delete()
    history.record(account=account, at=timezone.now())
    yesterday = (timezone.now() - timedelta(days=1)).date().isoformat()
    then, now = (json.loads(run(*asking, *more, "--format", "json")) for more in (("--at", yesterday), ()))
    assert [one["changes"][0]["kind"] for one in (then, now)] == ["extend_statement", "add_policy"]
    for refused, named in (
        (("--at", "2001-02-03"), "--at: .*its history begins at"),
        (("--change", "77"), "--change: .*has no change 77"),
        (("--at", yesterday, "--change", "1"), "--at: ask of a moment or of a change, not of both"),
    ):
        with pytest.raises(CommandError, match=named):
            run(*asking, *refused)


def test_what_no_policy_can_allow_ends_with_a_status(account: Account) -> None:
    out = io.StringIO()
    with pytest.raises(SystemExit):
        call_command(
            "smallest_change",
            NUMBER,
            "--identity",
            f"arn:aws:iam::{NUMBER}:root",
            "--action",
            "sts:AssumeRole",
            "--resource",
            RUNNER,
            stdout=out,
        )
    assert "No change of policies allows it: a root user cannot assume roles" in out.getvalue()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--identity", f"{DANA}x", "--action", CREATE, "--type", "model"), "no user, group, role or root user"),
        (("--identity", DANA, "--action", CREATE, "--type", "endpoint"), "does not act on `endpoint`"),
        (("--identity", DANA, "--action", "sagemaker:*", "--resource", MODEL), "--action: `sagemaker:*` is not one"),
        (("--identity", DANA, "--action", CREATE, "--resource", "model/x"), "--resource: "),
        (("--identity", DANA, "--action", CREATE, "--type", "model", "--region", "!"), "--region: "),
    ],
)
def test_what_is_not_understood_is_told(account: Account, arguments: tuple[str, ...], message: str) -> None:
    with pytest.raises(CommandError, match=message.replace("*", r"\*")):
        run(NUMBER, *arguments)


def test_policies_that_cannot_be_read_leave_nothing_to_say(account: Account) -> None:
    factories.make_identity(account, "user", "gap", gaps=["an inline policy is missing"])
    with pytest.raises(CommandError, match="cannot decide"):
        run(NUMBER, "--identity", f"arn:aws:iam::{NUMBER}:user/gap", "--action", CREATE, "--type", "model")
