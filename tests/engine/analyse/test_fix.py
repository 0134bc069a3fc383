"""The smallest change: each kind of obstacle, and several together; what is written, and that it works."""

from dataclasses import replace
from typing import Any

import pytest

from policystudio.engine.analyse.asked import Asked, asked_resource, asked_type
from policystudio.engine.analyse.draft import About
from policystudio.engine.analyse.fix import Fix, about_layer, smallest_change
from policystudio.engine.analyse.obstacles import CellJudge, RequestJudge
from policystudio.engine.analyse.proof import prove
from policystudio.engine.authorize import principal_facts
from policystudio.engine.catalog.load import load_condition_keys, load_sagemaker
from policystudio.engine.decision import Layer
from policystudio.engine.document import PolicyKind
from policystudio.engine.exact.facts import Facts
from policystudio.engine.matrix.single import column_catalog, single_cell
from policystudio.engine.request import Context, NamedPolicy, PolicyStack, Principal, Request
from tests.engine.asking import ACCOUNT, BOB, CREATE, LINKED, MODEL, ROLE, ROOT, SERVICE, SESSION, levels, policies
from tests.engine.documents import allow, deny, named

KEYS, CATALOG = load_condition_keys(), load_sagemaker()
MODELS = f"arn:aws:sagemaker:*:{ACCOUNT}:model/*"
ENDPOINT = MODEL.replace("model/m1", "endpoint/e1")
BOBS = {"ArnEquals": {"aws:PrincipalArn": BOB.arn}}
NOT_BOBS = {"ArnNotEquals": {"aws:PrincipalArn": BOB.arn}}
SCP = PolicyKind.SERVICE_CONTROL
Statements = list[dict[str, Any]]


def stack(
    identity: Statements | None = None,
    boundary: Statements | None = None,
    session: list[Statements] | None = None,
    scp: list[list[Statements]] | None = None,
    resource_policy: Statements | None = None,
    trust: Statements | None = None,
) -> PolicyStack:
    return PolicyStack(
        identity_policies=() if identity is None else (named("identity", *identity),),
        permissions_boundary=policies(PolicyKind.IDENTITY, boundary),
        session_policies=None if session is None else tuple(named("session", *one) for one in session),
        service_control_policies=levels(SCP, scp),
        resource_policy=policies(PolicyKind.RESOURCE, resource_policy) or policies(PolicyKind.TRUST, trust),
    )


def about(_policy: NamedPolicy, layer: Layer) -> About:
    """The boundary is shared, as a managed policy is."""
    return About(shared=layer in (Layer.BOUNDARY, Layer.SERVICE_CONTROL))


def for_request(
    policies: PolicyStack,
    principal: Principal = BOB,
    action: str = CREATE,
    resource: str = MODEL,
    **context: tuple[str, ...],
) -> Fix:
    """The change for one request; ``context`` is what the person said of it, with ``__`` for the colon of a key."""
    given = {key.replace("__", ":").replace("_S_", "/"): values for key, values in context.items()}
    request = Request(principal, action, resource, context=Context(given))
    wish = asked_resource(CATALOG, action, resource, partition="aws", account=ACCOUNT)
    wish = replace(wish, principal=principal, context=given)
    return smallest_change(policies, wish, RequestJudge(request, KEYS), request.context, about)


def for_cell(
    policies: PolicyStack,
    action: str = CREATE,
    resource_type: str = "model",
    principal: Principal | None = BOB,
    region: str = "",
    given: dict[str, tuple[str, ...]] | None = None,
) -> Fix:
    """The change for a whole cell."""
    known = principal_facts(principal or BOB, ACCOUNT) | {key.lower(): values for key, values in (given or {}).items()}
    alone = column_catalog(CATALOG, action, resource_type)
    cell_of = single_cell(alone, "aws", ACCOUNT, region, Facts(known, ("aws:principaltag/",)), KEYS)
    wish = asked_type(CATALOG, action, resource_type, partition="aws", account=ACCOUNT, region=region)
    wish = replace(wish, principal=principal, context=given or {})
    return smallest_change(policies, wish, CellJudge(wish, cell_of, principal is ROOT), Context(known), about)


