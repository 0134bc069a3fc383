"""The inputs of an evaluation: what they become, and what is said about wrong ones."""

import json
from typing import Any

import pytest

from policystudio.engine.document import PolicyKind
from policystudio.engine.request import Principal, PrincipalType
from policystudio.simulator.evaluation_input import (
    EvaluationInput,
    EvaluationInputError,
    PolicyCache,
    decode_evaluation,
    read_evaluation,
)

USER = "arn:aws:iam::111122223333:user/dana"
MODEL = "arn:aws:sagemaker:us-east-1:111122223333:model/churn"
ROLE = "arn:aws:iam::111122223333:role/Execution"
ALLOW = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sagemaker:*", "Resource": "*"}]}
GRANT = {
    "Version": "2012-10-17",
    "Statement": {"Effect": "Allow", "Principal": "*", "Action": "sagemaker:*", "Resource": "*"},
}
TRUST = {
    "Version": "2012-10-17",
    "Statement": {"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "sts:AssumeRole"},
}
ASK: dict[str, Any] = {"principal": USER, "action": "sagemaker:CreateModel", "resource": MODEL}


def decode(**inputs: object) -> EvaluationInput:
    return read_evaluation(json.dumps({**ASK, **inputs}))


def problems_of(inputs: object) -> dict[str, str]:
    """Every problem: place -> message."""
    text = inputs if isinstance(inputs, str) else json.dumps(inputs)
    with pytest.raises(EvaluationInputError) as caught:
        read_evaluation(text)
    problems = caught.value.problems
    assert str(caught.value).count("\n") == len(problems) - 1
    assert len({problem.path for problem in problems}) == len(problems)
    return {problem.path: problem.message for problem in problems}


def problem_with(**inputs: object) -> tuple[str, str]:
    """The only problem of an otherwise good input: place and message."""
    ((path, message),) = problems_of({**ASK, **inputs}).items()
    return path, message


class TestWhoAsks:
    def test_one_request_at_the_top(self) -> None:
        (asked,) = decode(id="q1").requests
        assert asked.id == "q1"
        assert asked.request.principal == Principal.parse(USER)
        assert (asked.request.action, asked.request.resource) == ("sagemaker:CreateModel", MODEL)
        assert not asked.request.resource_account
        assert not asked.request.context

    def test_without_id_there_is_none(self) -> None:
        assert decode().requests[0].id is None

    def test_a_number_is_an_id_and_stays_one(self) -> None:
        assert decode(id=17).requests[0].id == 17

    def test_without_resource_it_is_the_star(self) -> None:
        inputs = {"principal": USER, "action": "sagemaker:ListModels"}
        assert read_evaluation(json.dumps(inputs)).requests[0].request.resource == "*"

    @pytest.mark.parametrize(
        ("text", "kind"),
        [
            ("arn:aws:iam::111122223333:root", PrincipalType.ROOT_USER),
            ("111122223333", PrincipalType.ROOT_USER),
            ("arn:aws:sts::111122223333:assumed-role/Execution/job", PrincipalType.ROLE_SESSION),
            ("arn:aws:sts::111122223333:federated-user/dana", PrincipalType.FEDERATED_USER_SESSION),
            ("sagemaker.amazonaws.com", PrincipalType.SERVICE),
            ("accounts.google.com", PrincipalType.FEDERATED),
            ("anonymous", PrincipalType.ANONYMOUS),
        ],
    )
    def test_every_kind_of_principal(self, text: str, kind: PrincipalType) -> None:
        assert decode(principal=text).requests[0].request.principal.type is kind

    def test_a_service_linked_role_is_known_by_its_path(self) -> None:
        role = "arn:aws:iam::111122223333:role/aws-service-role/sagemaker.amazonaws.com/AWSServiceRoleForX"
        assert decode(principal=role).requests[0].request.principal.service_linked

    def test_facts_about_the_organization(self) -> None:
        request = decode(management_account=True, resource_in_management_account=True).requests[0].request
        assert request.principal.in_management_account
        assert request.resource_in_management_account

    def test_the_user_behind_a_federated_session(self) -> None:
        session = "arn:aws:sts::111122223333:federated-user/dana"
        assert decode(principal=session, federated_user_of=USER).requests[0].request.principal.user_arn == USER

    def test_several_requests_share_what_they_do_not_say_themselves(self) -> None:
        requests = [
            {"id": "own", "action": "sagemaker:ListModels", "context": {"AWS:sourceip": "10.0.0.1", "a:b": None}},
            {"action": "sagemaker:CreateModel", "resource": MODEL, "principal": ROLE, "management_account": False},
            {"id": "owner", "action": "s3:GetObject", "resource": "arn:aws:s3:::b/x", "resource_account": "4" * 12},
        ]
        shared = {"id": "line", "principal": USER, "management_account": True, "resource_account": "1" * 12}
        shared["context"] = {"aws:SourceIp": "192.0.2.1", "aws:username": "x"}
        own, role, owner = read_evaluation(json.dumps({**shared, "requests": requests})).requests
        assert [own.id, role.id, owner.id] == ["own", "line", "owner"]
        assert dict(own.request.context) == {"aws:sourceip": ("10.0.0.1",), "aws:username": ("x",), "a:b": ()}
        assert own.request.principal.in_management_account
        assert role.request.principal == Principal.parse(ROLE)
        assert role.request.context.values_of("aws:sourceip") == ("192.0.2.1",)
        assert role.request.resource_account == "1" * 12
        assert owner.request.resource_account == "4" * 12

    def test_each_request_may_name_the_principal(self) -> None:
        requests = [{"principal": USER, "action": "sagemaker:ListModels"}]
        (asked,) = read_evaluation(json.dumps({"requests": requests, "management_account": True})).requests
        assert asked.request.principal.in_management_account


class TestContext:
    def test_values_are_texts_in_any_json_form(self) -> None:
        context = {
            "a:text": "x",
            "a:list": ["x", "y"],
            "a:yes": True,
            "a:number": 3600,
            "a:decimal": 2.50,
            "a:big": 1e3,
        }
        read = decode(context=context).requests[0].request.context
        assert dict(read) == {
            "a:text": ("x",),
            "a:list": ("x", "y"),
            "a:yes": ("true",),
            "a:number": ("3600",),
            "a:decimal": ("2.5",),
            "a:big": ("1000.0",),
        }

    def test_null_and_the_empty_list_are_absent_but_named(self) -> None:
        read = decode(context={"aws:username": None, "aws:TagKeys": []}).requests[0].request.context
        assert dict(read) == {"aws:username": (), "aws:tagkeys": ()}

    def test_a_key_twice_in_another_letter_case(self) -> None:
        assert problem_with(context={"aws:SourceIp": "1", "AWS:sourceip": "2"}) == (
            'context["AWS:sourceip"]',
            "is the same condition key as `aws:SourceIp`: letter case does not matter",
        )

    @pytest.mark.parametrize(
        ("context", "place", "message"),
        [
            (["aws:SourceIp"], "context", "must be an object of condition keys, not a list"),
            ({"a:b": {"c": 1}}, 'context["a:b"]', "must be a text or a list of texts, not an object"),
            ({"a:b": ["x", None]}, 'context["a:b"][1]', "must be a text or a list of texts, not null"),
            ({"a:b": [["x"]]}, 'context["a:b"][0]', "must be a text or a list of texts, not a list"),
            ({"": "x"}, 'context[""]', "a condition key has no name"),
        ],
    )
    def test_what_is_no_context(self, context: object, place: str, message: str) -> None:
        assert problem_with(context=context) == (place, message)


class TestPolicies:
    def test_every_layer_gets_its_kind_and_its_name(self) -> None:
        stack = decode(
            identity_policies=[ALLOW, {"name": "team", "document": ALLOW}],
            permissions_boundary=ALLOW,
            session_policies=[ALLOW],
            service_control_policies=[[ALLOW], [ALLOW, {"name": "guard", "document": ALLOW}]],
            resource_control_policies=[[GRANT]],
            resource_policy=GRANT,
            vpc_endpoint_policy=GRANT,
        ).stack
        assert [policy.name for policy in stack.identity_policies] == ["identity_policies[0]", "team"]
        assert stack.permissions_boundary is not None
        assert stack.permissions_boundary.name == "permissions_boundary"
        assert stack.session_policies is not None
        assert stack.service_control_policies is not None
        names = [[policy.name for policy in level] for level in stack.service_control_policies]
        assert names == [["service_control_policies[0][0]"], ["service_control_policies[1][0]", "guard"]]
        assert stack.service_control_policies[0][0].policy.kind is PolicyKind.SERVICE_CONTROL
        assert stack.resource_control_policies is not None
        assert stack.resource_control_policies[0][0].policy.kind is PolicyKind.RESOURCE_CONTROL
        assert stack.resource_policy is not None
        assert stack.resource_policy.policy.kind is PolicyKind.RESOURCE
        assert stack.vpc_endpoint_policy is not None

    @pytest.mark.parametrize("inputs", [{}, dict.fromkeys(["permissions_boundary", "service_control_policies"])])
    def test_layers_that_do_not_apply(self, inputs: dict[str, object]) -> None:
        stack = decode(**inputs).stack
        assert stack.identity_policies == ()
        assert stack.permissions_boundary is None
        assert stack.service_control_policies is None
        assert stack.session_policies is None

    def test_no_session_policy_was_passed_where_the_list_is_empty(self) -> None:
        assert decode(session_policies=[]).stack.session_policies is None

    def test_a_level_may_be_without_policies(self) -> None:
        assert decode(service_control_policies=[[], [ALLOW]]).stack.service_control_policies is not None

    def test_a_text_is_kept_exactly(self) -> None:
        text = json.dumps(ALLOW, indent=4) + "\n"
        assert decode(identity_policies=[text]).stack.identity_policies[0].policy.text == text

    def test_an_object_gets_the_text_that_json_writes(self) -> None:
        policy = decode(identity_policies=[ALLOW]).stack.identity_policies[0].policy
        assert policy.text == json.dumps(ALLOW)
        assert policy.statements[0].span.start.column == json.dumps(ALLOW).index("[") + 2

    def test_characters_that_iam_takes_as_escapes_alone_become_escapes(self) -> None:
        document = {
            "Statement": {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"Null": {"a:é日😀": True}}}
        }
        for line in (json.dumps(document), json.dumps(document, ensure_ascii=False)):
            inputs = f'{{"principal": "{USER}", "action": "a:B", "identity_policies": [{line}]}}'
            policy = read_evaluation(inputs).stack.identity_policies[0].policy
            assert '"a:é\\u65e5\\ud83d\\ude00"' in policy.text
            assert policy.statements[0].conditions[0].key == "a:é日😀"

    def test_numbers_in_a_document_keep_their_digits(self) -> None:
        condition = '{"NumericEquals": {"a:n": 1.50}}'
        text = f'{{"Statement": [{{"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {condition}}}]}}'
        line = f'{{"principal": "{USER}", "action": "a:B", "identity_policies": [{text}]}}'
        policy = read_evaluation(line).stack.identity_policies[0].policy
        assert policy.text == text
        assert policy.statements[0].conditions[0].values == ("1.50",)

    def test_a_document_that_repeats_is_parsed_once(self) -> None:
        cache = PolicyCache()
        line = json.dumps({**ASK, "identity_policies": [ALLOW, ALLOW], "permissions_boundary": ALLOW})
        first, second = read_evaluation(line, cache).stack, read_evaluation(line, cache).stack
        policies = {
            id(named.policy)
            for named in (*first.identity_policies, *second.identity_policies, second.permissions_boundary)
        }
        assert len(policies) == 1

    def test_the_cache_keeps_what_was_used_last(self) -> None:
        cache = PolicyCache(size=2)
        texts = [json.dumps(ALLOW, indent=width) for width in (1, 2, 3)]
        first, second = (cache.parse(text, PolicyKind.IDENTITY) for text in texts[:2])
        assert cache.parse(texts[0], PolicyKind.IDENTITY) is first
        cache.parse(texts[2], PolicyKind.IDENTITY)
        assert cache.parse(texts[0], PolicyKind.IDENTITY) is first
        assert cache.parse(texts[1], PolicyKind.IDENTITY) is not second

    def test_the_same_text_of_two_kinds_is_two_policies(self) -> None:
        stack = decode(permissions_boundary=ALLOW, service_control_policies=[[ALLOW]]).stack
        assert stack.permissions_boundary is not None
        assert stack.service_control_policies is not None
        assert stack.permissions_boundary.policy.kind is PolicyKind.IDENTITY
        assert stack.service_control_policies[0][0].policy.kind is PolicyKind.SERVICE_CONTROL


