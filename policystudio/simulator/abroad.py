"""Who may assume roles of an account that is not known here: whom their own policies let, which is not yet enough."""

from collections.abc import Iterable, Iterator

from policystudio.engine.analyse.reach import POSSIBLE
from policystudio.engine.exact.cell import Cell, CellVerdict
from policystudio.engine.matrix.asked import AskedSpace
from policystudio.engine.matrix.shared import SharedCells
from policystudio.simulator.holdings import Holdings
from policystudio.simulator.selectors import condition_keys
from policystudio.simulator.standing import Standing
from policystudio.simulator.trusts import Step, is_sent


def ask_abroad(holdings: Iterable[Holdings], action: str, role: str, owner: str) -> Iterator[tuple[str, Step]]:
    """Users and roles who may perform ``action`` on a role, or any of a pattern, that account ``owner`` owns.

    Each comes with an undecided step: what the role's own account says is not known.
    """
    cell = Cell(CellVerdict.UNDECIDED, undecided=f"account {owner} is not known here, and so is whom its roles trust")
    step = Step(action, role, cell)
    owned: dict[str, tuple[str, ...] | None] = {
        "aws:resourceaccount": (owner,),
        "aws:resourceorgid": None,
        "aws:resourceorgpaths": None,
    }
    for one in holdings:
        space = AskedSpace(action, [role], one.account.partition, owner, is_sent, colons=False)
        standing = Standing(one, SharedCells(space, condition_keys()), owned)
        for row, found in standing.cells_of(0):
            if found.verdict in POSSIBLE and row.kind in ("user", "role"):
                yield row.arn, step