def written(fix: Fix) -> list[tuple[str, str, list[Any]]]:
    """Each change as its kind, its layer, and the statements that are to stand there."""
    return [(edit.kind.value, edit.place.layer.value, edit.after_json) for edit in fix.edits]


THIS = {"Effect": "Allow", "Action": CREATE, "Resource": MODEL}
ALL = {"Effect": "Allow", "Action": CREATE, "Resource": MODELS}
FULL = [allow()]


def nothing_else(before: PolicyStack, fix: Fix, principal: Principal = BOB) -> bool:
    facts = Facts(dict(principal_facts(principal, ACCOUNT)), ("aws:principaltag/",))
    return prove(before, fix, facts).holds


REQUESTS = {
    "no policy at all": (stack(), [("add_policy", "identity_policies", [THIS])]),
    "other actions": (stack([allow("sagemaker:List*")]), [("add_policy", "identity_policies", [THIS])]),
    "the same action elsewhere": (
        stack([allow(CREATE, MODEL.replace("m1", "m2"), Sid="Mine")]),
        [("extend_statement", "identity_policies", [{**THIS, "Sid": "Mine", "Resource": [MODEL[:-1] + "2", MODEL]}])],
    ),
    "another action there": (
        stack([allow("sagemaker:DeleteModel", MODEL)]),
        [("extend_statement", "identity_policies", [{**THIS, "Action": ["sagemaker:DeleteModel", CREATE]}])],
    ),
    "another action on more": (
        stack([allow("sagemaker:DeleteModel", MODELS)]),
        [("add_policy", "identity_policies", [THIS])],
    ),
    "the same action under conditions": (
        stack([allow(CREATE, Condition={"Bool": {"aws:SecureTransport": "true"}})]),
        [("add_policy", "identity_policies", [THIS])],
    ),
    "a boundary": (
        stack(FULL, boundary=[allow("s3:*")]),
        [("add_statement", "permissions_boundary", [{**THIS, "Condition": BOBS}])],
    ),
    "identity and boundary": (
        stack(boundary=[allow("s3:*")]),
        [
            ("add_policy", "identity_policies", [THIS]),
            ("add_statement", "permissions_boundary", [{**THIS, "Condition": BOBS}]),
        ],
    ),
    "a level of the organization": (
        stack(FULL, scp=[[FULL], [[allow("s3:*")]]]),
        [("add_statement", "service_control_policies", [{**THIS, "Condition": BOBS}])],
    ),
    "a level without policies": (
        stack(FULL, scp=[[FULL], []]),
        [("add_policy", "service_control_policies", [{**THIS, "Condition": BOBS}])],
    ),
    "two levels with the same policy": (
        stack(FULL, scp=[[[allow("s3:*")]], [[allow("s3:*")]]]),
        [("add_statement", "service_control_policies", [{**THIS, "Condition": BOBS}])],
    ),
    "a deny of exactly this": (
        stack([allow(), deny(CREATE, MODEL)]),
        [("remove_statement", "identity_policies", [])],
    ),
    "a deny of a list": (
        stack([allow(), deny(CREATE, [MODEL, MODEL[:-1] + "2"])]),
        [
            (
                "narrow_statement",
                "identity_policies",
                [{"Effect": "Deny", "Action": CREATE, "Resource": MODEL[:-1] + "2"}],
            )
        ],
    ),
    "a deny of everywhere": (
        stack([allow(), deny(CREATE)]),
        [("narrow_statement", "identity_policies", [{"Effect": "Deny", "Action": CREATE, "NotResource": MODEL}])],
    ),
    "a deny of elsewhere": (
        stack([allow(), deny(CREATE, NotResource=ENDPOINT)]),
        [
            (
                "narrow_statement",
                "identity_policies",
                [{"Effect": "Deny", "Action": CREATE, "NotResource": [ENDPOINT, MODEL]}],
            )
        ],
    ),
    "a deny of other actions too": (
        stack([allow(), deny([CREATE, "s3:*"])]),
        [
            (
                "narrow_statement",
                "identity_policies",
                [
                    {"Effect": "Deny", "Action": "s3:*", "Resource": "*"},
                    {"Effect": "Deny", "Action": CREATE, "NotResource": MODEL},
                ],
            )
        ],
    ),
    "a deny of all but some actions": (
        stack([allow(), deny(NotAction="s3:*")]),
        [
            (
                "narrow_statement",
                "identity_policies",
                [
                    {"Effect": "Deny", "NotAction": ["s3:*", CREATE], "Resource": "*"},
                    {"Effect": "Deny", "Action": CREATE, "NotResource": MODEL},
                ],
            )
        ],
    ),
    "a deny that others have, too": (
        stack(FULL, scp=[[FULL, [deny(CREATE, MODEL, Sid="Stop")]]]),
        [
            (
                "narrow_statement",
                "service_control_policies",
                [{"Sid": "Stop", "Effect": "Deny", "Action": CREATE, "Resource": MODEL, "Condition": NOT_BOBS}],
            )
        ],
    ),
    "a deny with exceptions already": (
        stack(FULL, scp=[[FULL, [deny(CREATE, MODEL, Condition={"ArnNotLike": {"aws:PrincipalArn": ROLE.arn}})]]]),
        [
            (
                "narrow_statement",
                "service_control_policies",
                [
                    {
                        "Effect": "Deny",
                        "Action": CREATE,
                        "Resource": MODEL,
                        "Condition": {"ArnNotLike": {"aws:PrincipalArn": [ROLE.arn, BOB.arn]}},
                    }
                ],
            )
        ],
    ),
    "two denies, and no allow": (
        stack([deny(CREATE, MODEL, Sid="One"), deny("*", MODEL, Sid="Two")]),
        [
            ("add_policy", "identity_policies", [THIS]),
            ("remove_statement", "identity_policies", []),
            (
                "narrow_statement",
                "identity_policies",
                [{"Sid": "Two", "Effect": "Deny", "NotAction": CREATE, "Resource": MODEL}],
            ),
        ],
    ),
}


