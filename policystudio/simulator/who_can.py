"""Who can do an action on an ARN: every identity with its verdict, directly or by assuming roles, across accounts.

Answers are kept in the process as long as no account that takes part, and no organization of one, has changed.
"""

from collections import Counter, OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from threading import Lock
from typing import cast

from django.db.models import QuerySet

from policystudio.accounts.models import Account
from policystudio.engine.analyse.reach import POSSIBLE, AssumeGraph, Edge, Reach, best, explore
from policystudio.engine.exact.cell import Cell, CellVerdict
from policystudio.engine.matrix.asked import AskedSpace
from policystudio.engine.matrix.shared import SharedCells
from policystudio.simulator.abroad import ask_abroad
from policystudio.simulator.asked import Sources
from policystudio.simulator.assuming import Assuming
from policystudio.simulator.concrete import tags_of
from policystudio.simulator.directory import forget_directories
from policystudio.simulator.holdings import RCP_SERVICES, Holdings
from policystudio.simulator.outsiders import Outsider
from policystudio.simulator.selectors import condition_keys
from policystudio.simulator.stacks import Bearer, Values
from policystudio.simulator.standing import Standing
from policystudio.simulator.trusts import ASSUME_ROLE, Step
from policystudio.simulator.who_can_question import WhoCanQuestion

_ByRoles = Callable[[str], CellVerdict | None]
#: How many chains are told of one principal.
CHAINS = 5
#: Answers kept in a process.
_KEPT = 16
_NEVER = Cell(CellVerdict.IMPLICIT_DENY)
#: Services whose resources may have policies of their own.
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_aws-services-that-work-with-iam.html
RESOURCE_POLICY_SERVICES = frozenset(
    {
        *("acm-pca", "aoss", "apigateway", "backup", "backup-storage", "bedrock", "cloudtrail", "codeartifact"),
        *("codebuild", "dynamodb", "ecr", "ecr-public", "elasticfilesystem", "es", "events", "execute-api", "glacier"),
        *("glue", "iot", "kinesis", "kms", "lambda", "lex", "logs", "mediastore", "network-firewall", "ram"),
        *("redshift-serverless", "refactor-spaces", "rolesanywhere", "s3", "s3-object-lambda", "s3-outposts"),
        *("s3express", "s3tables", "schemas", "secretsmanager", "serverlessrepo", "ses", "signer", "sns", "sqs"),
        *("ssm", "ssm-contacts", "ssm-incidents", "vpc-lattice", "vpce"),
    }
)
#: SageMaker's types to which policies can be attached.
RESOURCE_POLICY_TYPES = frozenset(
    {"model-package-group", "endpoint", "lineage-group", "feature-group", "hub", "pipeline"}
)


@dataclass(slots=True)
class Found:
    """One principal: an identity of an account, or an ``outsider`` whom a trust policy names.

    ``direct`` is its own cell, ``by_roles`` the best verdict by assuming roles (None: not at all), ``verdict`` the best
    of both, and ``hops`` how many roles it takes at least.
    """

    arn: str
    kind: str
    name: str
    account: str
    direct: Cell
    by_roles: CellVerdict | None
    verdict: CellVerdict
    hops: int
    bearer: Bearer | None = None
    outsider: Outsider | None = None

    @property
    def is_possible(self) -> bool:
        """Whether it can, at least in some cases, or may be able to."""
        return self.verdict in POSSIBLE


@dataclass(frozen=True)
class Answer:
    """Everybody, the people of the asked account first, and what it rests on.

    ``cut`` tells that more hops would add somebody. Direct cells rest on ``standing``, or on ``steps`` (by ARN) where a
    role's trust policy decides.
    """

    account: Account
    question: WhoCanQuestion
    rows: tuple[Found, ...]
    cut: bool
    notes: tuple[str, ...]
    reach: Reach
    space: AskedSpace
    accounts: Mapping[str, Account]
    holdings: Mapping[str, Holdings]
    standing: Standing | None
    steps: Mapping[str, Step]
    lock: Lock = field(default_factory=Lock, compare=False)

    @cached_property
    def by_arn(self) -> Mapping[str, Found]:
        """The rows by ARN."""
        return {row.arn: row for row in self.rows}

    @cached_property
    def verdicts(self) -> Counter[str]:
        """How many have each verdict, by its letter."""
        return Counter(row.verdict.value for row in self.rows)

    def chosen(self, question: WhoCanQuestion) -> list[Found]:
        """The rows that the question's filters let through."""
        return [
            row
            for row in self.rows
            if (not question.verdicts or row.verdict.value in question.verdicts)
            and (not question.direct or row.direct.verdict in POSSIBLE)
        ]

    def chains(self, row: Found) -> tuple[list[tuple[Step, ...]], bool]:
        """The best chains of roles by which a principal gets there, and whether there are more."""
        if row.by_roles is None:
            return [], False
        chains, more = self.reach.chains(row.arn, CHAINS)
        return [tuple(_step(edge) for edge in chain) for chain in chains], more


def _step(edge: Edge) -> Step:
    return cast("Step", edge.detail)


