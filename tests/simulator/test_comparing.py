"""The two sides of a comparison: documents, objects of `evaluate`, and what keeps them from being compared."""

import json
from typing import Any

import pytest

from policystudio.engine.analyse.compare import compare
from policystudio.engine.analyse.comparison import Effective
from policystudio.simulator.comparing import Pair, read_pair, read_texts
from policystudio.simulator.evaluation_input import EvaluationInputError, PolicyCache

DANA = "arn:aws:iam::111122223333:user/dana"
ALLOW = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sagemaker:*", "Resource": "*"}]}
LESS = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sagemaker:List*", "Resource": "*"}]}


def pair(before: Any, after: Any, **more: Any) -> Pair:
    return read_pair(json.dumps({"before": before, "after": after, **more}), PolicyCache())


def problems(text: Any) -> dict[str, str]:
    """What is wrong with a pair, by place."""
    with pytest.raises(EvaluationInputError) as caught:
        read_pair(text if isinstance(text, str | bytes) else json.dumps(text), PolicyCache())
    return {problem.path: problem.message for problem in caught.value.problems}


def texts(side: Effective) -> list[Any]:
    return [json.loads(named.policy.text) for named in side.stack.identity_policies]


def test_two_documents_are_anybodys() -> None:
    found = pair(ALLOW, json.dumps(LESS), id="a")
    assert (texts(found.before), texts(found.after), found.id) == ([ALLOW], [LESS], "a")
    for side in (found.before, found.after):
        assert side.principal is None
        assert not side.facts.known


def test_a_document_without_version_or_with_nothing_but_it_is_a_document() -> None:
    assert texts(pair({"Statement": ALLOW["Statement"]}, ALLOW).before) == [{"Statement": ALLOW["Statement"]}]
    assert any(path.startswith("before") for path in problems({"before": {"Version": "2012-10-17"}, "after": ALLOW}))


def test_a_named_document_keeps_its_name() -> None:
    found = pair({"name": "training", "document": ALLOW}, {"name": "training", "document": json.dumps(LESS)})
    assert [side.stack.identity_policies[0].name for side in (found.before, found.after)] == ["training"] * 2


def test_objects_of_evaluate_bring_principal_context_and_every_layer() -> None:
    before = {"principal": DANA, "identity_policies": [ALLOW], "permissions_boundary": LESS}
    found = pair(before, {**before, "service_control_policies": [[ALLOW], [LESS]], "context": {"aws:Via": "x"}})
    assert found.before.principal == found.after.principal
    assert found.before.principal is not None
    assert found.before.principal.arn == DANA
    assert found.before.stack.permissions_boundary is not None
    assert [len(level) for level in found.after.stack.service_control_policies or ()] == [1, 1]
    # What one side says of the requests holds for both: they are the same requests.
    assert found.before.facts == found.after.facts
    assert found.before.facts.value_of("aws:via") == ("x",)
    assert found.before.facts.value_of("aws:username") == ("dana",)


def test_requests_play_no_part() -> None:
    before = {"principal": DANA, "identity_policies": [ALLOW], "action": "sagemaker:ListModels", "resource": "*"}
    after = {"principal": DANA, "identity_policies": [ALLOW], "requests": [{"action": "no action at all"}]}
    assert texts(pair(before, after).after) == [ALLOW]


def test_without_a_principal_every_key_is_free_but_those_given() -> None:
    found = pair({"identity_policies": [ALLOW], "context": {"aws:SourceIp": []}}, {"identity_policies": [LESS]})
    assert found.after.principal is None
    assert dict(found.after.facts.known) == {"aws:sourceip": ()}


@pytest.mark.parametrize(
    ("principal", "key", "has_it"),
    [
        ("arn:aws:iam::111122223333:role/exec", "aws:username", False),
        ("arn:aws:sts::111122223333:assumed-role/exec/dana", "AWS:UserName", False),
        (DANA, "aws:username", True),
        (DANA, "aws:PrincipalServiceName", False),
        (DANA, "lambda:SourceFunctionArn", False),
        ("arn:aws:iam::111122223333:role/exec", "lambda:SourceFunctionArn", True),
        ("arn:aws:iam::111122223333:role/exec", "aws:SourceIdentity", True),
    ],
)
def test_a_key_that_the_principal_never_has_opens_nothing(principal: str, key: str, has_it: bool) -> None:
    with_it = json.loads(json.dumps(ALLOW))
    with_it["Statement"][0]["Condition"] = {"Null": {key: "false"}}
    found = pair({"principal": principal, "identity_policies": []}, with_it)
    assert compare(found.before, found.after).no_new_access is not has_it
    found = pair(
        {"principal": principal, "identity_policies": []}, {"identity_policies": [with_it], "context": {key: "x"}}
    )
    assert compare(found.before, found.after).no_new_access is False


