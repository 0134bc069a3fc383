"""The findings of a change: which are new and which are gone, in the texts that it edits and of whom it touches."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from policystudio.accounts.models import Account
from policystudio.changes.models import Change, Edit
from policystudio.changes.selectors import edits_of
from policystudio.changes.selectors.words import short_name
from policystudio.engine.document import PolicyKind
from policystudio.findings.checks.account import of_quotas
from policystudio.findings.checks.documents import in_place, of_document
from policystudio.findings.checks.found import Found
from policystudio.findings.checks.paths import Paths
from policystudio.findings.models import TYPES
from policystudio.lib.quotas import policy_size
from policystudio.policies.models import Document
from policystudio.simulator.content import Content, read_content
from policystudio.simulator.overlay import with_edits
from policystudio.simulator.plain import Bearer

#: In this many identities that a change touches it is looked for paths to other permissions.
MOST_IDENTITIES = 300
#: Whose removal or whose text takes findings along.
_TEXTS = {
    Edit.Kind.MANAGED_POLICY: PolicyKind.IDENTITY,
    Edit.Kind.MANAGED_POLICY_DELETE: PolicyKind.IDENTITY,
    Edit.Kind.INLINE_POLICY: PolicyKind.IDENTITY,
    Edit.Kind.INLINE_POLICY_DELETE: PolicyKind.IDENTITY,
    Edit.Kind.TRUST_POLICY: PolicyKind.TRUST,
}


@dataclass(frozen=True, slots=True)
class Told:
    """A finding with where it is in words; ``edit`` is the edit in whose text it stands, None for an identity's."""

    label: str
    found: Found
    edit: Edit | None = None

    def is_alike(self, other: "Told") -> bool:
        """Whether both say the same of the same words of the same text."""
        same = self.edit is not None and self.edit == other.edit and self.found.code == other.found.code
        return same and bool(self.found.content) and self.found.content == other.found.content

    @property
    def rank(self) -> int:
        """How grave it is, 0 the gravest."""
        return TYPES.index(self.found.type)


@dataclass(frozen=True, slots=True)
class ChangeFindings:
    """What a change brings and takes away, the gravest first; ``same`` counts what stays in the texts that it edits.

    ``unlooked`` is how many identities it touches, where these are too many to look for paths.
    """

    new: Sequence[Told] = ()
    gone: Sequence[Told] = ()
    same: int = 0
    unlooked: int = 0


@dataclass
class _Sides:
    """Findings on both sides by what makes them the same one."""

    before: dict[tuple[object, ...], Told] = field(default_factory=dict)
    after: dict[tuple[object, ...], Told] = field(default_factory=dict)

    def result(self, unlooked: int) -> ChangeFindings:
        """What is on one side alone: first by its place, then, of statements that were edited, by its content."""
        new = [told for key, told in self.after.items() if key not in self.before]
        gone = [told for key, told in self.before.items() if key not in self.after]
        for told in list(new):
            same = next((one for one in gone if one.is_alike(told)), None)
            if same is not None:
                new.remove(told)
                gone.remove(same)
        return ChangeFindings(_sorted(new), _sorted(gone), len(self.after) - len(new), unlooked)


def of_change(change: Change) -> ChangeFindings:
    """The findings that are new and gone, matched by code and content, not by line.

    Of texts against what stood there when the edit was begun. Of the identities that an open change touches: their
    quotas, and the paths to other permissions, before and after.
    """
    edits = list(edits_of(change))
    sides, unlooked = _Sides(), 0
    for edit in edits:
        _add_texts(edit, sides)
    if change.is_open and edits:
        unlooked = _add_identities(change.account, edits, sides)
    return sides.result(unlooked)


# Texts.


def _add_texts(edit: Edit, sides: _Sides) -> None:
    kind = edit.policy_kind or _TEXTS.get(Edit.Kind(edit.kind))
    if kind is None and edit.kind != Edit.Kind.ORGANIZATION_POLICY_DELETE:
        return
    kind = kind or PolicyKind(edit.data.get("kind") or PolicyKind.SERVICE_CONTROL)
    base = (edit.base or {}).get("text")
    for side, text in ((sides.before, base), (sides.after, edit.text)):
        if not isinstance(text, str) or not text:
            continue
        for found in of_document(text, kind):
            if in_place(found.code, _attached(edit, kind)):
                side[edit.pk, found.code, found.place] = Told(_label(edit), found, edit)


