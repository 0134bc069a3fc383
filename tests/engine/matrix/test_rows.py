"""Letters of the matrix for policies whose meaning is plain to see."""

from dataclasses import replace

import pytest

from policystudio.engine.catalog.load import load_condition_keys, load_sagemaker
from policystudio.engine.document import PolicyKind
from policystudio.engine.exact.cell import Cell, CellVerdict
from policystudio.engine.exact.facts import Facts
from policystudio.engine.matrix.rows import HARD_CELLS, Matrix, RowInput
from policystudio.engine.matrix.space import Space
from policystudio.engine.request import NamedPolicy, PolicyStack
from tests.engine.documents import Json, allow, deny, named

ACCOUNT = "111122223333"
FACTS = Facts(
    {
        "aws:username": ("ana",),
        "aws:principalarn": (f"arn:aws:iam::{ACCOUNT}:user/ana",),
        "aws:principaltag/team": ("ml",),
    },
    ("aws:principaltag/",),
)
MODELS = "arn:aws:sagemaker:*:*:model/"
FULL = allow()


def row(
    *statements: dict[str, Json],
    boundary: list[dict[str, Json]] | None = None,
    levels: list[list[dict[str, Json]]] | None = None,
    unrestricted: bool = False,
    unreadable: tuple[tuple[str, ...], tuple[str, ...]] = ((), ()),
) -> RowInput:
    scps: tuple[tuple[NamedPolicy, ...], ...] | None = None
    if levels is not None:
        scps = tuple((named("scp", *level, kind=PolicyKind.SERVICE_CONTROL),) if level else () for level in levels)
    stack = PolicyStack(
        (named("identity", *statements),) if statements else (),
        named("boundary", *boundary) if boundary else None,
        service_control_policies=scps,
    )
    return RowInput(stack, FACTS, unrestricted, *unreadable)


def ask(asked: RowInput, action: str = "DeleteModel", resource_type: str = "model") -> tuple[str, Cell]:
    """The letter of the row, and the same cell by the exact path."""
    matrix = Matrix(Space(load_sagemaker(), "aws", ACCOUNT), load_condition_keys())
    prepared = matrix.prepare([asked])[0]
    index = matrix.space.index_of[f"sagemaker:{action}", resource_type]
    letter = matrix.letters(prepared)[index]
    cell = matrix.cell(prepared, index)
    assert letter == cell.verdict
    return letter, cell


@pytest.mark.parametrize(
    ("asked", "letter"),
    [
        (row(), "I"),
        (row(FULL), "A"),
        (row(allow("s3:*")), "I"),
        (row(allow("sagemaker:Delete*", f"{MODELS}*")), "A"),
        (row(allow("sagemaker:*", f"{MODELS}dev-*")), "S"),
        (row(allow("sagemaker:*", f"{MODELS}${{aws:username}}-*")), "S"),
        (row(allow("sagemaker:*", f"{MODELS}${{aws:PrincipalTag/missing}}*")), "I"),
        (row(allow(NotAction="sagemaker:Delete*")), "I"),
        (row(allow(NotResource=f"{MODELS}prod-*")), "S"),
        (row(allow("sagemaker:*", f"{MODELS}?"), allow("sagemaker:*", f"{MODELS}??*")), "A"),
        (row(FULL, deny("sagemaker:DeleteModel")), "E"),
        (row(deny("sagemaker:DeleteModel")), "I"),
        (row(FULL, deny("*", f"{MODELS}prod-*")), "S"),
        (row(allow("*", f"{MODELS}prod-*"), deny("*", f"{MODELS}*-a")), "S"),
        (row(allow("*", f"{MODELS}prod-*"), deny("*", f"{MODELS}p*")), "E"),
        (row(FULL, boundary=[allow("s3:*")]), "I"),
        (row(FULL, boundary=[allow("*", f"{MODELS}a*")]), "S"),
        (row(allow("*", f"{MODELS}a*"), boundary=[allow("*", f"{MODELS}b*")]), "I"),
        (row(allow("*", f"{MODELS}a*"), boundary=[allow("*", f"{MODELS}*b")]), "S"),
        (row(FULL, levels=[[FULL], []]), "I"),
        (row(FULL, levels=[[FULL], [FULL, deny("sagemaker:*")]]), "E"),
        (row(unrestricted=True), "A"),
        (row(unrestricted=True, levels=[[FULL, deny("sagemaker:*")]]), "E"),
        (row(FULL, unreadable=(("lost",), ())), "U"),
        (row(allow("s3:*"), unreadable=(("lost",), ())), "U"),
        (row(allow("s3:*"), unreadable=((), ("boundary",))), "I"),
        (row(FULL, levels=[[]], unreadable=(("lost",), ())), "I"),
    ],
)
def test_resources_and_layers(asked: RowInput, letter: str) -> None:
    found = ask(asked)[1].verdict if not asked.unreadable_identity + asked.unreadable_around else None
    matrix = Matrix(Space(load_sagemaker(), "aws", ACCOUNT), load_condition_keys())
    index = matrix.space.index_of["sagemaker:DeleteModel", "model"]
    assert matrix.letters(matrix.prepare([asked])[0])[index] == letter
    assert found in (None, letter)