def test_the_root_user_has_no_name() -> None:
    deny = {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"StringLike": {"aws:username": "*"}}}
    guarded = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}, deny]}
    found = pair({"principal": "111122223333"}, {"service_control_policies": [[guarded]]})
    assert compare(found.before, found.after).no_lost_access


def test_a_document_beside_an_object_is_its_principals_only_identity_policy() -> None:
    found = pair(ALLOW, {"principal": DANA, "identity_policies": [LESS, LESS], "permissions_boundary": LESS})
    assert found.before.principal == found.after.principal
    assert texts(found.before) == [ALLOW]
    assert found.before.stack.permissions_boundary is None


def test_organization_policies_do_not_reach_the_management_account() -> None:
    after = {"principal": DANA, "management_account": True, "service_control_policies": [[LESS]]}
    assert pair(ALLOW, after).after.stack.service_control_policies is None


def test_two_principals_cannot_be_compared() -> None:
    other = "arn:aws:iam::111122223333:role/train"
    found = problems({"before": {"principal": DANA}, "after": {"principal": other}})
    assert found == {
        "after.principal": f"`{other}` is not that of `before`, `{DANA}`: compare the policies of one principal"
    }
    found = problems({"before": {"principal": DANA}, "after": {"principal": DANA, "management_account": True}})
    assert "says otherwise of it than `before`" in found["after.principal"]


def test_two_contexts_cannot_be_compared() -> None:
    one, other = ({"identity_policies": [], "context": {key: "eu"}} for key in ("aws:Via", "AWS:via"))
    assert pair(one, other)
    other["context"]["AWS:via"] = "us"
    assert "same requests" in problems({"before": one, "after": other})['after.context["AWS:via"]']


def test_the_owner_of_the_resources_is_known_of_every_request() -> None:
    found = pair(ALLOW, {"principal": DANA, "resource_account": "444455556666"})
    assert found.before.facts == found.after.facts
    assert found.after.facts.value_of("aws:resourceaccount") == ("444455556666",)
    before = {"identity_policies": [], "resource_account": "111122223333"}
    found = problems({"before": before, "after": {**before, "resource_account": "444455556666"}})
    assert "same requests" in found["after.resource_account"]


def test_a_resource_policy_without_resources_is_a_trust_policy() -> None:
    trust = {"Statement": [{"Effect": "Allow", "Principal": {"AWS": DANA}, "Action": "sts:AssumeRole"}]}
    for written in (trust, json.dumps(trust), {"name": "trust", "document": trust}):
        found = pair(ALLOW, {"principal": DANA, "resource_policy": written})
        assert found.after.stack.resource_policy is not None
        assert found.after.stack.resource_policy.policy.kind == "trust"
    bucket = {"Statement": [{**trust["Statement"][0], "Action": "s3:GetObject", "Resource": "*"}]}
    found = pair(ALLOW, {"principal": "anonymous", "resource_policy": bucket})
    assert found.after.stack.resource_policy is not None
    assert found.after.stack.resource_policy.policy.kind == "resource"


def test_every_problem_is_told_with_its_side() -> None:
    broken = {"Statement": [{"Effect": "allow", "Action": "s3:*", "Resource": "*"}]}
    found = problems({"before": broken, "after": {"identity_policies": [broken], "principle": DANA}, "more": 1})
    assert set(found) == {
        "before.Statement[0].Effect",
        "after.identity_policies[0].Statement[0].Effect",
        "after.principle",
        "more",
    }
    assert "did you mean `principal`" in found["after.principle"]


@pytest.mark.parametrize("side", [None, {}])
def test_a_side_that_is_not_there_is_not_taken_for_no_access(side: Any) -> None:
    assert "write a policy document" in problems({"before": side, "after": ALLOW})["before"]
    assert "write a policy document" in problems({"before": ALLOW})["after"]


@pytest.mark.parametrize("text", [b"", b"[]", b"null", b"{", b'"x"', b"\xff"])
def test_what_is_no_object_is_refused(text: bytes) -> None:
    assert problems(text)


def test_a_key_that_stands_twice_is_refused_with_its_side() -> None:
    document = json.dumps(ALLOW).replace('"Effect": "Allow"', '"Effect": "Deny", "Effect": "Allow"')
    assert list(problems(f'{{"before": {document}, "after": {json.dumps(ALLOW)}}}')) == ["before.Statement[0].Effect"]


def test_texts_are_told_apart_and_keep_their_lines() -> None:
    broken = '{"Version": "2012-10-17",\n "Statement": [\n  {"Effect": "allow", "Action": "*", "Resource": "*"}]}'
    with pytest.raises(EvaluationInputError) as caught:
        read_texts(broken, b'{"Version": \n', PolicyCache())
    first, second = caught.value.problems
    assert first.path == "before.Statement[0].Effect"
    assert first.message.startswith("line 3, column 14: ")
    assert second.path == "after"
    assert (second.line, second.column) == (2, 1)
