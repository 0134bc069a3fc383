"""The first line of a page: the answer to its title, in words, from the data."""

from collections.abc import Mapping, Sequence

from policystudio.accounts.models import Account, Membership, OrganizationMembership, OrganizationPolicy, Role
from policystudio.accounts.selectors import OrganizationLevel
from policystudio.awssync.models import MAX_ATTEMPTS, ImportJob
from policystudio.clients.models import ServiceClient
from policystudio.clients.selectors import ClientFacts
from policystudio.engine.document import Effect, PolicyKind
from policystudio.engine.exact.cell import CellVerdict
from policystudio.engine.parse import PolicyError, parse_policy
from policystudio.identities.selectors import KindFacts
from policystudio.policies.models import ManagedPolicy, PolicyVersion
from policystudio.policies.selectors import PolicyFacts
from policystudio.simulator.ability import TRAINING, Ability, Passing
from policystudio.simulator.selectors import catalog
from policystudio.simulator.together import required_types, weakest
from policystudio.simulator.what_can import NEVER, POSSIBLE, Summary
from policystudio.simulator.what_can_words import sentence_of, text_of
from policystudio.web.headlines import TASKS
from policystudio.web.words import count, listing, sentence

_A = {
    Role.VIEWER: "a viewer",
    Role.AUTHOR: "an author",
    Role.APPROVER: "an approver",
    Role.ADMINISTRATOR: "an administrator",
}
Levels = Sequence[OrganizationLevel] | None


def of_accounts(accounts: Sequence[Account], identities: int) -> str:
    """How many accounts, how much is in them, and which of them were never read."""
    if not accounts:
        return "None yet."
    said = f"{count(len(accounts), 'account')} with {count(identities, 'identity', 'identities')}."
    unread = [account.name for account in accounts if account.read_at is None]
    if unread:
        shown = unread if len(unread) <= 4 else [*unread[:3], f"{len(unread) - 3} more"]
        said += f" Never read: {listing(shown)}."
    return said


def of_account(account: Account, counts: Mapping[str, int], service_control: Levels) -> str:
    """What is in the account, and what stands above it."""
    parts = [count(counts[f"{kind}s"], kind) for kind in ("user", "group", "role")]
    said = (
        f"{listing(parts)} with {count(counts['policies'], 'managed policy', 'managed policies')}; "
        f"{count(counts['resources'], 'SageMaker resource')} {'is' if counts['resources'] == 1 else 'are'} known."
    )
    organization = account.organization
    if organization is None:
        return sentence(f"{said} The account is in no organization that is known here")
    if account.is_management:
        return sentence(f"{said} It is the management account of {organization}, which no organization policy limits")
    limits = _distinct(service_control)
    return sentence(
        f"{said} {count(limits, 'service control policy', 'service control policies')} of {organization} "
        f"{'applies' if limits == 1 else 'apply'} to it"
    )


def _distinct(levels: Levels) -> int:
    """How many policies there are; one that is attached at several levels counts once."""
    return len({policy.pk for level in levels or () for policy in level.policies})


def of_identities(kind: str, facts: KindFacts) -> str:
    """The users, groups or roles in numbers that matter."""
    if not facts.total:
        return f"No {kind}s."
    notes = [
        (facts.bounded, "with a permissions boundary"),
        (facts.without_policies, "without any policy"),
        (facts.empty_groups, "without members"),
        (facts.service_linked, "linked to a service"),
    ]
    said = [f"{number:,} {note}" for number, note in notes if number]
    return sentence(f"{count(facts.total, kind)}{': ' if said else ''}{listing(said)}")


def of_policies(facts: PolicyFacts) -> str:
    """Who manages the policies, and which say or do nothing."""
    if not facts.total:
        return "No managed policies. Inline policies are shown with the identity that has them."
    own = facts.total - facts.aws_managed
    said = f"{count(own, 'policy', 'policies')} of the account and {facts.aws_managed:,} of AWS."
    if facts.unused:
        said += f" Nobody has {facts.unused:,} of them."
    if facts.unread:
        said += f" The export did not carry the document of {facts.unread:,}: who has it is undecided."
    return sentence(said)


def of_resources(counts: Mapping[str, int]) -> str:
    """How many resources, and of which types most."""
    total = sum(counts.values())
    if not total:
        return "None is known."
    most = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:3]
    named = listing([f"{number:,} {name or 'of unknown type'}" for name, number in most])
    types = count(len(counts), "type")
    return f"{count(total, 'resource')} of {types}{', most of them' if len(counts) > 3 else ':'} {named}."