@pytest.mark.parametrize(
    ("condition", "letter"),
    [
        ({"StringEquals": {"aws:RequestedRegion": "us-east-1"}}, "C"),
        ({"Bool": {"aws:MultiFactorAuthPresent": "true"}}, "C"),
        ({"StringEquals": {"aws:PrincipalTag/team": "ml"}}, "A"),
        ({"StringEquals": {"aws:PrincipalTag/team": "red"}}, "I"),
        ({"StringEquals": {"aws:PrincipalTag/other": "ml"}}, "I"),
        ({"StringNotEquals": {"aws:PrincipalTag/other": "ml"}}, "A"),
        ({"StringEquals": {"s3:prefix": "x"}}, "I"),
        ({"Null": {"sagemaker:VpcSubnets": "true"}}, "A"),
        ({"StringEquals": {"aws:ResourceTag/team": "${aws:PrincipalTag/team}"}}, "C"),
        ({"StringLikeIfExists": {"aws:UserAgent": "*"}}, "A"),
        ({"NumericEquals": {"aws:SourceIp": "1"}}, "I"),
        (
            {"StringEquals": {"aws:RequestTag/a": "x"}, "StringNotEquals": {"aws:RequestTag/a": "x"}},
            "I",
        ),
    ],
)
def test_conditions(condition: Json, letter: str) -> None:
    assert ask(row(allow("sagemaker:*", Condition=condition)))[0] == letter


def test_a_condition_may_matter_beside_the_resource() -> None:
    statements = (
        allow("sagemaker:*", f"{MODELS}dev-*"),
        allow("sagemaker:*", f"{MODELS}*", Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}}),
    )
    letter, cell = ask(row(*statements))
    assert (letter, cell.by_resource, cell.by_context) == ("C", True, True)


def test_conditions_that_cover_everything_together_are_allowed() -> None:
    statements = (
        allow("sagemaker:*", Condition={"Null": {"aws:TokenIssueTime": "true"}}),
        allow("sagemaker:*", Condition={"Null": {"aws:TokenIssueTime": "false"}}),
    )
    assert ask(row(*statements))[0] == "A"


def test_a_deny_of_the_same_condition_leaves_nothing() -> None:
    condition = {"StringEquals": {"aws:RequestTag/team": "ml"}}
    statements = (allow("sagemaker:*", Condition=condition), deny("sagemaker:*", Condition=condition))
    assert ask(row(*statements))[0] == "E"


def test_a_column_without_published_types_is_about_every_arn_of_the_service_and_none() -> None:
    asked = ("CreateTrainingSession", "*")
    assert ask(row(FULL), *asked)[0] == "A"
    assert ask(row(allow("*", f"{MODELS}*")), *asked)[0] == "S"
    assert ask(row(allow("*", "arn:aws:sagemaker:*:*:*")), *asked)[0] == "S"
    assert ask(row(FULL, deny("*", f"{MODELS}*")), *asked)[0] == "S"
    assert ask(row(FULL, deny("*", ["arn:aws:sagemaker:*:*:*"])), *asked)[0] == "S"
    assert ask(row(allow("*", "arn:aws:sagemaker:*:999999999999:*")), *asked)[0] == "I"
    assert ask(row(allow("s3:*")), *asked)[0] == "I"


def test_the_examples_of_a_column_without_published_types_are_of_its_universe() -> None:
    matrix = Matrix(Space(load_sagemaker(), "aws", ACCOUNT), load_condition_keys())
    policy = named("arns", allow("*", "arn:aws:sagemaker:*:*:*"))
    prepared = matrix.prepare([RowInput(PolicyStack((policy,)), FACTS)])[0]
    cell = matrix.cell(prepared, matrix.space.index_of["sagemaker:CreateTrainingSession", "*"])
    assert cell.allowed is not None
    assert cell.denied is not None
    assert cell.allowed.resource.startswith("arn:aws:sagemaker:")
    assert cell.denied.resource == "*"


