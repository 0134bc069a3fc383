"""The simulator's answers: the matrix of an account, the why of one cell, and concrete requests."""

from collections import Counter, OrderedDict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from threading import RLock

from policystudio.accounts.models import Account
from policystudio.engine import globs
from policystudio.engine.authorize import TRUST_ACTIONS, authorize
from policystudio.engine.catalog.load import load_condition_keys, load_sagemaker
from policystudio.engine.catalog.types import Catalog, Column, ConditionKeys
from policystudio.engine.compile import Answer, CompiledStack, compile_stack
from policystudio.engine.decision import Decision
from policystudio.engine.document import Policy
from policystudio.engine.exact.cell import CellVerdict
from policystudio.engine.matrix.lanes import EXACT
from policystudio.engine.matrix.rows import Matrix
from policystudio.engine.matrix.space import Space
from policystudio.engine.request import Context, NamedPolicy, PolicyStack, Request
from policystudio.lib import metrics
from policystudio.simulator.asked import source_for
from policystudio.simulator.content import Source
from policystudio.simulator.question import ColumnFilter, IdentityFilter, Question, WhatIf
from policystudio.simulator.stacks import (
    Bearer,
    Subject,
    SubjectReader,
    bearers,
)

#: Compiled matrices kept in a process, by account, Region and context.
_KEPT = 8
#: A kept matrix with more compiled policies than this is made anew.
_COMPILED_LIMIT = 50_000
#: From so many requests of one identity on its policies are compiled for them.
WORTH_COMPILING = 4
#: Up to this many rows at once have every cell worked out.
EXACT_ROWS = 1_000
#: Rows whose notes are worth reading the database for.
_NOTES_LIMIT = 1_000


@dataclass(frozen=True, slots=True)
class Row:
    """One identity with its letters, one a column of the page."""

    arn: str
    kind: str
    name: str
    path: str
    tags: Mapping[str, str]
    note: str
    verdicts: str
    identity_id: int | None


@dataclass(frozen=True, slots=True)
class MatrixPage:
    """A slice of the matrix. ``total`` counts the identities that the filters let through, on all pages."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    total: int
    offset: int
    limit: int
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SimulateRequest:
    """A concrete question to a stored identity; an empty tuple in ``context`` means that the key is absent."""

    identity_arn: str
    action: str
    resource: str
    context: Mapping[str, tuple[str, ...]]
    resource_account: str = ""


class UnknownIdentity(LookupError):
    """The account has no identity with this ARN."""

    def __init__(self, arn: str) -> None:
        super().__init__(f"the account has no user, group, role or root user `{arn}`")
        self.arn = arn


class UnreadablePolicies(ValueError):
    """Policies that apply to an identity could not be read, so that nothing can be said of it."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(f"cannot decide: {', '.join(names)} could not be read")
        self.names = tuple(names)


@cache
def catalog() -> Catalog:
    """SageMaker's catalogue."""
    return load_sagemaker()


@cache
def condition_keys() -> ConditionKeys:
    """Every condition key that the catalogue knows."""
    return load_condition_keys()


class _Matrices:
    """Compiled matrices of this process. Answers are worked out under the lock of their matrix."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[object, ...], tuple[Matrix, RLock]] = OrderedDict()
        self._lock = RLock()

    def get(self, account: Account, question: Question) -> tuple[Matrix, RLock]:
        """The matrix for an account, a Region and a context."""
        context = tuple(sorted((key.lower(), values) for key, values in question.context.items()))
        key = (account.partition, account.number, question.region, context)
        with self._lock:
            found = self._kept.pop(key, None)
            metrics.looked_up("matrix", found=found is not None)
            if found is None or found[0].compiled_count > _COMPILED_LIMIT:
                space = Space(catalog(), account.partition, account.number, question.region)
                found = Matrix(space, condition_keys()), RLock()
            self._kept[key] = found
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return found


_matrices = _Matrices()


def columns_of(wanted: ColumnFilter) -> tuple[tuple[int, ...], tuple[Column, ...]]:
    """The columns that a filter lets through, with their indexes among all of the catalogue's."""
    every = catalog().columns()
    matches = globs.matcher(globs.parse(_action_pattern(wanted.action)))
    picked = tuple(
        index
        for index, column in enumerate(every)
        if column.access_level in wanted.access_levels
        and (not wanted.types or column.resource_type in wanted.types)
        and matches(column.action.lower())
    )
    return picked, tuple(every[index] for index in picked)


def _action_pattern(text: str) -> str:
    """A glob over full action names; a text without wildcards is looked for anywhere in the name."""
    if not text:
        return "*"
    pattern = text.lower() if ":" in text else f"sagemaker:{text.lower()}"
    if set(text) & set("*?"):
        return pattern
    exact = catalog().action(text)
    return pattern if exact is not None else f"{pattern.partition(':')[0]}:*{pattern.partition(':')[2]}*"


