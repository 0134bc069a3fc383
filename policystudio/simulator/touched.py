"""Whom a change of an account's content touches: identities to which other policies or facts apply than before."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from policystudio.accounts.selectors import OrganizationLevel
from policystudio.simulator.content import Content
from policystudio.simulator.plain import Bearer, root_bearer


@dataclass(frozen=True, slots=True)
class Touched:
    """An identity before and after; None where there is none of that ARN."""

    before: Bearer | None
    after: Bearer | None

    @property
    def bearer(self) -> Bearer:
        """The identity as it is told of: as it will be, or as it was."""
        found = self.after or self.before
        assert found is not None  # noqa: S101 -- one of them is there, or there would be nothing to tell
        return found


def touched(before: Content, after: Content) -> list[Touched]:
    """The identities that something differs for which may bear on a decision, in the order of the simulator's rows."""
    everyone = levels_differ(before, after)
    found = _arns(before, after) if not everyone else {**dict.fromkeys(before.by_arn), **dict.fromkeys(after.by_arn)}
    pairs = [Touched(before.by_arn.get(arn), after.by_arn.get(arn)) for arn in found]
    order = {"user": 0, "group": 1, "role": 2, "root": 3}
    pairs.sort(key=lambda pair: (order[pair.bearer.kind], pair.bearer.name.lower()))
    if everyone:
        root = root_bearer(after.account)
        pairs.append(Touched(root, root))
    return pairs


def levels_differ(before: Content, after: Content, kind: str = "scp") -> bool:
    """Whether the account stands under other policies of its organization, or elsewhere in it."""
    if before.organization is after.organization and before.unit == after.unit:
        return False
    places = [(one.organization_path(), one.is_management) for one in (before, after)]
    return places[0] != places[1] or _said(before.levels(kind)) != _said(after.levels(kind))


def _said(levels: Sequence[OrganizationLevel] | None) -> list[list[str]] | None:
    return None if levels is None else [sorted(policy.text for policy in level.policies) for level in levels]


def _arns(before: Content, after: Content) -> dict[str, None]:
    """Those whose own rows differ, who have a policy that does, or are in a group of which that is true."""
    changed = {*_differing_rows(before, after), *_having(before, set(_differing_policies(before, after)))}
    found: dict[str, None] = {}
    groups: set[int] = set()
    for side in (before, after):
        for pk, row in side.rows.items():
            if pk in changed:
                found[row.arn] = None
                groups |= {pk} if row.kind == "group" else set()
    for side in (before, after):
        for user, members_of in side.groups.items():
            if not groups.isdisjoint(members_of):
                found[side.rows[user].arn] = None
    return found


def _differing_rows(before: Content, after: Content) -> Iterator[int]:
    """The identities that differ, but for their policies. Most rows of a draft are those of what it began with."""
    for told in ("rows", "groups", "attached", "inline"):
        one, other = getattr(before, told), getattr(after, told)
        unlike = [pk for pk in one.keys() | other.keys() if one.get(pk) is not other.get(pk)]
        yield from (pk for pk in unlike if one.get(pk) != other.get(pk))


def _having(before: Content, policies: set[int]) -> Iterator[int]:
    """The identities that have one of some policies attached or as their boundary."""
    if policies:
        yield from (pk for pk, found in before.attached.items() if not policies.isdisjoint(found))
        yield from (pk for pk, row in before.rows.items() if row.boundary_id in policies)


def _differing_policies(before: Content, after: Content) -> Iterator[int]:
    for pk in before.policies.keys() | after.policies.keys():
        one, other = before.policies.get(pk), after.policies.get(pk)
        if one is not other and one != other:
            yield pk
