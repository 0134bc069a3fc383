"""The live panel of the editor: what a draft grants, and what differs from the published text, in words and rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from policystudio.accounts.models import Account
from policystudio.engine.analyse.compare import compare
from policystudio.engine.analyse.comparison import Comparison, effective_document
from policystudio.engine.analyse.public import no_public_access
from policystudio.engine.analyse.trust import compare_trust
from policystudio.engine.document import Policy, PolicyKind
from policystudio.simulator.document_grants import LEVELS, Grants, grants_of
from policystudio.simulator.documents import parse_or_none
from policystudio.simulator.selectors import condition_keys
from policystudio.web import changes
from policystudio.web.words import count

#: Of the types that a draft touches so many are shown at once; the others open in place.
_SHOWN = 12


@dataclass(frozen=True)
class Panel:
    """What the panel says. ``rows`` and ``more`` are types; ``difference`` is empty where nothing is published."""

    answer: str
    levels: Sequence[str]
    rows: Sequence[Any]
    more: Sequence[Any]
    difference: dict[str, Any]


def of_draft(policy: Policy, published: str | None, account: Account) -> Panel:
    """What a document grants by itself, and against the published text."""
    difference = _difference(policy, published, account)
    if policy.kind is PolicyKind.TRUST:
        return Panel(_of_trust(policy, account), (), (), (), difference)
    if policy.kind is PolicyKind.RESOURCE_CONTROL:
        said = "AWS applies resource control policies to no action of SageMaker: no cell of the simulator changes."
        return Panel(said, (), (), (), difference)
    found = grants_of(policy, account.partition, account.number)
    rows = [kind for kind in found.types if kind.is_touched]
    return Panel(_of_grants(found, policy), LEVELS, rows[:_SHOWN], rows[_SHOWN:], difference)


def _of_grants(found: Grants, policy: Policy) -> str:
    verb = "Lets" if policy.kind is PolicyKind.SERVICE_CONTROL else "Grants"
    through = " through" if policy.kind is PolicyKind.SERVICE_CONTROL else ""
    if not found.possible:
        return f"{verb} nothing of SageMaker{through}."
    return f"{verb} {found.possible:,} of SageMaker's {found.total:,} actions{through}, in whole or in part."


def _of_trust(policy: Policy, account: Account) -> str:
    found = no_public_access(policy, account.number, condition_keys())
    if found.public is None:
        return f"Whether anybody at all can assume the role is undecided: {found.undecided}."
    if found.public:
        return f"Outsiders can assume the role, for example {found.principal}."
    return "Nobody can assume the role but those whom it names."


def _difference(policy: Policy, published: str | None, account: Account) -> dict[str, Any]:
    """What the draft changes; with ``problem`` where the published text is no policy."""
    if published is None:
        return {}
    if published == policy.text:
        return {"answer": "The text is the published one."}
    before = parse_or_none(published, policy.kind)
    if before is None:
        return {"answer": "Not compared: the published text is not a valid policy."}
    if policy.kind is PolicyKind.RESOURCE_CONTROL:
        return {"answer": "The page of the change says who can assume roles that could not, and the reverse."}
    if policy.kind is PolicyKind.TRUST:
        return _shown(compare_trust(before, policy, account.number, condition_keys()))
    return _shown(compare(effective_document(before), effective_document(policy)))


def _shown(comparison: Comparison) -> dict[str, Any]:
    cells, others = changes.sagemaker_cells(comparison.changes)
    examples = (
        ("Newly allowed, for example", comparison.newly_allowed),
        ("Newly denied, for example", comparison.newly_denied),
    )
    same = comparison.no_new_access and comparison.no_lost_access
    return {
        "answer": "It decides every request as the published text does." if same else changes.of_documents(comparison),
        "examples": [pair for pair in examples if pair[1] is not None],
        "types": changes.by_type(cells),
        "services": list(changes.of_services(others)),
        "in_short": changes.services_in_short(others) if others else "",
        "number": count(len(comparison.changes), "change"),
    }