@pytest.mark.parametrize("name", REQUESTS)
def test_what_is_to_be_changed_for_a_request(name: str) -> None:
    policies, expected = REQUESTS[name]
    fix = for_request(policies)
    assert written(fix) == expected
    assert fix.works
    assert fix.exact
    assert nothing_else(policies, fix)


CELLS = {
    "no policy at all": (stack(), [("add_policy", "identity_policies", [ALL])]),
    "a part of the type": (
        stack([allow(CREATE, MODELS.replace("/*", "/dev-*"))]),
        [("extend_statement", "identity_policies", [ALL])],
    ),
    "a part of the type and another": (
        stack([allow(CREATE, [MODELS.replace("/*", "/dev-*"), ENDPOINT])]),
        [("extend_statement", "identity_policies", [{**ALL, "Resource": [ENDPOINT, MODELS]}])],
    ),
    "under conditions": (
        stack([allow(CREATE, Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}})]),
        [("add_policy", "identity_policies", [ALL])],
    ),
    "a deny of a part": (
        stack([allow(), deny(CREATE, MODELS.replace("/*", "/prod-*"))]),
        [("remove_statement", "identity_policies", [])],
    ),
    "a deny of more than the type": (
        stack([allow(), deny("sagemaker:DeleteModel"), deny([CREATE, "sagemaker:CreateEndpoint"])]),
        [
            (
                "narrow_statement",
                "identity_policies",
                [
                    {"Effect": "Deny", "Action": "sagemaker:CreateEndpoint", "Resource": "*"},
                    {"Effect": "Deny", "Action": CREATE, "NotResource": MODELS},
                ],
            )
        ],
    ),
    "a deny that spares a part of the type": (
        stack([allow(), deny("sagemaker:Create*", NotResource=MODELS.replace("/*", "/dev-*"))]),
        [
            (
                "narrow_statement",
                "identity_policies",
                [
                    {
                        "Effect": "Deny",
                        "Action": "sagemaker:Create*",
                        "NotResource": [MODELS.replace("/*", "/dev-*"), MODELS],
                    },
                    {
                        "Effect": "Deny",
                        "Action": "sagemaker:CreateTrainingSession",
                        "NotResource": MODELS.replace("/*", "/dev-*"),
                    },
                ],
            )
        ],
    ),
    "a deny of another type": (
        stack([allow("s3:*"), deny(CREATE, ENDPOINT)]),
        [("add_policy", "identity_policies", [ALL])],
    ),
    "a deny under conditions": (
        stack([allow(), deny(CREATE, MODELS, Condition={"Null": {"aws:TokenIssueTime": "true"}})]),
        [("remove_statement", "identity_policies", [])],
    ),
    "a boundary of a part": (
        stack(FULL, boundary=[allow(CREATE, MODELS.replace("/*", "/dev-*"))]),
        [("add_statement", "permissions_boundary", [{**ALL, "Condition": BOBS}])],
    ),
}


