"""Cells are worked out once for whatever bears on them alike, and never taken for another's."""

from policystudio.engine.catalog.load import load_condition_keys, load_sagemaker
from policystudio.engine.exact.facts import Facts
from policystudio.engine.matrix.rows import Matrix, RowInput
from policystudio.engine.matrix.space import Space
from policystudio.engine.request import NamedPolicy, PolicyStack
from tests.engine.documents import allow, deny, named

ACCOUNT = "111122223333"
MODELS = "arn:aws:sagemaker:*:*:model/"
PARTS = named("parts", allow("sagemaker:*", [f"{MODELS}dev-*", f"{MODELS}*-a"]))
DENIES = named("denies", deny("sagemaker:Delete*", f"{MODELS}*x*"))


def facts(name: str) -> Facts:
    return Facts({"aws:username": (name,), "aws:principalarn": (f"arn:aws:iam::{ACCOUNT}:user/{name}",)})


def new_matrix() -> Matrix:
    return Matrix(Space(load_sagemaker(), "aws", ACCOUNT), load_condition_keys())


def row(name: str, *policies: NamedPolicy) -> RowInput:
    return RowInput(PolicyStack(policies), facts(name))


def answer(matrix: Matrix, asked: RowInput, action: str = "DeleteModel") -> str:
    index = matrix.space.index_of[f"sagemaker:{action}", "model"]
    return matrix.cell(matrix.prepare([asked])[0], index).verdict


def test_rows_with_the_same_policies_share_their_cells_in_any_order_and_request() -> None:
    matrix = new_matrix()
    first = answer(matrix, row("ana", PARTS, DENIES))
    assert matrix.worked_out == 1
    assert answer(matrix, row("bo", DENIES, PARTS)) == first
    assert answer(matrix, row("cy", PARTS, DENIES, PARTS)) == first
    assert matrix.worked_out == 1


def test_a_what_if_that_says_nothing_of_a_cell_shares_it() -> None:
    matrix = new_matrix()
    answer(matrix, row("ana", PARTS))
    answer(matrix, row("ana", PARTS, named("other", allow("sagemaker:CreateApp"))))
    assert matrix.worked_out == 1
    answer(matrix, row("ana", PARTS, DENIES))
    assert matrix.worked_out == 2


def test_what_a_policy_reads_of_the_facts_tells_rows_apart() -> None:
    own = named("own", allow("sagemaker:*", f"{MODELS}${{aws:username}}-*"))
    matrix = new_matrix()
    index = matrix.space.index_of["sagemaker:DeleteModel", "model"]
    ana, bo = matrix.prepare([row("ana", own), row("bo", own)])
    for prepared, name in ((ana, "ana"), (bo, "bo")):
        allowed = matrix.cell(prepared, index).allowed
        assert allowed is not None
        assert f":model/{name}-" in allowed.resource
    assert matrix.worked_out == 2


def test_statements_that_say_the_same_are_one_whichever_policies_they_stand_in() -> None:
    matrix = new_matrix()
    answer(matrix, row("ana", PARTS, DENIES))
    again = named("again", allow("sagemaker:CreateApp"), deny("sagemaker:*", f"{MODELS}*x*"))
    answer(matrix, row("bo", named("one", allow("sagemaker:*", [f"{MODELS}dev-*", f"{MODELS}*-a"])), again))
    assert matrix.worked_out == 1
    old = named("old", allow("sagemaker:*", [f"{MODELS}dev-*", f"{MODELS}*-a"]), version="2008-10-17")
    answer(matrix, row("cy", old, again))
    assert matrix.worked_out == 2


def test_a_statement_beside_one_that_reads_names_is_shared_by_all_names() -> None:
    own = allow("sagemaker:DescribeModel", f"{MODELS}${{aws:username}}-*")
    policy = named("both", own, allow("sagemaker:DeleteModel", f"{MODELS}dev-*"))
    matrix = new_matrix()
    rows = [row(name, policy, DENIES) for name in ("ana", "bo", "cy")]
    assert {answer(matrix, asked) for asked in rows} == {"S"}
    assert matrix.worked_out == 1
    assert {answer(matrix, asked, "DescribeModel") for asked in rows} == {"S"}


def test_a_column_that_sends_a_compared_key_is_not_taken_for_one_that_does_not() -> None:
    """Both columns read the free name in the resource; only creating a model sends the key that is compared to it."""
    statement = allow(
        "sagemaker:*",
        f"{MODELS}${{aws:username}}-*",
        Condition={"StringNotEquals": {"sagemaker:DirectGatedModelAccess": "${aws:username}"}},
    )
    policy = named("compares", statement)
    for first, second in (("CreateModel", "DeleteModel"), ("DeleteModel", "CreateModel")):
        together, group = new_matrix(), Facts({})
        for action in (first, second):
            alone = new_matrix()
            asked = RowInput(PolicyStack((policy,)), group)
            assert answer(together, asked, action) == answer(alone, asked, action)
        assert together.worked_out == 2


def test_new_known_keys_make_no_stale_cells() -> None:
    """Policies are compiled anew when rows bring keys that none had before."""
    tagged = named("tagged", allow("sagemaker:*", Condition={"StringEquals": {"aws:PrincipalTag/team": "ml"}}))
    matrix = new_matrix()
    assert answer(matrix, row("ana", tagged)) == "C"
    for team, letter in (("ml", "A"), ("red", "I"), ("ml", "A")):
        known = Facts({**facts("ana").known, "aws:principaltag/team": (team,)})
        assert answer(matrix, RowInput(PolicyStack((tagged,)), known)) == letter
    assert answer(matrix, row("ana", tagged)) == "C"