def of_organization(account: Account, scp: Levels, rcp: Levels) -> str:
    """Which organization policies apply to the account, and which do not."""
    organization = account.organization
    if organization is None:
        return "None that is known: the account is in no organization that was imported."
    if account.is_management:
        return f"None: {account.name} is the management account of {organization}, and AWS does not limit that one."
    numbers = [_distinct(levels) for levels in (scp, rcp)]
    return (
        f"{sentence(count(numbers[0], 'service control policy', 'service control policies'))[:-1]} and "
        f"{count(numbers[1], 'resource control policy', 'resource control policies')} of {organization}, "
        f"attached at {count(len(scp or rcp or ()), 'level')}: an action must be allowed at each of them."
    )


def of_policy(policy: ManagedPolicy, shown: PolicyVersion | None, bearers: int, bounded: int) -> str:
    """How much the policy says, and who has it."""
    if shown is None:
        return (
            "Nothing that is known: the account's export names the policy but does not carry its document. "
            f"{sentence(_use(bearers, bounded))} What they can do is undecided."
        )
    owner = "AWS manages it" if policy.is_aws_managed else "The account manages it"
    return f"{_statements(shown.document.text, PolicyKind(shown.document.kind))} {owner}; {_use(bearers, bounded)}."


def of_organization_policy(policy: OrganizationPolicy, account: Account, places: Sequence[str]) -> str:
    """What kind of policy it is, how much it says, and at which levels above the account it stands."""
    kind = policy.get_kind_display()
    said = _statements(policy.text, PolicyKind(policy.kind))
    return f"{said} A {kind}, attached to {listing(places)} above {account.name}."


def _statements(text: str, kind: PolicyKind) -> str:
    """`2 statements allow, 1 denies.`"""
    try:
        effects = [statement.effect for statement in parse_policy(text, kind).statements]
    except PolicyError:
        return "It is not a valid policy, so that what depends on it is undecided."
    allows, denies = effects.count(Effect.ALLOW), effects.count(Effect.DENY)
    parts = []
    if allows:
        parts.append(f"{count(allows, 'statement')} {'allows' if allows == 1 else 'allow'}")
    if denies:
        number = f"{denies}" if parts else count(denies, "statement")
        parts.append(f"{number} {'denies' if denies == 1 else 'deny'}")
    return sentence(", ".join(parts)) if parts else "It has no statements."


def _use(bearers: int, bounded: int) -> str:
    has = f"{count(bearers, 'identity has', 'identities have')} it" if bearers else "nobody has it"
    limits = f"{count(bounded, 'identity is', 'identities are')} bounded by it" if bounded else ""
    return listing([has, limits]) if limits else has


def of_members(name: str, members: Sequence[Membership | OrganizationMembership]) -> str:
    """How many people, and how many of them are administrators; whoever has several roles counts once."""
    if not members:
        return f"Nobody but those who administer Policy Studio itself sees {name}."
    administrators = {member.user_id for member in members if member.role == Role.ADMINISTRATOR}
    people = count(len({member.user_id for member in members}), "person", "people")
    return sentence(f"{people}; {count(len(administrators), 'administrator')} among them")


def of_clients(account: Account, facts: Sequence[ClientFacts]) -> str:
    """How many programs there are, and what lets them in."""
    if not facts:
        return f"None: whoever asks about {account.name} is a person."
    disabled = sum(fact.client.disabled_at is not None for fact in facts)
    keys, tokens = sum(fact.keys for fact in facts), sum(fact.tokens for fact in facts)
    said = count(len(facts), "API client") + (f", {disabled} of them disabled" if disabled else "")
    return sentence(f"{said}, with {count(keys, 'access key')} and {count(tokens, 'token')}")


def of_client(client: ServiceClient, keys: int, tokens: int) -> str:
    """What a program may do in its account, and what lets it in."""
    if client.disabled_at is not None:
        return "Nothing: it is disabled."
    if client.role is None:
        return "Nothing: it has no role."
    means = listing([count(number, what) for number, what in ((keys, "access key"), (tokens, "token")) if number])
    way = f"{means} {'lets' if keys + tokens == 1 else 'let'} it in" if means else "nothing lets it in yet"
    return sentence(f"All that {_article(client.role)} may; {way}")


def _article(role: Role) -> str:
    return f"{'a' if role == Role.VIEWER else 'an'} {role.label}"


def of_tokens(number: int) -> str:
    """How many tokens somebody has."""
    return (
        sentence(f"{count(number, 'token')} of yours {'lets' if number == 1 else 'let'} scripts in")
        if number
        else "None."
    )


def of_you(*, has_password: bool, second_factor: bool, sessions: int) -> str:
    """By what somebody signs in, and how often they are signed in."""
    by = "By your organization's identity provider" if not has_password else "By password"
    if has_password:
        by += " and a code of your app" if second_factor else " alone"
    return f"{by}; {count(sessions, 'session')} {'is' if sessions == 1 else 'are'} open."