def test_an_action_without_resource_type_needs_the_star() -> None:
    assert ask(row(allow("sagemaker:*", "arn:aws:sagemaker:*:*:*")), "ListModels", "*")[0] == "I"
    assert ask(row(allow("sagemaker:List*", ["*", f"{MODELS}*"])), "ListModels", "*")[0] == "A"


def test_a_pattern_that_stands_twice_counts_once() -> None:
    """Two ways to write one pattern, beside another that must not be taken for it."""
    twice = deny("sagemaker:*", [f"{MODELS}dev-*", f"{MODELS}dev-**"])
    found, cell = ask(row(allow("sagemaker:*", f"{MODELS}*-x"), twice))
    assert found == "S"
    assert cell.allowed is not None
    assert ":model/dev-" not in cell.allowed.resource
    assert ask(row(allow("sagemaker:*", f"{MODELS}dev-x"), twice))[0] == "E"


def test_documents_of_the_old_version_keep_variables_as_text() -> None:
    policy = named("old", allow("sagemaker:*", f"{MODELS}${{username}}*"), version=None)
    matrix = Matrix(Space(load_sagemaker(), "aws", ACCOUNT), load_condition_keys())
    prepared = matrix.prepare([RowInput(PolicyStack((policy,)), FACTS)])[0]
    index = matrix.space.index_of["sagemaker:DeleteModel", "model"]
    allowed = matrix.cell(prepared, index).allowed
    assert allowed is not None
    assert ":model/${username}" in allowed.resource


GROUP = Facts({"aws:principaltype": ("User",)})


def group_cell(*statements: dict[str, Json], action: str = "DeleteModel", resource_type: str = "model") -> Cell:
    """The cell of a group, about whose members little is known."""
    matrix = Matrix(Space(load_sagemaker(), "aws", ACCOUNT), load_condition_keys())
    prepared = matrix.prepare([RowInput(PolicyStack((named("group", *statements),)), GROUP)])[0]
    return matrix.cell(prepared, matrix.space.index_of[f"sagemaker:{action}", resource_type])


SAME_TEAM = {"StringEquals": {"aws:ResourceTag/team": "${aws:PrincipalTag/team}"}}


@pytest.mark.parametrize(
    ("statements", "by_resource"),
    [
        ((allow("sagemaker:*", f"{MODELS}${{aws:username}}-*"),), True),
        ((allow("sagemaker:*"), deny("sagemaker:*", f"{MODELS}*-${{aws:username}}")), True),
        ((allow("sagemaker:*", Condition=SAME_TEAM),), False),
        ((allow("sagemaker:*", f"{MODELS}*", Condition=SAME_TEAM),), False),
        ((allow("sagemaker:*", f"{MODELS}dev-*", Condition=SAME_TEAM),), True),
        ((allow("sagemaker:*", NotResource=f"{MODELS}dev-*", Condition=SAME_TEAM),), True),
    ],
)
def test_a_free_variable_may_matter_beside_the_resource(
    statements: tuple[dict[str, Json], ...], by_resource: bool
) -> None:
    cell = group_cell(*statements)
    assert (cell.verdict, cell.by_resource, cell.by_context) == (CellVerdict.CONDITIONAL, by_resource, True)


def test_a_variable_with_a_default_matches_where_its_key_is_absent() -> None:
    cell = group_cell(allow("sagemaker:*"), deny("sagemaker:*", f"{MODELS}${{aws:PrincipalTag/team, 'dev'}}-*"))
    assert cell.verdict is CellVerdict.CONDITIONAL
    assert cell.allowed is not None
    assert cell.allowed.context or ":model/dev-" not in cell.allowed.resource


def test_a_variable_of_an_empty_value_is_not_one_without_its_key() -> None:
    """An empty tag is there, but does not stand for its variable; the default does."""
    empty = {"StringEquals": {"aws:PrincipalTag/team": ""}}
    there = f"{MODELS}${{aws:PrincipalTag/team, 'a'}}"
    cell = group_cell(allow("sagemaker:*", there, Condition=empty), deny("sagemaker:*", there.replace("'a'", "'b'")))
    assert cell.verdict is CellVerdict.CONDITIONAL
    assert cell.allowed is not None
    assert cell.allowed.resource.endswith(":model/a")
    assert cell.allowed.context == {"aws:PrincipalTag/team": ("",)}


