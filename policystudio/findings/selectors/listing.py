"""Reads of findings: which there are, how many of what, and those of a policy, an identity or an account."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db.models import Count, F, Q, QuerySet, Window
from django.db.models.functions import RowNumber

from policystudio.accounts.models import Account, OrganizationPolicy
from policystudio.findings.models import MAX_ATTEMPTS, TYPES, AccountFindings, Finding, Waiver
from policystudio.findings.selectors.revisions import revision_of
from policystudio.identities.models import Identity
from policystudio.policies.models import ManagedPolicy


@dataclass(frozen=True, slots=True)
class FindingFilter:
    """Which findings are wanted; what is empty lets everything through.

    ``policy`` is the ARN of a managed policy or the id of an organization policy, ``identity`` the ARN of an identity:
    all that it has counts, through groups too. ``waived`` is ``no``, ``yes`` or empty.
    """

    type: str = ""
    code: str = ""
    policy: str = ""
    identity: str = ""
    waived: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether everything is wanted."""
        return not (self.type or self.code or self.policy or self.identity or self.waived)


@dataclass(frozen=True, slots=True)
class CodeCount:
    """A code with the number of its findings, and how many of them are waived."""

    code: str
    type: str
    total: int
    waived: int

    @property
    def open(self) -> int:
        """How many are not waived."""
        return self.total - self.waived


@dataclass(frozen=True, slots=True)
class State:
    """How far an account's findings are: ``worked_at`` None means never, ``current`` that nothing changed since."""

    worked_at: object = None
    current: bool = False
    running: bool = False
    error: str = ""


@dataclass(frozen=True, slots=True)
class Job:
    """The working out of an account's findings as a job: ``state`` as of imports, ``attempts`` at what is there now."""

    state: str
    attempts: int = 0
    asked_at: datetime | None = None
    worked_at: datetime | None = None
    error: str = ""


@dataclass(frozen=True, slots=True)
class TypeCounts:
    """How many findings of each type are not waived, the gravest first; those of AWS's policies left out."""

    by_type: dict[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self.by_type.values())

    @property
    def graver(self) -> Sequence[tuple[str, int]]:
        """The types of which there are any, with their numbers."""
        return [(name, self.by_type[name]) for name in TYPES if self.by_type.get(name)]


def is_waived(today: date) -> Q:
    """Findings whose waiver has not ended."""
    return Q(waiver__until__gte=today)


def findings_of(account: Account, wanted: FindingFilter, today: date, *, folded: bool = False) -> QuerySet[Finding]:
    """The findings that the filter lets through, the gravest first; ``folded`` those of policies that AWS manages."""
    found = Finding.objects.filter(account=account, folded=folded)
    found = found.select_related("identity", "policy", "organization_policy", "waiver__owner")
    return narrowed(found, account, wanted, today).order_by("rank", "code", "id")


def narrowed(found: QuerySet[Finding], account: Account, wanted: FindingFilter, today: date) -> QuerySet[Finding]:
    """The rows of ``found`` that the filter lets through."""
    if wanted.type:
        found = found.filter(type=wanted.type)
    if wanted.code:
        found = found.filter(code=wanted.code)
    if wanted.policy:
        found = found.filter(Q(policy__arn=wanted.policy) | Q(organization_policy__policy_id=wanted.policy))
    if wanted.identity:
        found = found.filter(_of_identity(account, wanted.identity))
    if wanted.waived:
        found = found.filter(is_waived(today)) if wanted.waived == "yes" else found.exclude(is_waived(today))
    return found


def _of_identity(account: Account, arn: str) -> Q:
    """What is about an identity: itself, its policies, and those of its groups."""
    own = Identity.objects.filter(account=account, arn=arn).values("pk")
    groups = Identity.objects.filter(account=account, user_memberships__user__in=own).values("pk")
    attached = ManagedPolicy.objects.filter(
        Q(attachments__identity__in=own) | Q(attachments__identity__in=groups) | Q(bounded_identities__in=own)
    ).values("pk")
    inherited = Q(identity__in=groups) & ~Q(subject=Finding.Subject.IDENTITY)
    return Q(identity__in=own) | inherited | Q(policy__in=attached)


def page_of(found: QuerySet[Finding], limit: int, cursor: str) -> tuple[list[Finding], str]:
    """The findings behind a cursor (empty: from the first on), and the cursor of those that follow; empty at the end.

    Raises ``ValueError`` where the cursor is none.
    """
    if cursor:
        rank, code, pk = cursor.split("~")
        if not (rank.isdecimal() and pk.isdecimal() and len(rank) == 1 and len(pk) < 19) or "\0" in code:
            raise ValueError(cursor)
        later = Q(code__gt=code) | Q(code=code, pk__gt=int(pk))
        found = found.filter(Q(rank__gt=int(rank)) | (Q(rank=int(rank)) & later))
    rows = list(found[: limit + 1])
    if len(rows) <= limit:
        return rows, ""
    last = rows[limit - 1]
    return rows[:limit], f"{last.rank}~{last.code}~{last.pk}"


