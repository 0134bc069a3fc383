"""`manage.py who_can`: what it prints, and its exit status."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from policystudio.accounts.models import Account
from policystudio.simulator.who_can import forget_answers
from tests import factories as make
from tests.simulator.test_who_can import ASSUME, DELETE, ENDPOINT, ONE, arn, role, root, user
from tests.support.stored import allow, deny, document, trust

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def account() -> None:
    forget_answers()
    found = make.make_account(ONE, "research")
    user(found, "ana", ASSUME)
    user(found, "bo", allow("sagemaker:*"), deny("sagemaker:Delete*"))
    role(found, "operator", [trust(root(ONE))], DELETE)
    unknown = user(found, "cy")
    make.make_inline_policy(unknown, "{", "broken")


def run(*arguments: str, action: str = "sagemaker:DeleteEndpoint", resource: str = ENDPOINT) -> tuple[str, int]:
    out = io.StringIO()
    try:
        call_command("who_can", "research", "--action", action, "--resource", resource, *arguments, stdout=out)
    except SystemExit as end:
        return out.getvalue(), int(end.code or 0)
    return out.getvalue(), 0


def test_somebody_can_is_status_0() -> None:
    said, status = run()
    assert status == 0
    first, *rest = said.splitlines()
    assert first == "user/ana (by assuming a role), role/operator and the root user can; 1 is undecided."
    assert "    ✓ assumes role/operator" in rest
    assert "… user/cy  undecided" in rest
    assert rest[-3] == "1 other cannot"
    assert rest[-1].startswith("note: Policies of resources of type endpoint are not stored")


@pytest.mark.parametrize(
    ("arguments", "status", "names"),
    [
        (["--verdict", "EI"], 1, ["bo"]),
        (["--verdict", "U"], 3, ["cy"]),
        (["--verdict", "UE"], 3, ["bo", "cy"]),
        (["--verdict", "S"], 1, []),
        (["--direct"], 0, ["cy", "operator", "root"]),
        (["--hops", "0", "--verdict", "I"], 1, ["ana"]),
        (["--verdict", "A", "--verdict", "U"], 0, ["ana", "cy", "operator", "root"]),
    ],
)
def test_filters_and_their_status(arguments: list[str], status: int, names: list[str]) -> None:
    said, found = run("--format", "json", *arguments)
    assert [row["name"] for row in json.loads(said)["rows"]] == names
    assert found == status


def test_json_is_the_answer_with_its_rows() -> None:
    said, _ = run("--format", "json", "--context", "aws:SourceIp=203.0.113.9")
    found = json.loads(said)
    assert (found["action"], found["account"], found["verdicts"]["allowed"]) == ("sagemaker:DeleteEndpoint", ONE, 3)
    ana = found["rows"][0]
    assert (ana["verdict"], ana["direct"]["verdict"], ana["hops"]) == ("allowed", "implicitDeny", 1)
    assert ana["by_roles"]["chains"][0]["steps"][0]["role"] == arn(ONE, "role", "operator")


def test_control_characters_are_printed_as_escapes() -> None:
    """A service control policy's name may hold anything."""
    organization = make.make_organization()
    account = Account.objects.get(number=ONE)
    account.unit = organization.units.get()
    account.save()
    make.make_organization_policy(organization, targets=(account.unit, account))
    make.make_organization_policy(organization, document(deny("sagemaker:*")), name="a\x1b[31mb", targets=(account,))
    said, status = run("--verdict", "E")
    assert status == 1
    assert "\x1b" not in said
    assert "is denied by service control policy `a\\x1b[31mb`" in said


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"action": "sagemaker:DeleteEndpiont"}, "--action: `sagemaker` has no action `DeleteEndpiont`: did you mean"),
        ({"resource": "endpoint/x"}, "--resource: `endpoint/x` is not an ARN"),
        ({"action": "sts:AssumeRole"}, "--resource: name one role"),
    ],
)
def test_what_cannot_be_asked_is_status_2(arguments: dict[str, str], message: str) -> None:
    with pytest.raises(CommandError) as caught:
        run(**arguments)
    assert message in str(caught.value)
    assert caught.value.returncode == 2


def test_other_options_and_accounts_that_are_not_understood() -> None:
    for arguments, message in (
        (["--hops", "9"], "--hops: `9` is not a number from 0 to 5"),
        (["--verdict", "X"], "--verdict: `X` is not one of the letters"),
        (["--context", "x"], "--context: `x` is not key=value"),
    ):
        with pytest.raises(CommandError, match=message.replace("`", ".")) as caught:
            run(*arguments)
        assert caught.value.returncode == 2
    with pytest.raises(CommandError, match="no account `elsewhere`") as caught:
        call_command("who_can", "elsewhere", "--action", "sagemaker:ListModels")
    assert caught.value.returncode == 2