def matrix(
    account: Account,
    question: Question,
    *,
    offset: int = 0,
    limit: int = 100,
    exact: bool | None = None,
    after: str = "",
) -> MatrixPage:
    """The identities from ``offset`` on against the columns, after the question's filters.

    Where the identity ``after`` (an ARN) is among them, they begin behind it, wherever it stands by now.

    With ``question.verdicts`` only identities count that have one of these letters in a shown column. Cells where
    partial resources or conditions meet take the exact path; without ``exact`` they are undecided. By default it is
    taken for up to ``EXACT_ROWS`` rows at once.
    """
    picked, columns = columns_of(question.columns)
    reader = subject_reader(account, question)
    rows = bearers(reader.source, question.identities)
    compiled, lock = _matrices.get(account, question)
    if not question.verdicts:
        offset = _behind(after, [bearer.arn for bearer in rows] if after else [], offset)
    shown = rows if question.verdicts else rows[offset : offset + limit]
    subjects = reader.subjects(shown)
    exact = len(subjects) <= EXACT_ROWS if exact is None else exact
    with lock:
        prepared = compiled.prepare(subject.row for subject in subjects)
        whole = len(picked) == len(compiled.space.columns)
        only = None if whole else frozenset(picked)
        pairs = [
            (subject.bearer, letters if whole else "".join([letters[index] for index in picked]))
            for subject, row in zip(subjects, prepared, strict=True)
            for letters in (compiled.letters(row, exact=exact, only=only).replace(EXACT, CellVerdict.UNDECIDED),)
        ]
    total = len(rows)
    if question.verdicts:
        pairs = [pair for pair in pairs if not question.verdicts.isdisjoint(pair[1])]
        offset = _behind(after, [bearer.arn for bearer, _ in pairs] if after else [], offset)
        total, pairs = len(pairs), pairs[offset : offset + limit]
    notes = notes_of(reader.source, [bearer for bearer, _ in pairs]) if len(pairs) <= _NOTES_LIMIT else {}
    made = tuple(_row(bearer, verdicts, notes) for bearer, verdicts in pairs)
    return MatrixPage(columns, made, total, offset, limit, tuple(problems_of(reader)))


def _behind(after: str, arns: Sequence[str], offset: int) -> int:
    """The index behind an ARN; ``offset`` where it is not among them."""
    return arns.index(after) + 1 if after in arns else offset


def _row(bearer: Bearer, verdicts: str, notes: Mapping[str, str]) -> Row:
    note = notes.get(bearer.arn, "")
    return Row(bearer.arn, bearer.kind, bearer.name, bearer.path, bearer.tags, note, verdicts, bearer.id)


def problems_of(reader: SubjectReader) -> Iterable[str]:
    """What is wrong with the policies that a what-if adds, a sentence each."""
    for written in reader.unknown_added:
        yield f"what if: the account has no managed policy `{written}`"
    for item in (*reader.added, *([reader.boundary] if reader.boundary else [])):
        if item.named is None:
            yield f"what if: the document of `{item.name}` could not be read"


def subject_reader(asked: Account | Source, question: Question) -> SubjectReader:
    """The reader for a question's context, Region and what-if, of the content that it is about.

    Raises ``QuestionError`` where there is no such moment or change.
    """
    source = source_for(asked, question) if isinstance(asked, Account) else asked
    return SubjectReader(source, question.context, question.region, question.what_if)


def subject_of(account: Account, question: Question, arn: str) -> Subject:
    """One identity with everything that applies to it; raises ``UnknownIdentity``."""
    reader = subject_reader(account, question)
    found = bearers(reader.source, IdentityFilter(arns=(arn,)))
    if not found:
        raise UnknownIdentity(arn)
    return reader.subjects(found)[0]


def identity_stack(account: Account, arn: str, what_if: WhatIf | None = None) -> PolicyStack:
    """The policies that apply to an identity; raises ``UnknownIdentity``."""
    return subject_of(account, Question(what_if=what_if or WhatIf()), arn).row.stack


def compiled_matrix(account: Account, question: Question) -> tuple[Matrix, RLock]:
    """The account's matrix for a question's Region and context; use it under the lock."""
    return _matrices.get(account, question)


def simulate(
    account: Account, requests: Sequence[SimulateRequest], what_if: WhatIf | None = None, of: Question | None = None
) -> list[Decision | Answer | UnknownIdentity | UnreadablePolicies]:
    """Decide concrete requests of stored identities, in order. What cannot be decided comes back as its error.

    A request to assume a role of the account is put to that role's trust policy as well. ``of`` says of which moment or
    change they are asked; raises ``QuestionError`` where there is none such.
    """
    question = replace(of or Question(), what_if=what_if or WhatIf())
    arns = tuple(dict.fromkeys(request.identity_arn for request in requests))
    reader = subject_reader(account, question)
    subjects = {item.bearer.arn: item for item in reader.subjects(bearers(reader.source, IdentityFilter(arns=arns)))}
    trusts = trust_policies(
        reader.source, {request.resource for request in requests if request.action.lower() in TRUST_ACTIONS}
    )
    asked = Counter(request.identity_arn for request in requests)
    stacks = {
        arn: compile_stack(subject.row.stack, condition_keys())
        for arn, subject in subjects.items()
        if asked[arn] >= WORTH_COMPILING
    }
    return [
        _simulate(reader, subjects.get(one.identity_arn), one, trusts, stacks.get(one.identity_arn)) for one in requests
    ]


