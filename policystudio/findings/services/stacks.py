"""What is found about an identity as a whole, worked out once for all that the answer depends on."""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping

from policystudio.accounts.models import Account
from policystudio.engine.request import NamedPolicy
from policystudio.findings.checks import needless
from policystudio.findings.checks.account import Stand
from policystudio.findings.checks.found import Found
from policystudio.findings.checks.paths import Paths
from policystudio.findings.checks.version import rules_version
from policystudio.findings.models import StackFindings
from policystudio.simulator.content import Content
from policystudio.simulator.stacks import Subject

#: Identities that are looked at before what was found is kept: a kill loses no more than these.
_BATCH = 200


def of_stacks(
    account: Account, content: Content, about: Mapping[int | None, Stand], alive: Callable[[], None], most: int | None
) -> tuple[list[tuple[Stand, Found]], int]:
    """Paths to other permissions, and policies without effect, of every user and role.

    The second takes long: it is looked for in at most ``most`` identities that are new (None: in all of them). How many
    were left over is the second part of the answer.
    """
    paths = Paths(content, alive)
    signed = {signature: one for signature, one in _signatures(paths) if one.bearer.id in about}
    rows = {row.signature: row for row in StackFindings.objects.filter(account=account).iterator(chunk_size=2000)}
    missing = [signature for signature in signed if signature not in rows]
    for start in range(0, len(missing), _BATCH):
        part = {one: signed[one] for one in missing[start : start + _BATCH]}
        new = [StackFindings(signature=one, account=account, found=found) for one, found in _paths(paths, part).items()]
        StackFindings.objects.bulk_create(new, ignore_conflicts=True)
        rows |= {row.signature: row for row in new}
    open_rows = [rows[one] for one in signed if not rows[one].complete]
    for start in range(0, len(open_rows[:most]), _BATCH):
        part_rows = open_rows[:most][start : start + _BATCH]
        for row in part_rows:
            alive()
            row.found = [*row.found, *(one.as_json() for one in needless.of_subject(signed[row.signature]))]
            row.complete = True
        StackFindings.objects.bulk_update(part_rows, ["found", "complete"])
    _forget(account, rows.keys() - signed.keys())
    found = [
        (about[one.bearer.id], Found.from_json(data))
        for signature, one in signed.items()
        for data in rows[signature].found
    ]
    return found, len(open_rows[:0] if most is None else open_rows[most:])


def _paths(paths: Paths, wanted: Mapping[str, Subject]) -> dict[str, list[Mapping[str, object]]]:
    """The paths of some identities, by their signatures."""
    by_id: dict[int | None, list[Found]] = {one.bearer.id: [] for one in wanted.values()}
    for pk, found in paths.found(list(wanted.values())):
        by_id[pk].append(found)
    return {signature: [found.as_json() for found in by_id[one.bearer.id]] for signature, one in wanted.items()}


def _signatures(paths: Paths) -> Iterator[tuple[str, Subject]]:
    """Each identity with the hash of all that is looked at: itself, and the roles that SageMaker may assume."""
    digests: dict[int, str] = {}

    def digest(named: NamedPolicy) -> str:
        known = digests.get(id(named))
        if known is None:
            text = json.dumps([named.name, named.policy.text])
            known = digests[id(named)] = hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()
        return known

    everywhere = _hash([rules_version(), *sorted([one.arn, str(one.trust.trusted), one.can] for one in paths.passed)])
    for one in paths.known_subjects:
        stack, facts = one.row.stack, one.row.facts
        told: list[object] = [
            everywhere,
            one.bearer.arn,
            [[item.key, item.through, digest(item.named) if item.named else ""] for item in one.policies],
            digest(stack.permissions_boundary) if stack.permissions_boundary else None,
            [[digest(named) for named in level] for level in stack.service_control_policies or ()],
            sorted([key, *values] for key, values in facts.known.items()),
            sorted(facts.closed_prefixes),
        ]
        yield _hash(told), one


def _hash(told: Iterable[object]) -> str:
    return hashlib.sha256(json.dumps(list(told)).encode()).hexdigest()


def _forget(account: Account, signatures: Iterable[str]) -> None:
    """Rows of before, which nobody asks for any more."""
    gone = sorted(signatures)
    for start in range(0, len(gone), 500):
        StackFindings.objects.filter(account=account, signature__in=gone[start : start + 500]).delete()
