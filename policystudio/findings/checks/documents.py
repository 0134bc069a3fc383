"""What there is to find in a document by itself: what the rules say, and its statements that have no effect."""

from collections.abc import Iterator
from functools import lru_cache

from policystudio.engine.analyse.elements import Part
from policystudio.engine.analyse.shadow import KINDS, PAGE_BUDGET
from policystudio.engine.document import PolicyKind
from policystudio.engine.lint.finding import Finding, FindingType, Place, Step, location_json
from policystudio.engine.lint.registry import lint_document
from policystudio.engine.lint.tree import Document
from policystudio.engine.parse import PolicyError, parse_policy
from policystudio.engine.request import NamedPolicy
from policystudio.findings.checks.codes import made
from policystudio.findings.checks.found import Found
from policystudio.findings.checks.places import Places
from policystudio.simulator.redundancy import of_document as redundant_in
from policystudio.simulator.redundancy import told

#: Of documents beyond this many characters it is not looked for statements without effect, which takes long.
LONGEST = 40_000


@lru_cache(maxsize=1000)
def of_document(text: str, kind: PolicyKind) -> tuple[Found, ...]:
    """All findings of a text, in its order; kept for as long as the process lives, as a text never changes."""
    document = Document.read(text, kind)
    places = Places(document)
    found = [_of_rule(finding, document, places) for finding in lint_document(document)]
    if kind in KINDS and document.flaw is None and len(text) <= LONGEST:
        found += [one for one in _without_effect(document, places) if not any(_explains(other, one) for other in found)]
    return tuple(sorted(found, key=lambda one: ((one.start or {}).get("offset", 0), one.code)))


def _of_rule(finding: Finding, document: Document, places: Places) -> Found:
    more = location_json(finding.places[0], document.source)
    return Found(
        finding.code,
        finding.type.value,
        finding.source.value,
        finding.message,
        places.key(finding.code, finding.places),
        more["path"],
        more["start"],
        more["end"],
        tuple((place.start, place.end) for place in finding.places),
        content=places.content(finding.places),
    )


def _explains(other: Found, one: Found) -> bool:
    """Whether another finding says why a statement has no effect: an error in it, or that it stands there twice."""
    if other.type != FindingType.ERROR and other.code != "REDUNDANT_STATEMENT":
        return False
    start, end = one.marks[0]
    return any(start <= mark[0] and mark[1] <= end for mark in other.marks)


def _without_effect(document: Document, places: Places) -> Iterator[Found]:
    """Statements without which the document allows exactly the same."""
    try:
        policy = parse_policy(document.source.text, document.kind)
    except PolicyError:
        return
    code = "STUDIO_STATEMENT_WITHOUT_EFFECT"
    listed = document.elements["Statement"].value.type == "array"
    for one in told(redundant_in(NamedPolicy("policy", policy), PAGE_BUDGET)):
        if one.element.part is not Part.STATEMENT:
            continue
        index = policy.statements[one.element.statement].index
        path = ((Step.VALUE, "Statement"), *(((Step.INDEX, index),) if listed else ()))
        place = Place(path, one.start, one.end)
        yield made(
            code,
            f"{one.message[:1].upper()}{one.message[1:]}.",
            places.key(code, (place,)),
            **location_json(place, document.source),
            marks=((one.start, one.end),),
            evidence={"statement": index},
            content=places.content((place,)),
        )


#: Which of the quotas by attachment is about a policy, by what it is: the others are about what it is not.
_TOO_LARGE = "STUDIO_TOO_LARGE_FOR_"
_FITTING = {
    "managed": "MANAGED_POLICY",
    "boundary": "MANAGED_POLICY",
    "user": "USER_INLINE",
    "group": "GROUP_INLINE",
    "role": "ROLE_INLINE",
    "trust": "TRUST_POLICY",
}


#: What is risky to allow, which a policy that is a boundary alone does to nobody.
_ALLOWING = ("STUDIO_ESCALATION_", "STUDIO_PRESIGNED_URL_", "STUDIO_CREATE_")


def in_place(code: str, attached: str) -> bool:
    """Whether a finding of a document counts for a ``managed`` policy, a ``boundary``, inline to a ``user``, …"""
    if attached == "boundary" and code.startswith(_ALLOWING):
        return False
    return not code.startswith(_TOO_LARGE) or code == f"{_TOO_LARGE}{_FITTING.get(attached, '')}"