def trust_policies(source: Source, roles: Collection[str]) -> dict[str, Policy | None]:
    """The trust policies of those of the ARNs that are roles of the account; None for one that cannot be read."""
    if not roles:
        return {}
    rows = source.identities(IdentityFilter(frozenset({"role"}), arns=tuple(sorted(roles))))
    policies = source.documents(role.trust_digest for role in rows if role.trust_digest)
    return {role.arn: policies.get(role.trust_digest or "") for role in rows}


def _simulate(
    reader: SubjectReader,
    subject: Subject | None,
    request: SimulateRequest,
    trusts: Mapping[str, Policy | None],
    compiled: CompiledStack | None,
) -> Decision | Answer | UnknownIdentity | UnreadablePolicies:
    if subject is None:
        return UnknownIdentity(request.identity_arn)
    unreadable = (*subject.row.unreadable_identity, *subject.row.unreadable_around)
    if unreadable:
        return UnreadablePolicies(unreadable)
    asked = concrete_request(reader, subject, request.action, request.resource, request.context)
    if request.resource_account:
        asked = Request(asked.principal, asked.action, asked.resource, request.resource_account, asked.context)
    stack = subject.row.stack
    if request.action.lower() in TRUST_ACTIONS and request.resource in trusts:
        trust = trusts[request.resource]
        if trust is None:
            return UnreadablePolicies([f"the trust policy of {request.resource}"])
        stack = replace(stack, resource_policy=NamedPolicy("trust policy", trust, request.resource))
    elif compiled is not None:
        return compiled.decide(asked)
    return authorize(stack, asked, condition_keys())


def concrete_request(
    reader: SubjectReader, subject: Subject, action: str, resource: str, context: Mapping[str, tuple[str, ...]]
) -> Request:
    """A request of the subject. What is known of it counts, ``context`` wins, keys that nobody names are absent."""
    given = {key.lower(): values for key, values in context.items()}
    known = {key: values for key, values in subject.row.facts.known.items() if key not in given}
    unnamed: dict[str, tuple[str, ...]] = {}
    if subject.bearer.kind == "group":
        # A member's name is free; where nobody gave one, the derived placeholder must not be read as a fact.
        unnamed = {key: () for key in ("aws:username", "aws:principalarn") if key not in given and key not in known}
    return Request(reader.principal(subject.bearer), action, resource, "", Context({**unnamed, **known, **context}))


def notes_of(source: Source, rows: Sequence[Bearer]) -> dict[str, str]:
    """A few words for each row, by ARN: a user's groups, a group's members, whom a role trusts."""
    groups = source.group_names([row.id for row in rows if row.kind == "user" and row.id is not None])
    counts = source.member_counts() if any(row.kind == "group" for row in rows) else {}
    trusts = source.documents({row.trust_digest for row in rows if row.trust_digest})
    notes: dict[str, str] = {}
    for row in rows:
        if row.kind == "user":
            notes[row.arn] = ", ".join(groups.get(row.id or 0, ()))
        elif row.kind == "group":
            number = counts.get(row.id or 0, 0)
            notes[row.arn] = f"{number} member{'' if number == 1 else 's'}"
        elif row.kind == "role":
            notes[row.arn] = trust_note(trusts.get(row.trust_digest or ""), source.account)
        else:
            notes[row.arn] = "root user"
    return notes


def trust_note(policy: Policy | None, account: Account) -> str:
    """Whom a trust policy lets in, in a few words; ``trust unreadable`` where it could not be read."""
    if policy is None:
        return "trust unreadable"
    names: dict[str, None] = {}
    for statement in policy.statements:
        if statement.effect == "Allow":
            names |= dict.fromkeys(_trusted(entry.value, account) for entry in statement.principals)
    return ", ".join(names) or "nobody"


def _trusted(value: str, account: Account) -> str:
    if value == "*":
        return "anyone"
    if value.endswith(".amazonaws.com") and "/" not in value:
        return value.removesuffix(".amazonaws.com")
    provider = value.partition(":oidc-provider/")[2] or value.partition(":saml-provider/")[2]
    if provider:
        return provider
    parts = value.split(":", 5)
    number = parts[4] if len(parts) == 6 else value
    if number == account.number:
        return "this account" if parts[-1] in ("root", number) else parts[-1]
    return f"account {number}"