@pytest.mark.parametrize("name", CELLS)
def test_what_is_to_be_changed_for_a_cell(name: str) -> None:
    policies, expected = CELLS[name]
    fix = for_cell(policies)
    assert written(fix) == expected
    assert fix.works
    assert nothing_else(policies, fix)


def test_what_is_allowed_needs_no_change() -> None:
    assert for_request(stack(FULL)).edits == for_cell(stack(FULL)).edits == ()


def test_the_stages_tell_how_far_each_change_leads() -> None:
    mfa = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}
    fix = for_cell(stack([deny(Condition=mfa)], boundary=[allow("s3:*")]))
    assert [edit.kind.value for edit in fix.edits] == ["add_policy", "add_statement", "narrow_statement"]
    assert (fix.before, fix.stages) == ("implicitDeny", ("implicitDeny", "conditional", "allowed"))


def test_an_action_without_a_resource_type_gets_the_only_resource_there_is() -> None:
    fix = for_cell(stack(), "sagemaker:ListModels", "*")
    assert written(fix)[0][2] == [{"Effect": "Allow", "Action": "sagemaker:ListModels", "Resource": "*"}]


def test_a_deny_of_every_action_gives_way_by_name() -> None:
    fix = for_cell(stack([allow(), deny("sagemaker:List*")]), "sagemaker:ListModels", "*")
    [(_, _, [after])] = written(fix)
    assert "sagemaker:ListModelC*" in after["Action"]
    assert "sagemaker:ListMon*" in after["Action"]
    assert fix.works
    assert fix.exact


def test_a_region_is_kept() -> None:
    fix = for_cell(stack(), region="eu-west-1")
    assert written(fix)[0][2][0]["Resource"] == MODELS.replace("*:1", "eu-west-1:1")


def test_the_conditions_that_somebody_asks_under_are_those_of_the_statement() -> None:
    asked: dict[str, Any] = {
        "aws__MultiFactorAuthPresent": ("true",),
        "aws__SourceIp": ("192.0.2.7",),
        "aws__RequestTag_S_team": ("${ml}*",),
        "aws__TagKeys": ("team", "cost"),
        "aws__TokenIssueTime": (),
    }
    fix = for_request(stack(), **asked)
    [(_, _, [after])] = written(fix)
    assert after["Condition"] == {
        "Bool": {"aws:MultiFactorAuthPresent": "true"},
        "IpAddress": {"aws:SourceIp": "192.0.2.7"},
        "StringEquals": {"aws:RequestTag/team": "${$}{ml}*"},
        "ForAllValues:StringEquals": {"aws:TagKeys": ["team", "cost"]},
        "Null": {"aws:TagKeys": "false", "aws:TokenIssueTime": "true"},
    }
    assert fix.works


