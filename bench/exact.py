"""The exact path over AWS's own managed policies: each alone, random threes with a boundary, and telling threes.

Times are of the processor: other programs on the machine do not count.
"""

import gc
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from importlib.machinery import SourceFileLoader
from importlib.util import find_spec, module_from_spec, spec_from_loader
from pathlib import Path
from random import Random
from statistics import median, quantiles
from time import process_time

from policystudio.apps import spare_what_lives_long
from policystudio.engine.catalog.load import load_condition_keys, load_sagemaker
from policystudio.engine.exact.cell import Cell
from policystudio.engine.exact.facts import Facts
from policystudio.engine.matrix.rows import Matrix, RowInput
from policystudio.engine.matrix.space import Space
from policystudio.engine.parse import parse_policy
from policystudio.engine.request import NamedPolicy, PolicyStack

ACCOUNT = "123456789012"
SEED = 20_260_101
THREES = 1_000
#: Letters that say more than yes or no, and the sign of a cell that lanes do not tell.
NON_TRIVIAL = frozenset("SC?")


def main() -> None:
    """Print for both kinds of stacks: the whole matrix in a fresh process, then every non-trivial cell by itself."""
    policies = managed_policies()
    spare_what_lives_long()  # the policies now do, too
    alone = [row([policy]) for policy in policies]
    random = Random(SEED)
    threes = [row(random.sample(policies, 3), random.choice(policies)) for _ in range(THREES)]
    telling = [policy for policy, asked in zip(policies, alone, strict=True) if says_something(asked)]
    denser = [row(random.sample(telling, 3), random.choice(telling)) for _ in range(THREES)]
    print(f"  {len(policies):,} managed policies of AWS; threes with a fourth as boundary by seed {SEED}")
    print(f"  {len(telling):,} of them say something of SageMaker: most threes of all policies allow nothing of it")
    kinds = (("alone", alone, "0"), ("threes", threes, "under 0.1%"), ("threes of those", denser, "under 0.1%"))
    for label, rows, goal in kinds:
        whole_matrix(label, rows)
        cell_by_cell(label, rows, goal)


def says_something(asked: RowInput) -> bool:
    """Whether a policy allows or denies something of SageMaker."""
    matrix = new_matrix()
    return bool(set(matrix.letters(matrix.prepare([asked])[0], exact=False)) - {"I"})


def whole_matrix(label: str, rows: Sequence[RowInput]) -> None:
    """Every row of one matrix with all its cells, as a page of the simulator asks for them."""
    started = process_time()
    matrix = new_matrix()
    letters = "".join([matrix.letters(row) for row in matrix.prepare(rows)])
    seconds = process_time() - started
    undecided = letters.count("U") / len(letters)
    print(f"  {label}: {len(rows):,} rows, {len(letters):,} cells at once: {seconds:.2f} s, undecided {undecided:.4%}")


def cell_by_cell(label: str, rows: Iterable[RowInput], goal: str) -> None:
    """Every non-trivial cell, each row in a matrix of its own, so that nothing is known from another row."""
    cells, times = 0, []
    undecided: Counter[str] = Counter()
    gc.disable()  # every row leaves a whole matrix behind, which no process of Policy Studio does
    for number, row in enumerate(rows):
        if number % 100 == 0:
            gc.collect()
        for seconds, cell in timed_cells(row):
            cells += 1
            times.append(seconds)
            if cell.undecided:
                undecided[cell.undecided] += 1
    gc.enable()
    share = undecided.total() / cells
    worst, usual, rare = max(times), median(times), quantiles(times, n=100)[-1]
    print(
        f"  {label}: {cells:,} non-trivial cells: median {usual * 1e6:.0f} µs, 99% within {rare * 1e3:.2f} ms,",
        f"worst {worst * 1e3:.0f} ms; undecided {share:.4%} (goal: {goal})",
    )
    for reason, count in undecided.most_common():
        print(f"    {count:,} undecided: {reason}")


def timed_cells(row: RowInput) -> Iterator[tuple[float, Cell]]:
    """The non-trivial cells of a row by the exact path, with the seconds that each took."""
    matrix = new_matrix()
    prepared = matrix.prepare([row])[0]
    for index, letter in enumerate(matrix.letters(prepared, exact=False)):
        if letter in NON_TRIVIAL:
            started = process_time()
            cell = matrix.cell(prepared, index)
            yield process_time() - started, cell


def new_matrix() -> Matrix:
    """A matrix that has seen nothing yet."""
    return Matrix(Space(load_sagemaker(), "aws", ACCOUNT), load_condition_keys())


def row(policies: Sequence[NamedPolicy], boundary: NamedPolicy | None = None) -> RowInput:
    """A user with these policies."""
    arn = f"arn:aws:iam::{ACCOUNT}:user/dana"
    known = {
        "aws:principalarn": (arn,),
        "aws:principalaccount": (ACCOUNT,),
        "aws:resourceaccount": (ACCOUNT,),
        "aws:principaltype": ("User",),
        "aws:principalisawsservice": ("false",),
        "aws:username": ("dana",),
        "aws:userid": ("AIDAEXAMPLEDANA",),
        "aws:principaltag/team": ("ml",),
    }
    return RowInput(PolicyStack(tuple(policies), boundary), Facts(known, ("aws:principaltag/",)))


def managed_policies() -> list[NamedPolicy]:
    """The policies that the `moto` wheel carries, by their names."""
    return [NamedPolicy(name, parse_policy(text)) for name, text in sorted(managed_documents().items())]


def managed_documents() -> dict[str, str]:
    """The texts of the policies that the `moto` wheel carries as data; only that one file of it is loaded."""
    package = find_spec("moto")
    if package is None or package.origin is None:
        raise SystemExit("the benchmark needs `moto`, which requirements-dev.txt names")
    path = Path(package.origin).parent / "iam" / "aws_managed_policies.py"
    loader = SourceFileLoader("bench_managed_policies", str(path))
    spec = spec_from_loader(loader.name, loader)
    if spec is None:
        raise SystemExit(f"{path} cannot be loaded")
    module = module_from_spec(spec)
    loader.exec_module(module)
    items = json.loads(module.aws_managed_policies_data)
    return {name: json.dumps(item["Document"]) for name, item in items.items()}


if __name__ == "__main__":
    main()