class _Answers:
    """The latest answers of this process, by what they were worked out of."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[object, ...], Answer] = OrderedDict()
        self._lock = Lock()

    def get(self, key: tuple[object, ...]) -> Answer | None:
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
            return found

    def clear(self) -> None:
        with self._lock:
            self._kept.clear()

    def put(self, key: tuple[object, ...], answer: Answer) -> None:
        with self._lock:
            self._kept[key] = answer
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)


_answers = _Answers()


def forget_answers() -> None:
    """Forget every answer, and what accounts hold, as a new process knows neither."""
    _answers.clear()
    forget_directories()


def who_can(account: Account, question: WhoCanQuestion, visible: QuerySet[Account]) -> Answer:
    """Answer for everybody in the account, and for those of the ``visible`` ones who get there.

    The answer holds all rows; ``Answer.chosen`` applies the question's filters. Raises ``QuestionError`` where there is
    no such moment or change to be asked about.
    """
    stamps = _stamps(visible)
    context = tuple(sorted((key.lower(), values) for key, values in question.context.items()))
    moment = _moment(account, question)
    key = (account.number, question.action, question.resource, question.owner, question.hops, context, stamps, moment)
    found = _answers.get(key)
    if found is None:
        # The visible ones were read just now: a directory is kept by the account's revision.
        accounts = {account.number: account, **{one.number: one for one in visible}}
        sources = Sources(accounts[account.number], question.moment, accounts.values())
        found = _Asking(account, question.everything, accounts, sources).answer()
        if _stamps(visible) == stamps:
            _answers.put(key, found)
    return found


def _stamps(visible: QuerySet[Account]) -> tuple[object, ...]:
    """The revisions of all accounts that may take part, and of their organizations."""
    fields = ("number", "name", "revision", "unit__organization_id", "unit__organization__revision")
    return tuple(visible.order_by("number").values_list(*fields))


def _moment(account: Account, question: WhoCanQuestion) -> tuple[object, ...]:
    """Of when it is asked: a change by its version, as its edits may change."""
    number = question.change
    version = None if number is None else account.changes.filter(number=number).values_list("version", "state").first()
    return question.at, number, version


class _Asking:
    """Works out one answer."""

    def __init__(
        self, account: Account, question: WhoCanQuestion, accounts: Mapping[str, Account], sources: Sources
    ) -> None:
        self.account, self.question, self.sources = account, question, sources
        self.accounts = {number: one for number, one in accounts.items() if number in sources.numbers}
        self.holdings: dict[str, Holdings] = {}
        self.graph = AssumeGraph()
        self.assuming = Assuming(self.graph, self.accounts, self.holdings_of, question.context)
        self.space = AskedSpace(
            question.action,
            [question.resource],
            account.partition,
            question.owner,
            cache(question.sends),
            colons=question.colons,
            regional=question.regional,
        )
        self.notes = list(sources.notes)
        self.standing: Standing | None = None
        self.steps: dict[str, Step] = {}

    def holdings_of(self, number: str) -> Holdings:
        """What an account holds about the question."""
        found = self.holdings.get(number)
        if found is None:
            actions = {self.question.action, ASSUME_ROLE} if number == self.question.owner else {ASSUME_ROLE}
            actions |= {self.question.action} if self.question.by_trust else set()
            found = self.holdings[number] = Holdings(self.sources.of(number), sorted(actions), self.question.context)
        return found

    def answer(self) -> Answer:
        """Everybody's own cells, then the chains to those roles that can."""
        direct = self._direct()
        targets = {
            arn: cell.verdict for arn, cell in direct.items() if cell.verdict in POSSIBLE and arn in self.assuming.roles
        }
        targets |= dict.fromkeys(self.assuming.abroad, CellVerdict.UNDECIDED)
        hops = self.question.hops
        reach = Reach(self.graph, targets, 0, {}, False)
        if hops:
            reach = explore(self.graph, targets, self.assuming.add_callers, hops)
        rows = tuple(self._rows(direct, reach))
        self._note()
        return Answer(
            self.account,
            self.question,
            rows,
            reach.cut,
            tuple(self.notes),
            reach,
            self.space,
            self.accounts,
            self.holdings,
            self.standing,
            self.steps,
        )

    def _direct(self) -> dict[str, Cell]:
        """The cells of those who need assume no role; others have none."""
        owner = self.question.owner
        if owner not in self.accounts:
            return self._abroad()
        self.assuming.know(self.holdings_of(owner))
        if self.question.by_trust:
            return self._by_trust()
        cells = SharedCells(self.space, condition_keys())
        resource_policies = self.question.service in RCP_SERVICES
        facts = self._facts_of_resource()
        self.standing = Standing(self.holdings_of(owner), cells, facts, resource_policies=resource_policies)
        return {row.arn: cell for row, cell in self.standing.cells_of(0)}

    def _abroad(self) -> dict[str, Cell]:
        """Where the owner is not known: who may be let in there, if its policies do."""
        owner, question = self.question.owner, self.question
        holdings = [self.holdings_of(number) for number in sorted(self.accounts)]
        for one in holdings:
            self.assuming.know(one)
        if question.by_trust:
            self.notes.append(
                f"Account {owner}, which owns the role, is not known here, and so is whom the role trusts."
            )
            return {arn: step.cell for arn, step in ask_abroad(holdings, question.action, question.resource, owner)}
        self.notes.append(
            f"Account {owner}, which owns the resource, is not known here: what its roles can do, and whom they trust, "
            "is not told."
        )
        self.assuming.abroad.add(f"arn:{self.account.partition}:iam::{owner}:role/*")
        return {}

    def _facts_of_resource(self) -> dict[str, Values | None]:
        """What requests on SageMaker's resources carry: the Region in the ARN, and the tags of one that is known."""
        resource = self.question.resource
        if self.question.service != "sagemaker" or resource == "*":
            return {}
        region = resource.split(":")[3]
        known: dict[str, Values | None] = {}
        if region and not set(region) & set("*?"):
            known["aws:requestedregion"] = (region,)
        tags = tags_of(self.accounts[self.question.owner], [resource]).get(resource)
        prefixes = ("aws:resourcetag/", "sagemaker:resourcetag/")
        for prefix in prefixes if tags is not None else ():
            known |= {prefix: ()} | {f"{prefix}{key.lower()}": (str(value),) for key, value in (tags or {}).items()}
        return known

    def _by_trust(self) -> dict[str, Cell]:
        """For an action that a role's trust policy decides: who may perform it on the role."""
        graph, role = AssumeGraph(), self.question.resource
        asking = Assuming(graph, self.accounts, self.holdings_of, self.question.context)
        asking.know(self.holdings_of(self.question.owner))
        if role not in asking.roles:
            self.notes.append("The role is not known here, so nothing can be said of whom it trusts.")
        asking.ask(role, self.question.action)
        self.assuming.roles |= asking.roles
        self.assuming.unread |= asking.unread
        self.assuming.outsiders |= asking.outsiders
        self.steps |= asking.denied
        for arn in graph.callers([role]):
            steps = [_step(edge) for edge in graph.steps(arn)]
            verdict = best(step.cell.verdict for step in steps)
            self.steps[arn] = next(step for step in steps if step.cell.verdict is verdict)
        return {arn: step.cell for arn, step in self.steps.items()}

    def _rows(self, direct: Mapping[str, Cell], reach: Reach) -> list[Found]:
        by_roles = reach.verdicts()
        own = self.holdings_of(self.account.number).rows
        rows = [self._row(row, self.account.number, direct, by_roles, reach) for row in own]
        for number in sorted(self.holdings.keys() - {self.account.number}):
            others = (self._row(row, number, direct, by_roles, reach) for row in self.holdings[number].rows)
            rows += [row for row in others if row.is_possible]
        return rows + [row for row in self._outside(direct, by_roles, reach) if row.is_possible]

    def _row(self, row: Bearer, number: str, direct: Mapping[str, Cell], by_roles: _ByRoles, reach: Reach) -> Found:
        cell = direct.get(row.arn, _NEVER)
        through = by_roles(row.arn) if row.arn in reach.distances and row.kind in ("user", "role") else None
        if through is None:
            return Found(row.arn, row.kind, row.name, number, cell, None, cell.verdict, 0, row)
        hops = 0 if cell.verdict in POSSIBLE else reach.distances[row.arn]
        return Found(row.arn, row.kind, row.name, number, cell, through, _better(cell.verdict, through), hops, row)

    def _outside(self, direct: Mapping[str, Cell], by_roles: _ByRoles, reach: Reach) -> list[Found]:
        rows = []
        for arn, one in self.assuming.outsiders.items():
            cell, through = direct.get(arn, _NEVER), by_roles(arn)
            verdict = cell.verdict if through is None else _better(cell.verdict, through)
            hops = 0 if cell.verdict in POSSIBLE else reach.distances.get(arn, 0)
            rows.append(Found(arn, one.kind, one.name, one.account, cell, through, verdict, hops, outsider=one))
        return rows

    def _note(self) -> None:
        """What the answer cannot tell, in sentences."""
        question = self.question
        typed = set(question.types) & RESOURCE_POLICY_TYPES
        if question.service == "kms":
            self.notes.append(
                "Key policies are not stored: these are the verdicts of the other policies, where the key policy lets "
                "the account decide, as the default one does."
            )
        elif question.service in RESOURCE_POLICY_SERVICES or typed:
            what = f"resources of type {', '.join(sorted(typed))}" if typed else f"resources of {question.service}"
            self.notes.append(
                f"Policies of {what} are not stored: one may deny what is said here, or allow somebody else, also in "
                "other accounts."
            )
        if question.service == "sagemaker" and question.resource != "*" and not question.types:
            self.notes.append(f"{question.action} does not act on a resource with such an ARN.")
        if self.assuming.unread:
            names = ", ".join(sorted(arn.rpartition("/")[2] for arn in self.assuming.unread))
            self.notes.append(f"Whom these roles trust could not be read: {names}.")


def _better(one: CellVerdict, other: CellVerdict) -> CellVerdict:
    """The better of two verdicts; of two that are not possible the first."""
    return best(verdict for verdict in (one, other) if verdict in POSSIBLE) or one