def finding_get(account: Account, pk: int) -> Finding:
    """One finding of the account; raises ``Finding.DoesNotExist``."""
    related = ("account", "identity", "policy", "organization_policy", "waiver__owner")
    return Finding.objects.select_related(*related).get(account=account, pk=pk)


def counts_by_code(found: QuerySet[Finding], today: date) -> list[CodeCount]:
    """How many of the findings have each code, the gravest first."""
    rows = (
        found.order_by()
        .values("rank", "code", "type")
        .annotate(total=Count("pk"), waived=Count("pk", filter=is_waived(today)))
    )
    return [
        CodeCount(row["code"], row["type"], row["total"], row["waived"])
        for row in rows.order_by("rank", "-total", "code")
    ]


def first_of_each_code(found: QuerySet[Finding], most: int) -> QuerySet[Finding]:
    """The first findings of each code, in the order of the list; those that are waived last."""
    number = Window(RowNumber(), partition_by=F("code"), order_by=[F("waiver_id").asc(nulls_first=True), F("id").asc()])
    return found.annotate(number=number).filter(number__lte=most).order_by("rank", "code", "number")


def counts_by_account(accounts: Iterable[Account], today: date) -> dict[int, TypeCounts]:
    """The findings that count, by type and by the account's primary key; for lists of accounts, in one query."""
    wanted = list(accounts)
    rows = Finding.objects.filter(account__in=wanted, folded=False).exclude(is_waived(today))
    counts: dict[int, TypeCounts] = {account.pk: TypeCounts() for account in wanted}
    for account, kind, number in rows.order_by().values_list("account", "type").annotate(number=Count("pk")):
        counts[account].by_type[kind] = number
    return counts


def of_policy(policy: ManagedPolicy) -> QuerySet[Finding]:
    """The findings of a managed policy's version in force, in the order of its text."""
    return _in_order(Finding.objects.filter(policy=policy))


def of_organization_policy(account: Account, policy: OrganizationPolicy) -> QuerySet[Finding]:
    """The findings of an organization policy, as the account has them."""
    return _in_order(Finding.objects.filter(account=account, organization_policy=policy))


def of_identity(identity: Identity) -> QuerySet[Finding]:
    """The findings of an identity itself, of its inline policies and its trust policy."""
    return Finding.objects.filter(identity=identity).select_related("waiver__owner").order_by("rank", "code", "id")


def _in_order(found: QuerySet[Finding]) -> QuerySet[Finding]:
    return found.select_related("waiver__owner").order_by("start__offset", "rank", "code")


def waivers_of(account: Account) -> QuerySet[Waiver]:
    """The account's waivers, those that end first."""
    return Waiver.objects.filter(account=account).select_related("owner", "account").order_by("until", "code", "id")


def waivers_apart(account: Account) -> QuerySet[Waiver]:
    """The waivers that no finding of a list shows: those of whole codes, and those of what is not found any more."""
    return waivers_of(account).filter(Q(target="") | Q(findings=None)).distinct()


def waiver_get(account: Account, pk: int) -> Waiver:
    """One waiver of the account; raises ``Waiver.DoesNotExist``."""
    return Waiver.objects.select_related("account", "owner").get(account=account, pk=pk)


def is_given_up(state: AccountFindings, revision: str) -> bool:
    """Whether working out this revision failed so often that it is not tried again."""
    return state.attempted == revision and state.attempts >= MAX_ATTEMPTS


def state_of(account: Account) -> State:
    """How far the account's findings are worked out."""
    state = AccountFindings.objects.filter(account=account).first()
    if state is None:
        return State()
    revision = revision_of(account)
    current = state.revision == revision
    failed = not current and is_given_up(state, revision)
    return State(state.worked_at, current, not current and not failed, state.error if failed else "")


def job_of(account: Account) -> Job:
    """The working out of the account's findings, as a job."""
    row = AccountFindings.objects.filter(account=account).first()
    if row is None:
        return Job("queued")
    revision = revision_of(account)
    attempts = row.attempts if row.attempted == revision else 0
    if row.revision == revision:
        return Job("succeeded", max(1, attempts), row.sent_at, row.worked_at)
    if is_given_up(row, revision):
        return Job("failed", attempts, row.sent_at, row.worked_at, row.error)
    return Job("running" if row.lease else "queued", attempts, row.sent_at, row.worked_at)