def _attached(edit: Edit, kind: PolicyKind) -> str:
    if kind is PolicyKind.TRUST:
        return "trust"
    if edit.kind in (Edit.Kind.INLINE_POLICY, Edit.Kind.INLINE_POLICY_DELETE):
        return short_name(edit.target).partition("/")[0]
    return "managed" if kind is PolicyKind.IDENTITY else kind.value


def _label(edit: Edit) -> str:
    if edit.kind in (Edit.Kind.ORGANIZATION_POLICY, Edit.Kind.ORGANIZATION_POLICY_DELETE):
        return str(edit.data.get("name") or edit.target)
    if edit.name or edit.policy_kind is PolicyKind.TRUST:
        return f"{short_name(edit.target)} {edit.name or 'trust policy'}"
    return short_name(edit.target)


# Identities.


def _add_identities(account: Account, edits: Sequence[Edit], sides: _Sides) -> int:
    before = read_content(account)
    after = with_edits(before, edits).content
    touched = touched_by(before, after)
    for content, side in ((before, sides.before), (after, sides.after)):
        known = [pk for pk in touched if pk in content.rows]
        for pk, found in of_quotas(content, lambda digests, here=content: _sizes(here, digests), known):  # type: ignore[misc]  # bound now
            _put(side, content.rows[pk], found)
        if len(touched) <= MOST_IDENTITIES:
            paths = Paths(content)
            wanted = [one for one in paths.known_subjects if one.bearer.id in touched]
            for pk, found in paths.found(wanted):
                _put(side, content.rows[pk], found)
    return len(touched) if len(touched) > MOST_IDENTITIES else 0


def _put(side: dict[tuple[object, ...], Told], bearer: Bearer, found: Found) -> None:
    side[bearer.arn, found.code, found.place] = Told(f"{bearer.kind}/{bearer.name}", found)


def _sizes(content: Content, digests: Collection[str]) -> Mapping[str, int]:
    """The sizes of documents: of drafts, whose text is nowhere else, and of those that there are."""
    own = {digest: content.texts[digest] for digest in digests if digest in content.texts}
    sizes = {digest: policy_size(policy.text) for digest, policy in own.items() if policy is not None}
    rows = Document.objects.filter(digest__in=set(digests) - own.keys()).values_list("digest", "text")
    return sizes | {digest: policy_size(text) for digest, text in rows}


def touched_by(before: Content, after: Content) -> set[int]:
    """The ids of the identities for which anything is different: themselves, their policies, groups, boundary."""
    if before.organization != after.organization or before.unit != after.unit:
        return {*before.rows, *after.rows}
    policies = {pk for pk in {*before.policies, *after.policies} if before.policies.get(pk) != after.policies.get(pk)}
    own = {pk for pk in {*before.rows, *after.rows} if _differs(before, after, pk, policies)}
    members = {pk for pk, groups in after.groups.items() if not own.isdisjoint(groups)}
    return own | members


def _differs(before: Content, after: Content, pk: int, policies: Collection[int]) -> bool:
    old, new = before.rows.get(pk), after.rows.get(pk)
    if old != new or old is None or new is None:
        return True
    parts: Iterator[tuple[object, object]] = (
        (tuple(was.get(pk, ())), tuple(now.get(pk, ())))
        for was, now in (
            (before.attached, after.attached),
            (before.inline, after.inline),
            (before.groups, after.groups),
        )
    )
    if any(was != now for was, now in parts):
        return True
    return new.boundary_id in policies or any(policy in policies for policy in after.attached.get(pk, ()))


def _sorted(found: Iterable[Told]) -> list[Told]:
    return sorted(found, key=lambda one: (one.rank, one.label, (one.found.start or {}).get("offset", 0)))