def test_variables_that_depend_on_each_other_are_tried_one_after_the_other() -> None:
    condition = {
        "StringEquals": {"aws:ResourceTag/team": "${aws:PrincipalTag/team}", "aws:PrincipalTag/team": "ml"},
        "StringLike": {"aws:ResourceTag/owner": "${aws:ResourceTag/team}/${aws:username}"},
    }
    cell = group_cell(allow("sagemaker:*", Condition=condition))
    assert cell.verdict is CellVerdict.CONDITIONAL
    assert cell.allowed is not None
    assert cell.allowed.context["aws:ResourceTag/team"] == ("ml",)


def test_a_column_without_published_types_is_decided_where_names_are_free() -> None:
    statements = (allow("sagemaker:*", f"{MODELS}${{aws:username}}-*"), allow("sagemaker:*", f"{MODELS}dev"))
    cell = group_cell(*statements, action="CreateTrainingSession", resource_type="*")
    assert (cell.verdict, cell.by_resource) == (CellVerdict.CONDITIONAL, True)


@pytest.mark.parametrize(
    ("statements", "letter"),
    [
        ((allow("sagemaker:*", f"{MODELS}${{aws:username}}-*"),), "C"),
        ((allow("sagemaker:*"), deny("sagemaker:*", f"{MODELS}${{aws:username}}-*")), "C"),
        ((allow("sagemaker:*", f"{MODELS}${{aws:username}}-*"), deny("sagemaker:*")), "E"),
        (
            (
                allow(
                    "sagemaker:*",
                    f"{MODELS}dev-*",
                    Condition={"StringEquals": {"aws:ResourceTag/team": "${aws:PrincipalTag/team}"}},
                ),
            ),
            "C",
        ),
        ((allow("sagemaker:*"), allow("sagemaker:*", f"{MODELS}${{aws:username}}-*")), "A"),
        ((allow("s3:*", "arn:aws:s3:::${aws:username}/*"),), "I"),
    ],
)
def test_a_free_variable_depends_on_the_context(statements: tuple[dict[str, Json], ...], letter: str) -> None:
    matrix = Matrix(Space(load_sagemaker(), "aws", ACCOUNT), load_condition_keys())
    prepared = matrix.prepare([RowInput(PolicyStack((named("group", *statements),)), GROUP)])[0]
    index = matrix.space.index_of["sagemaker:DeleteModel", "model"]
    assert matrix.letters(prepared)[index] == letter
    cell = matrix.cell(prepared, index)
    if letter == "C":
        assert cell.allowed is not None
        assert cell.denied is not None
        assert cell.allowed.resource == cell.denied.resource
        assert cell.allowed.context != cell.denied.context


@pytest.mark.parametrize(
    ("action", "resource_type", "condition", "letter"),
    [
        ("ListModels", "*", {"StringEquals": {"sagemaker:ResourceTag/owner": "${aws:RequestTag/owner}"}}, "I"),
        ("ListModels", "*", {"StringNotEquals": {"sagemaker:ResourceTag/owner": "${aws:RequestTag/owner}"}}, "A"),
        ("DeleteModel", "model", {"StringEquals": {"sagemaker:ResourceTag/owner": "${aws:RequestTag/owner}"}}, "C"),
        ("DeleteModel", "model", {"StringEquals": {"aws:PrincipalTag/missing": "${aws:RequestTag/team}"}}, "I"),
        ("DeleteModel", "model", {"StringEquals": {"aws:username": "${aws:RequestTag/owner}"}}, "C"),
        ("DeleteModel", "model", {"NumericEquals": {"aws:MultiFactorAuthAge": "${aws:RequestTag/age}"}}, "I"),
    ],
)
def test_a_free_variable_matters_only_where_its_condition_reads_it(
    action: str, resource_type: str, condition: Json, letter: str
) -> None:
    found, cell = ask(row(allow("sagemaker:*", Condition=condition)), action, resource_type)
    assert found == letter
    for example in (cell.allowed, cell.denied):
        assert example is None or not {key.lower() for key in example.context} & FACTS.known.keys()


LINKED = {"StringEquals": {"aws:ResourceTag/team": "${aws:RequestTag/team}"}}