def of_identity(found: Ability) -> str:
    """What an identity can do in SageMaker: the tasks that people ask about, then all actions in numbers."""
    summary = found.summary
    if not set(summary.letters) & set("ASCU"):
        return f"Nothing: no action of SageMaker is possible for it.{_kept_away(summary)}"
    can: list[str] = []
    may: list[str] = []
    undecided: list[str] = []
    cannot: dict[str, list[str]] = {}
    for title, action, kind in TASKS:
        letter, why = _task(summary, action, kind)
        if action.endswith(f":{TRAINING}") and found.passing is not None and letter in POSSIBLE:
            letter, why, title = _with_roles(letter, title, found.passing)  # noqa: PLW2901 -- more is known of it
        if letter in NEVER:
            cannot.setdefault(why, []).append(title)
        else:
            places = {CellVerdict.ALLOWED: can, CellVerdict.UNDECIDED: undecided}
            places.get(letter, may).append(title)
    parts = [
        f"can {listing(can)}" if can else "",
        f"can {listing(may)} under conditions or on some resources" if may else "",
        *(f"cannot {listing(titles, 'or')}{f': {why}' if why else ''}" for why, titles in sorted(cannot.items())),
    ]
    said = f"It {'; it '.join(part for part in parts if part)}." if any(parts) else ""
    if set(summary.letters) == {"A"}:
        return f"It can do everything, on every resource of the account. {said if cannot or may else ''}".strip()
    if undecided:
        said += f" Whether it can {listing(undecided, 'or')} is undecided."
    return f"{said} {sentence_of(summary)}".strip()


def _with_roles(letter: CellVerdict, title: str, passing: Passing) -> tuple[CellVerdict, str, str]:
    """A task whose caller passes a role: what it comes to with the roles of the account, and with how many."""
    if not passing.possible:
        why = "none of the roles that it may pass trusts SageMaker" if passing.allowed else "it may pass no role"
        return CellVerdict.IMPLICIT_DENY, why, title
    letter = letter if passing.surely else CellVerdict.CONDITIONAL
    return letter, "", f"{title} with {count(len(passing.possible), 'role')}"


def _task(summary: Summary, action: str, kind: str) -> tuple[CellVerdict, str]:
    """What a task comes to on all the types that it requires, and what stands in its way, as far as that is a layer."""
    types = required_types(catalog().action(action)) or (kind,)
    cells = {name: summary.cell(action, name) for name in types}
    verdict = weakest(list(cells.values()))
    if verdict not in NEVER:
        return verdict, ""
    name = next(name for name in types if cells[name] is verdict)
    line = summary.line_of(action, name)
    why = text_of(line) if line else ""
    if name != kind and cells.get(kind) not in NEVER:
        why = f"on {name} it is {why or 'allowed by none of its policies'}"
    return verdict, why


def _kept_away(summary: Summary) -> str:
    """What stands in the way of all that an identity's own policies allow; empty where they allow nothing."""
    reasons = dict.fromkeys(text_of(line) for line in summary.lines)
    return f" What its own policies allow is {listing(list(reasons)[:3])}." if reasons else ""


def of_import(job: ImportJob, findings: Mapping[str, int]) -> str:
    """How far an import is, or how it ended."""
    state = ImportJob.State
    if job.state == state.QUEUED:
        return "It waits for a worker." + (f" {_attempt(job)}" if job.attempts else "")
    if job.state == state.RUNNING:
        doing = job.get_phase_display() or "starting"
        return sentence(f"It is {doing}") + (f" {_attempt(job)}" if job.attempts > 1 else "")
    if job.state == state.CANCELLED:
        return "It was cancelled. Nothing was changed."
    if job.state == state.FAILED:
        return f"It failed, and nothing was changed: {job.error.rstrip('.')}."
    accounts = (job.report or {}).get("accounts", [])
    names = listing([account["name"] for account in accounts])
    changed = (job.report or {}).get("changed")
    said = f"{names} {'is' if len(accounts) == 1 else 'are'} as the file says" if names else "The file names no account"
    said += "; something changed" if changed else "; nothing had to change" if names else ""
    if findings.get("error"):
        return f"{said}. {sentence(count(findings['error'], 'item was', 'items were'))[:-1]} not understood."
    return f"{said}. Everything was understood."


def _attempt(job: ImportJob) -> str:
    number = job.attempts + (job.state == ImportJob.State.QUEUED)
    return f"The worker before was lost: this is attempt {min(number, MAX_ATTEMPTS)} of {MAX_ATTEMPTS}."
