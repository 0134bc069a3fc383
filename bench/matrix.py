"""The matrix from compiled policies: 10,000 identities with 2-10 of 100 distinct policies, every cell.

Times are of the processor: other programs on the machine do not count.
"""

import json
from time import process_time
from typing import Any

from policystudio.engine.catalog.load import load_condition_keys, load_sagemaker
from policystudio.engine.exact.facts import Facts
from policystudio.engine.matrix.rows import Matrix, PreparedRow, RowInput
from policystudio.engine.matrix.space import Space
from policystudio.engine.parse import parse_policy
from policystudio.engine.request import NamedPolicy, PolicyStack
from tools.make_bench_accounts import Shape, identities_with_policies, managed_policies

SHAPE = Shape(identities=10_000, policies=100)
TARGET = 100e6
#: Rows whose open cells are worked out by the exact path.
EXACT_ROWS = 500


def main() -> None:
    """Print cells a second from lanes, how many cells lanes leave open, and what the exact path takes for those."""
    space = Space(load_sagemaker(), "aws", SHAPE.account)
    matrix = Matrix(space, load_condition_keys())
    inputs = rows()
    started = process_time()
    prepared = matrix.prepare(inputs)
    print(f"  compiling and preparing {len(inputs):,} rows: {process_time() - started:.2f} s")
    cells = len(prepared) * len(space.columns)
    best = min(timed(matrix, prepared) for _ in range(15))
    print(
        f"  {cells:,} cells: {best * 1000:.0f} ms, {cells / best / 1e6:.0f} million a second",
        f"(target: {TARGET / 1e6:.0f})",
    )
    letters = "".join([matrix.letters(row, exact=False) for row in prepared])
    counts = ", ".join(f"{letter} {letters.count(letter) / cells:.2%}" for letter in "ASCEI?")
    print(f"  verdicts: {counts} (? takes the exact path)")
    started = process_time()
    exact = "".join([matrix.letters(row) for row in prepared[:EXACT_ROWS]])
    seconds = process_time() - started
    print(f"  {EXACT_ROWS} rows with every cell exact: {seconds:.2f} s, undecided {exact.count('U') / len(exact):.2%}")


def timed(matrix: Matrix, prepared: list[PreparedRow]) -> float:
    """The seconds of one pass over all rows."""
    started = process_time()
    for row in prepared:
        matrix.letters(row, exact=False)
    return process_time() - started


def rows() -> list[RowInput]:
    """The identities of the synthetic export as rows; boundaries take part, groups and inline policies do not."""
    policies = {item["Arn"]: policy_of(item) for item in managed_policies(SHAPE)}
    return [row(item, policies) for item in identities_with_policies(SHAPE)]


def policy_of(item: dict[str, Any]) -> NamedPolicy:
    """The default version of a managed policy."""
    document = next(version["Document"] for version in item["PolicyVersionList"] if version["IsDefaultVersion"])
    return NamedPolicy(item["PolicyName"], parse_policy(json.dumps(document)))


def row(item: dict[str, Any], policies: dict[str, NamedPolicy]) -> RowInput:
    """One user or role of the export."""
    attached = tuple(policies[entry["PolicyArn"]] for entry in item["AttachedManagedPolicies"])
    boundary = item.get("PermissionsBoundary")
    tags = {f"aws:principaltag/{tag['Key'].lower()}": (tag["Value"],) for tag in item.get("Tags", ())}
    name = item.get("UserName")
    known = {"aws:principalarn": (item["Arn"],), "aws:username": (name,) if name else (), **tags}
    stack = PolicyStack(attached, policies[boundary["PermissionsBoundaryArn"]] if boundary else None)
    return RowInput(stack, Facts(known, ("aws:principaltag/",)))


if __name__ == "__main__":
    main()