@pytest.mark.parametrize(
    ("statements", "letter"),
    [
        ((FULL, deny("*", f"{MODELS}prod-*"), allow("sagemaker:*", Condition=LINKED)), "S"),
        ((FULL, deny("*"), deny("sagemaker:*", Condition=LINKED)), "E"),
        ((FULL, deny("*", f"{MODELS}${{aws:PrincipalTag/missing}}-${{aws:RequestTag/team}}")), "A"),
        ((FULL, deny("*", f"{MODELS}${{sagemaker:TaggingAction}}")), "A"),
        ((allow(NotResource=["*", f"{MODELS}${{aws:RequestTag/team}}"]),), "I"),
        ((allow(NotResource=[f"{MODELS}*", f"{MODELS}${{aws:RequestTag/team}}"]),), "I"),
        ((allow(NotResource=f"{MODELS}${{aws:RequestTag/team}}"),), "C"),
        ((allow("*", f"{MODELS}dev-*"), deny("*", f"{MODELS}${{aws:RequestTag/team}}-*")), "C"),
        ((allow("*", f"{MODELS}dev-*"), deny("*", f"{MODELS}${{aws:RequestTag/team}}")), "C"),
        ((FULL, deny("*", f"{MODELS}${{sagemaker:ResourceTag/team}}")), "C"),
    ],
)
def test_a_free_variable_that_cannot_matter_is_passed_over(
    statements: tuple[dict[str, Json], ...], letter: str
) -> None:
    found, cell = ask(row(*statements))
    assert found == letter
    assert (cell.allowed is not None) == (letter in "ASC")


def test_many_free_variables_are_told_by_requests() -> None:
    statements = [allow("sagemaker:*", f"{MODELS}{number}-${{aws:RequestTag/team}}") for number in range(25)]
    assert ask(row(*statements))[0] == "C"


def test_hostile_patterns_leave_cells_undecided_instead_of_occupying_a_worker() -> None:
    wild = [f"arn:aws:sagemaker:*:*:*/*a{'?' * size}b*" for size in range(2, 22)]
    named_policy = named("hostile", allow("sagemaker:*", wild), deny("sagemaker:*", [text[:-1] for text in wild[:10]]))
    matrix = Matrix(Space(load_sagemaker(), "aws", ACCOUNT), load_condition_keys())
    prepared = matrix.prepare([RowInput(PolicyStack((named_policy,)), FACTS)])[0]
    letters = matrix.letters(prepared)
    assert set(letters) == {"U", "I"}
    tried = [cell for cell in matrix._cells.values() if cell.undecided]
    assert 0 < len(tried) <= HARD_CELLS + 20, "beyond the bound no further cell is tried"
    assert matrix.cell(prepared, letters.rindex("U")).undecided


def test_one_pattern_of_many_question_marks_is_told_at_once() -> None:
    pattern = f"{MODELS}*a{'?' * 40}b*"
    assert ask(row(allow("sagemaker:*", pattern)))[0] == "S"
    assert ask(row(allow("sagemaker:*", [f"{MODELS}*{'?' * 40}*"])))[0] == "S"


@pytest.mark.parametrize(
    ("operator", "key", "values"),
    [
        ("IpAddress", "aws:SourceIp", ["0.0.0.0/0", "::/0"]),
        ("Bool", "aws:SecureTransport", ["true", "false"]),
        ("DateGreaterThanEquals", "aws:CurrentTime", "2026-01-01T00:00:00Z"),
    ],
)
def test_only_values_of_a_keys_type_come_between_statements(operator: str, key: str, values: Json) -> None:
    """Any address lies in one of two ranges: no text that is no address silences both statements."""
    absent = allow("sagemaker:*", Condition={"Null": {key: "true"}})
    present = allow("sagemaker:*", Condition={operator: {key: values}})
    before = allow("sagemaker:*", Condition={"DateLessThan": {"aws:CurrentTime": "2026-01-01T00:00:00Z"}})
    assert ask(row(absent, present, *([before] if operator.startswith("Date") else [])))[0] == "A"


@pytest.mark.parametrize("key", ["ec2:SourceInstanceArn", "lambda:SourceFunctionArn", "identitystore:UserId"])
def test_keys_of_a_services_sessions_are_free_for_roles_and_absent_where_known_to_be(key: str) -> None:
    asked = row(allow("sagemaker:*", Condition={"Null": {key: "false"}}))
    assert ask(asked)[0] == "C"
    absent = replace(asked, facts=replace(FACTS, known={**FACTS.known, key.lower(): ()}))
    assert ask(absent)[0] == "I"
    assert ask(row(allow("sagemaker:*", Condition={"Null": {"iam:PassedToService": "false"}})))[0] == "I"
    assert ask(row(allow("sagemaker:*", Condition={"Null": {"sts:ExternalId": "true"}})))[0] == "A"