def test_a_deny_gives_way_in_the_asked_context_alone() -> None:
    policies = stack([allow(), deny(CREATE, MODEL)])
    fix = for_request(policies, aws__MultiFactorAuthPresent=("true",))
    condition = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}
    assert written(fix) == [
        (
            "narrow_statement",
            "identity_policies",
            [{"Effect": "Deny", "Action": CREATE, "Resource": MODEL, "Condition": condition}],
        )
    ]
    assert fix.works
    assert nothing_else(policies, fix)


def test_a_region_that_a_deny_rules_out_joins_those_that_it_spares() -> None:
    europe = {"StringNotEquals": {"aws:RequestedRegion": "eu-west-1"}}
    policies = stack([allow(), deny(CREATE, MODEL, Condition=europe)])
    fix = for_request(policies, aws__RequestedRegion=("us-east-1",))
    [(_, _, [after])] = written(fix)
    assert after["Condition"] == {"StringNotEquals": {"aws:RequestedRegion": ["eu-west-1", "us-east-1"]}}
    assert fix.works


def test_what_cannot_be_said_any_narrower_is_told() -> None:
    policies = stack([allow(), deny(CREATE, MODELS.replace("/*", "/m*"))])
    fix = for_request(policies)
    assert fix.works
    assert not fix.exact
    facts = Facts(dict(principal_facts(BOB, ACCOUNT)), ("aws:principaltag/",))
    wider = prove(policies, fix, facts).wider
    assert wider is not None
    assert wider.action == CREATE
    assert wider.resource != MODEL


def test_every_model_but_one_stays_denied() -> None:
    policies = stack([allow(), deny(CREATE, "arn:aws:sagemaker:*:*:model/*")])
    assert written(for_request(policies)) == [
        ("narrow_statement", "identity_policies", [{"Effect": "Deny", "Action": CREATE, "NotResource": MODEL}])
    ]


def test_policies_that_aws_manages_are_not_edited() -> None:
    def managed(_policy: NamedPolicy, _layer: Layer) -> About:
        return About(aws_managed=True, shared=True)

    request = Request(BOB, CREATE, MODEL)
    wish = replace(asked_resource(CATALOG, CREATE, MODEL, partition="aws", account=ACCOUNT), principal=BOB)
    policies = stack([allow(CREATE, ENDPOINT)], boundary=[allow("s3:*")], scp=[[[allow("s3:*")]]])
    fix = smallest_change(policies, wish, RequestJudge(request, KEYS), request.context, managed)
    assert [(edit.kind.value, edit.about.aws_managed) for edit in fix.edits] == [
        ("add_policy", False),
        ("add_statement", True),
        ("add_policy", False),
    ]


def test_the_root_user_needs_no_policy_of_its_own() -> None:
    policies = stack(scp=[[[allow("s3:*")]]])
    for fix in (for_request(policies, ROOT), for_cell(policies, principal=ROOT)):
        assert [edit.place.layer for edit in fix.edits] == [Layer.SERVICE_CONTROL]
        assert fix.works


def test_the_management_account_is_not_held_back_by_the_organization() -> None:
    manager = replace(BOB, in_management_account=True)
    fix = for_request(stack(scp=[[[deny()]]]), manager)
    assert [edit.place.layer for edit in fix.edits] == [Layer.IDENTITY]


@pytest.mark.parametrize(
    ("principal", "action", "resource", "reason"),
    [
        (LINKED, CREATE, MODEL, "service_linked_role_cannot_be_changed"),
        (BOB, CREATE, MODEL.replace("aws:s", "aws-cn:s"), "no_cross_partition_access"),
        (ROOT, "sts:AssumeRole", ROLE.arn, "root_user_cannot_assume_roles"),
        (BOB, "iam:PassRole", ROLE.arn.replace("1111", "4444"), "cannot_pass_role_of_another_account"),
    ],
)
def test_what_no_policy_can_allow(principal: Principal, action: str, resource: str, reason: str) -> None:
    fix = for_request(stack(), principal, action, resource)
    assert (fix.edits, fix.impossible) == ((), reason)