class TestTrustPolicies:
    @pytest.mark.parametrize("action", ["sts:AssumeRole", "STS:TagSession", "iam:PassRole"])
    def test_the_resource_policy_of_a_role_is_its_trust_policy(self, action: str) -> None:
        stack = decode(action=action, resource=ROLE, resource_policy=TRUST).stack
        assert stack.resource_policy is not None
        assert stack.resource_policy.policy.kind is PolicyKind.TRUST

    def test_one_request_that_assumes_the_role_is_enough(self) -> None:
        requests = [{"action": "sagemaker:ListModels"}, {"action": "sts:AssumeRole", "resource": ROLE}]
        line = json.dumps({"principal": USER, "requests": requests, "resource_policy": TRUST})
        policy = read_evaluation(line).stack.resource_policy
        assert policy is not None
        assert policy.policy.kind is PolicyKind.TRUST

    def test_passing_a_role_beside_another_resource_is_not_about_trust(self) -> None:
        requests = [
            {"action": "sagemaker:CreateModel", "resource": MODEL},
            {"action": "iam:PassRole", "resource": ROLE},
        ]
        line = json.dumps({"principal": USER, "requests": requests, "resource_policy": GRANT})
        policy = read_evaluation(line).stack.resource_policy
        assert policy is not None
        assert policy.policy.kind is PolicyKind.RESOURCE