def test_a_role_must_trust_who_assumes_it() -> None:
    fix = for_request(
        stack(trust=[allow("sts:AssumeRole", None, Principal={"Service": SERVICE.arn})]),
        BOB,
        "sts:AssumeRole",
        ROLE.arn,
    )
    trusted = {"Effect": "Allow", "Principal": {"AWS": BOB.arn}, "Action": "sts:AssumeRole"}
    assert written(fix) == [("add_statement", "resource_policy", [trusted])]
    assert fix.works


def test_another_account_must_allow_it_as_well() -> None:
    other = MODEL.replace(ACCOUNT, "444455556666")
    fix = for_request(stack(), resource=other)
    mine = {"Effect": "Allow", "Action": CREATE, "Resource": other}
    assert written(fix) == [
        ("add_policy", "identity_policies", [mine]),
        (
            "add_policy",
            "resource_policy",
            [{"Effect": "Allow", "Principal": {"AWS": BOB.arn}, "Action": CREATE, "Resource": other}],
        ),
    ]
    assert fix.works


def test_one_statement_of_the_resource_is_less_than_two_of_others() -> None:
    policies = stack(boundary=[allow("s3:*")], resource_policy=[allow("s3:*", Principal="*")])
    fix = for_request(policies)
    assert [edit.place.layer for edit in fix.edits] == [Layer.RESOURCE]
    assert fix.works


def test_a_session_needs_a_policy_that_allows() -> None:
    fix = for_request(stack(FULL, session=[[allow("s3:*")]]), SESSION)
    assert written(fix) == [("add_statement", "session_policies", [THIS])]
    assert fix.works


def test_a_group_is_nobody_in_particular() -> None:
    fix = for_cell(stack(FULL, scp=[[FULL, [deny(CREATE, MODELS)]]]), principal=None)
    assert written(fix) == [("remove_statement", "service_control_policies", [])]


def test_a_policy_without_statements_goes() -> None:
    fix = for_request(stack([allow()], scp=[[FULL, [deny(CREATE, MODEL)]]]), replace(BOB, arn=BOB.arn))
    assert fix.edits[0].document is not None
    alone = for_cell(stack(FULL, scp=[[FULL, [deny(CREATE, MODELS)]]]), principal=None)
    assert alone.edits[0].document is None
    assert alone.stack.service_control_policies is not None
    assert len(alone.stack.service_control_policies[0]) == 1


def test_bare_stacks_share_what_organizations_attach() -> None:
    policy = named("p", allow())
    assert [about_layer(policy, layer).shared for layer in (Layer.IDENTITY, Layer.SERVICE_CONTROL)] == [False, True]


def test_an_entry_is_asked_about_only_where_all_of_it_is() -> None:
    wish: Asked = asked_type(CATALOG, CREATE, "model", partition="aws", account=ACCOUNT)
    inside = ["arn:aws:sagemaker:*:*:model/dev-*", "arn:*:sagemaker:eu-west-1:*:model/*", MODEL, MODELS]
    outside = ["*", "arn:aws:sagemaker:*", "arn:aws:sagemaker:*:*:*", "arn:aws:sagemaker:*:*:m*", ENDPOINT]
    assert [wish.contains(entry) for entry in (*inside, *outside)] == [True] * 4 + [False] * 5


def test_what_a_star_takes_in_besides_the_type_has_neighbours_too() -> None:
    """`device-fleet/*` is a pattern of the devices in fleets as well, on which other actions act."""
    asked = asked_type(CATALOG, "sagemaker:UpdateDeviceFleet", "device-fleet", partition="aws", account=ACCOUNT)
    assert asked.neighbours is not None
    assert {"sagemaker:DeregisterDevices", "sagemaker:DeleteDeviceFleet"} <= set(asked.neighbours)
    assert "sagemaker:CreateModel" not in asked.neighbours