class TestWhatIsWrong:
    @pytest.mark.parametrize(
        ("inputs", "place", "message"),
        [
            ({"principals": "x"}, "principals", "unknown input: did you mean `principal`?"),
            ({"identity_policy": []}, "identity_policy", "unknown input: did you mean `identity_policies`?"),
            ({"id": ["x"]}, "id", "must be a text or a whole number, not a list"),
            ({"id": 1.5}, "id", "must be a text or a whole number, not a number"),
            ({"principal": 111122223333}, "principal", "must be a text, not a number"),
            ({"management_account": "yes"}, "management_account", "must be true or false, not text"),
            (
                {"resource_in_management_account": 1},
                "resource_in_management_account",
                "must be true or false, not a number",
            ),
            ({"action": ["a:B"]}, "action", "must be a text, not a list"),
            ({"action": "sagemaker:*"}, "action", "`sagemaker:*` has a wildcard: a request is one action"),
            ({"resource": ["*"]}, "resource", "must be a text, not a list"),
            ({"identity_policies": ALLOW}, "identity_policies", "must be a list, not an object"),
            ({"identity_policies": [None]}, "identity_policies[0]", "must be a policy document, not null"),
            ({"session_policies": "x"}, "session_policies", "must be a list, not text"),
            ({"requests": []}, "requests", "is empty: give at least one request"),
        ],
    )
    def test_wrong_values(self, inputs: dict[str, object], place: str, message: str) -> None:
        base = {"principal": USER} if "requests" in inputs else ASK
        assert problems_of({**base, **inputs}) == {place: message}

    @pytest.mark.parametrize("action", ["CreateModel", "sagemaker:", ":x", "", "a b:c", "sagemaker:Create Model"])
    def test_what_is_no_action(self, action: str) -> None:
        place, message = problem_with(action=action)
        assert place == "action"
        assert "service:Name" in message

    @pytest.mark.parametrize("resource", ["", "model/x", "arn:aws:sagemaker", "**"])
    def test_what_is_no_resource(self, resource: str) -> None:
        place, message = problem_with(resource=resource)
        assert place == "resource"
        assert "not an ARN" in message

    @pytest.mark.parametrize("account", ["12", "arn:aws:iam::111122223333:root", 111122223333, ""])
    def test_what_is_no_account(self, account: object) -> None:
        place, message = problem_with(resource_account=account)
        assert place == "resource_account"
        assert "12-digit account id in quotation marks" in message

    def test_a_group_is_no_principal(self) -> None:
        place, message = problem_with(principal="arn:aws:iam::111122223333:group/team")
        assert place == "principal"
        assert "a group is not a principal" in message

    def test_only_federated_sessions_have_a_user_behind_them(self) -> None:
        place, message = problem_with(federated_user_of=USER)
        assert place == "federated_user_of"
        assert "no federated-user session" in message

    def test_the_user_behind_a_session_is_of_its_account(self) -> None:
        session = "arn:aws:sts::111122223333:federated-user/dana"
        place, message = problem_with(principal=session, federated_user_of="arn:aws:iam::444455556666:user/dana")
        assert place == "federated_user_of"
        assert "not a user of the session's account" in message

    def test_nobody_asks(self) -> None:
        assert problems_of({"action": "a:B"}) == {
            "principal": "is missing: write an ARN, a service name or `anonymous`"
        }
        assert list(problems_of({"requests": [{"action": "a:B"}, {"action": "a:C", "principal": USER}]})) == [
            "requests[0].principal"
        ]

    def test_a_bad_principal_is_told_once(self) -> None:
        assert list(problems_of({"principal": "x", "requests": [{"action": "a:B"}, {"action": "a:C"}]})) == [
            "principal"
        ]

    def test_nothing_is_asked(self) -> None:
        assert list(problems_of({"principal": USER})) == ["action"]
        assert list(problems_of({"principal": USER, "requests": [{}]})) == ["requests[0].action"]

    def test_an_action_beside_requests(self) -> None:
        assert set(problems_of({**ASK, "requests": [{"action": "a:B"}]})) == {"action", "resource"}

    @pytest.mark.parametrize("requests", [{"action": "a:B"}, "a:B", [["a:B"]], [None], [{"actions": "a:B"}]])
    def test_what_are_no_requests(self, requests: object) -> None:
        assert problems_of({"principal": USER, "requests": requests})

    @pytest.mark.parametrize("text", ["[]", '"x"', "1", "null"])
    def test_what_is_no_object(self, text: str) -> None:
        assert problems_of(text)[""].startswith("must be an object, not ")

    def test_levels_are_lists(self) -> None:
        assert problem_with(service_control_policies=[ALLOW]) == (
            "service_control_policies[0]",
            "must be a list, the policies of one level of the organization, not an object",
        )
        assert problem_with(resource_control_policies=[[GRANT], None])[0] == "resource_control_policies[1]"

    def test_names_of_policies(self) -> None:
        assert problem_with(permissions_boundary={"name": "", "document": ALLOW}) == (
            "permissions_boundary.name",
            "must be a text that is not empty, not empty",
        )
        assert problem_with(identity_policies=[{"nam": "x", "document": ALLOW}])[0] == "identity_policies[0].nam"
        assert problem_with(identity_policies=[{"name": "x", "document": None}])[0] == "identity_policies[0].document"

    def test_policies_that_cannot_be_read_are_told_by_place_line_and_column(self) -> None:
        bad = {"Version": "2012-10-17", "Statement": [ALLOW["Statement"][0], {"Effect": "Maybe", "Action": 1}]}
        problems = problems_of({**ASK, "identity_policies": [ALLOW, {"name": "x", "document": bad}]})
        statement = "identity_policies[1].document.Statement[1]"
        assert {f"{statement}.Effect", f"{statement}.Action"} <= set(problems)
        assert problems[f"{statement}.Effect"].startswith("line 1, column ")

    def test_a_text_that_is_no_policy(self) -> None:
        place, message = problem_with(permissions_boundary='{"Version": "2012-10-17",\n "Statement": [}')
        assert place.startswith("permissions_boundary")
        assert message.startswith("line 2, ")

    def test_repeated_keys_are_never_merged(self) -> None:
        document = '{"Statement": [{"Effect": "Deny", "Effect": "Allow", "Action": "*", "Resource": "*"}]}'
        line = f'{{"principal": "{USER}", "action": "a:B", "identity_policies": [{document}]}}'
        assert list(problems_of(line)) == ["identity_policies[0].Statement[0].Effect"]
        line = json.dumps({"principal": USER, "action": "a:B", "identity_policies": [document]})
        assert any("Effect" in place for place in problems_of(line))

    def test_all_problems_are_told_at_once(self) -> None:
        inputs = {
            "principal": "nobody",
            "context": {"a:b": {}},
            "identity_policies": [{"Statement": []}],
            "service_control_policies": [[3]],
            "requests": [{"action": "x"}, {"resource": "y"}],
        }
        assert set(problems_of(inputs)) >= {
            "principal",
            'context["a:b"]',
            "identity_policies[0].Statement",
            "service_control_policies[0][0]",
            "requests[0].action",
            "requests[1].action",
            "requests[1].resource",
        }

    def test_what_is_not_json_has_a_line_and_a_column(self) -> None:
        with pytest.raises(EvaluationInputError) as caught:
            read_evaluation('{"principal": \n}')
        (problem,) = caught.value.problems
        assert (problem.path, problem.line, problem.column) == ("", 2, 1)


class TestPythonValues:
    def test_it_is_the_same_as_from_text(self) -> None:
        inputs = {**ASK, "id": 3, "context": {"a:n": 1, "a:b": True}, "identity_policies": [ALLOW]}
        assert decode_evaluation(inputs) == read_evaluation(json.dumps(inputs))

    def test_problems_have_places_too(self) -> None:
        with pytest.raises(EvaluationInputError) as caught:
            decode_evaluation({**ASK, "context": {"a:n": float("nan")}})
        assert [problem.path for problem in caught.value.problems] == ['context["a:n"]']
