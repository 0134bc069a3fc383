"""Can this identity run this operation? Every needed permission with its verdict, the role's trust, and its reach."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from policystudio.accounts.models import Account
from policystudio.engine.analyse.scenario import PASS_ROLE, Need, Plan
from policystudio.engine.analyse.service_trust import ASSUME_ROLE, Assumption, ServiceTrust, Trusted, service_trust
from policystudio.engine.arn import Arn
from policystudio.engine.document import PolicyKind
from policystudio.engine.exact.cell import CellVerdict
from policystudio.engine.exact.universe import ResourceUniverse
from policystudio.engine.request import Levels, NamedPolicy
from policystudio.lib.said import Contrary
from policystudio.simulator.permissions import Permission, letters_of
from policystudio.simulator.question import IdentityFilter, QuestionError
from policystudio.simulator.scenario_question import ScenarioQuestion
from policystudio.simulator.scenario_role import RoleNeed, role_needs
from policystudio.simulator.scenario_steps import (
    NOT_NEEDED,
    PERHAPS_NOT_NEEDED,
    CallFacts,
    Checker,
    Example,
    Step,
    joint_example,
)
from policystudio.simulator.selectors import UnknownIdentity, condition_keys, problems_of, subject_reader
from policystudio.simulator.stacks import Bearer, Subject, SubjectReader, bearers, parse_or_none

_ANY_SOURCE = "arn:${Partition}:sagemaker:${Region}:${Account}:${AnyWithSlashes}"
_NEVER = frozenset({CellVerdict.EXPLICIT_DENY, CellVerdict.IMPLICIT_DENY})


class GroupIsNoPrincipal(ValueError):
    """A group cannot call anything."""

    def __init__(self, arn: str) -> None:
        super().__init__(f"`{arn}` is a group, and a group is not a principal: ask about one of its members")


@dataclass(frozen=True, slots=True)
class RoleChoice:
    """A role of the account as one to pass: whether the caller may pass it, and whether it trusts the service."""

    bearer: Bearer
    letter: CellVerdict
    trust: ServiceTrust

    @property
    def works(self) -> CellVerdict:
        """``A`` for surely, ``C`` for perhaps, ``I`` for not."""
        if self.letter in _NEVER or self.trust.trusted is Trusted.NO:
            return CellVerdict.IMPLICIT_DENY
        sure = self.letter is CellVerdict.ALLOWED and self.trust.trusted is Trusted.YES
        return CellVerdict.ALLOWED if sure else CellVerdict.CONDITIONAL


@dataclass(frozen=True)
class Scenario:
    """The answer.

    ``letter`` sums up what is needed in any case: allowed, denied, undecided, or conditional for everything between.
    ``switches`` gives for each circumstance of which nothing is known the verdict of what it asks for. ``roles`` are
    the account's roles where none was chosen. ``foreign_role`` tells that the chosen role is of another account.
    """

    asked: ScenarioQuestion
    plan: Plan
    account: Account
    caller: Bearer
    letter: CellVerdict
    steps: tuple[Step, ...]
    switches: Mapping[str, CellVerdict]
    role: Bearer | None = None
    foreign_role: bool = False
    trust: ServiceTrust | None = None
    role_needs: tuple[RoleNeed, ...] = ()
    roles: tuple[RoleChoice, ...] = ()
    example: Example | None = None
    problems: tuple[str, ...] = ()


def scenario(account: Account, asked: ScenarioQuestion) -> Scenario:
    """Answer the question from what is stored of the account.

    Raises ``UnknownIdentity`` (of caller or role), ``GroupIsNoPrincipal``, or ``QuestionError`` for resources that
    are not the account's.
    """
    return _Answerer(account, asked).answer()


def roles_to_pass(reader: SubjectReader, caller: Subject, asked: ScenarioQuestion) -> tuple[RoleChoice, ...]:
    """The roles of the account as ones to pass to an operation, those that work first.

    ``caller`` is the identity that the question is about, as ``reader`` read it. Raises ``GroupIsNoPrincipal``.
    """
    return tuple(_Answerer(reader.account, asked, (reader, caller)).roles())


def service_trusts(
    reader: SubjectReader, caller: Subject, asked: ScenarioQuestion, roles: Sequence[Bearer]
) -> Mapping[str, ServiceTrust]:
    """Whether each of the roles trusts the service that runs the operation, by ARN; it matters not who calls."""
    return _Answerer(reader.account, asked, (reader, caller)).trusts(roles)


class _Answerer:
    def __init__(
        self, account: Account, asked: ScenarioQuestion, known: tuple[SubjectReader, Subject] | None = None
    ) -> None:
        self.account, self.plan = account, asked.plan
        self.asked = _with_region(account, asked)
        self.reader, by_arn = (known[0], {known[1].bearer.arn: known[1]}) if known else self.read()
        self.caller = self.of(by_arn, asked.identity)
        if self.caller.bearer.kind == "group":
            raise GroupIsNoPrincipal(asked.identity)
        self.foreign = bool(asked.role) and Arn.parse(asked.role).account != account.number
        self.role = self.of(by_arn, asked.role) if asked.role and not self.foreign else None
        if self.role is not None and self.role.bearer.kind != "role":
            raise QuestionError([("role", Contrary(f"`{asked.role}` is no role"))])
        self.facts = CallFacts(account, self.asked, self.plan)

    def read(self) -> tuple[SubjectReader, dict[str, Subject]]:
        """The caller and the role, with what applies to them."""
        asked = self.asked
        reader = subject_reader(self.account, asked.question)
        found = bearers(reader.source, IdentityFilter(arns=tuple(filter(None, (asked.identity, asked.role)))))
        return reader, {subject.bearer.arn: subject for subject in reader.subjects(found)}

    @staticmethod
    def of(by_arn: Mapping[str, Subject], arn: str) -> Subject:
        if arn not in by_arn:
            raise UnknownIdentity(arn)
        return by_arn[arn]

    def answer(self) -> Scenario:
        needs = tuple(self.needs())
        checker = Checker(self.reader, self.caller, self.asked.question.region)
        steps = tuple(self.settled(checker.steps(needs, self.facts)))
        trust = self.trust_of(self.role.bearer) if self.role and self.plan.passes_role_to else None
        asks_for_role = bool(self.plan.passes_role_to) and not self.asked.role and "role" not in self.asked.not_given
        roles = tuple(self.roles()) if asks_for_role else ()
        letters = [self.own_letter(steps), *(step.weight for step in steps if step.counts and not step.is_own)]
        if asks_for_role:
            letters.append(_best(choice.works for choice in roles))
        if trust is not None:
            letters.append(_of_trust(trust))
        example = joint_example(checker, [step for step in steps if step.counts])
        return Scenario(
            self.asked,
            self.plan,
            self.account,
            self.caller.bearer,
            _worst(letters),
            steps,
            dict(self.open_switches(steps)),
            self.role.bearer if self.role else None,
            self.foreign,
            trust,
            tuple(role_needs(self.reader, self.role, self.asked)) if self.role and self.plan.passes_role_to else (),
            roles,
            example,
            tuple(problems_of(self.reader)),
        )

    def needs(self) -> Iterator[Need]:
        """Those that the call can have: optional types where one is named, none for what is known to be left out."""
        named = self.asked.resources
        for need in self.plan.needs:
            free_choice = self.plan.one_of and not any(name in named for name in self.own_types())
            if not need.required and need.resource_type not in named and not free_choice:
                continue
            if need.switch in self.asked.not_given:
                continue
            if need.action == PASS_ROLE and not self.asked.role and not self.plan.passes_role_to:
                continue
            yield need

    def own_types(self) -> list[str]:
        return [need.resource_type for need in self.plan.needs if not need.required]

    def settled(self, steps: Iterable[Step]) -> Iterator[Step]:
        """The steps with what else decides whether they count: the role's own permission, roles that exist already."""
        for step in steps:
            settled = step
            if step.need.action == PASS_ROLE and not self.asked.role:
                settled = replace(step, counts=False, note="of all roles of the account; which of them work is below")
            elif step.need.action == PASS_ROLE and self.foreign:
                settled = _of_another_account(step)
            elif step.need.unless_role_allows:
                settled = self.beside_the_role(step)
            elif "iam:awsservicename" in step.need.known and self.exists(step.resource):
                settled = replace(step, counts=False, note=f"{NOT_NEEDED}: the account has this role already")
            yield settled

    def beside_the_role(self, step: Step) -> Step:
        """A step that the caller needs only where the execution role may not do the same itself."""
        if self.role is None:
            letter = CellVerdict.IMPLICIT_DENY if self.foreign else CellVerdict.CONDITIONAL
        else:
            permission = Permission(step.need.action, step.need.resource_type, step.resource)
            letter = CellVerdict(letters_of(self.account, self.role.row, [permission], self.asked.question.region))
        if letter is CellVerdict.ALLOWED:
            return replace(step, counts=False, note=f"{NOT_NEEDED}: the execution role may do it itself")
        perhaps = letter not in _NEVER and step.letter in _NEVER
        return replace(step, note=PERHAPS_NOT_NEEDED) if perhaps else step

    def exists(self, arn: str) -> bool:
        filled = arn.replace("${Partition}", self.account.partition).replace("${Account}", self.account.number)
        return bool(self.reader.source.identities(IdentityFilter(arns=(filled,))))

    def own_letter(self, steps: Sequence[Step]) -> CellVerdict:
        """The operation's own action; where the call may be about any of several types, over all of them."""
        letters = {step.letter for step in steps if step.is_own and step.counts}
        if not self.plan.one_of or len(letters) <= 1:
            return _worst(letters)
        return CellVerdict.IMPLICIT_DENY if letters <= _NEVER else CellVerdict.SOME

    def open_switches(self, steps: Sequence[Step]) -> Iterator[tuple[str, CellVerdict]]:
        for name in self.plan.switches:
            found = [step.weight for step in steps if step.need.switch == name and step.need.action != PASS_ROLE]
            if found and name not in self.asked.given | self.asked.not_given:
                yield name, _worst(found)

    def roles(self) -> Iterator[RoleChoice]:
        """Every role of the account as one to pass, those that work first; service-linked ones are not offered."""
        every = bearers(self.reader.source, IdentityFilter(kinds=frozenset({"role"})))
        found = [row for row in every if not row.service_linked]
        if not found:
            return
        known = self.facts.for_need(next(need for need in self.plan.needs if need.action == PASS_ROLE))
        permissions = [Permission(PASS_ROLE, "role", row.arn, known) for row in found]
        row = self.caller.row
        letters = letters_of(self.account, row, permissions, self.asked.question.region)
        trusts = self.trusts(found)
        choices = [
            RoleChoice(bearer, CellVerdict(letter), trusts[bearer.arn])
            for bearer, letter in zip(found, letters, strict=True)
        ]
        order = (CellVerdict.ALLOWED, CellVerdict.CONDITIONAL, CellVerdict.IMPLICIT_DENY)
        yield from sorted(choices, key=lambda choice: (order.index(choice.works), choice.bearer.name.lower()))

    def trust_of(self, bearer: Bearer) -> ServiceTrust:
        return self.trusts([bearer])[bearer.arn]

    def trusts(self, found: Sequence[Bearer]) -> dict[str, ServiceTrust]:
        """Whether each role trusts the service; equal trust policies are asked once, unless RCPs tell roles apart."""
        policies = self.reader.source.documents({row.trust_digest for row in found if row.trust_digest})
        levels, unreadable = self.control_policies()
        if unreadable:
            doubt = f"the resource control policy {', '.join(unreadable)} could not be read"
            undecided = ServiceTrust(Trusted.UNDECIDED, self.plan.passes_role_to, doubt)
            return {row.arn: undecided for row in found}
        organization = self.organization()
        universe = self.sources()
        result: dict[str, ServiceTrust] = {}
        once: dict[str, ServiceTrust] = {}
        for row in found:
            digest = row.trust_digest or ""
            if levels is not None or digest not in once:
                asked = Assumption(
                    self.plan.passes_role_to, row.arn, self.account.number, universe, organization, levels
                )
                once[digest] = service_trust(policies.get(digest), asked, condition_keys())
            result[row.arn] = once[digest]
        return result

    def sources(self) -> ResourceUniverse:
        """What ``aws:SourceArn`` may be: the resource that is made, where it is named; else any that there may be."""
        template = self.plan.source_arn or _ANY_SOURCE
        named = self.asked.resources.get(self.plan.created_type, "")
        if named and "*" not in template:
            template = Permission(ASSUME_ROLE, self.plan.created_type, named).template
        return ResourceUniverse(template, self.account.partition, self.account.number, self.asked.question.region)

    def organization(self) -> dict[str, tuple[str, ...]]:
        """The organization of the resource that SageMaker works for, which is that of the account."""
        names = {"aws:SourceOrgID": "aws:principalorgid", "aws:SourceOrgPaths": "aws:principalorgpaths"}
        return {name: self.reader.organization.facts.get(key, ()) for name, key in names.items()}

    def control_policies(self) -> tuple[Levels | None, list[str]]:
        """The resource control policies that reach a role being assumed, and those that could not be read.

        They reach no role of the management account.
        """
        source = self.reader.source
        tree = None if source.is_management else source.levels("rcp")
        if tree is None:
            return None, []
        parsed = {
            policy.policy_id: parse_or_none(policy.text, PolicyKind.RESOURCE_CONTROL)
            for level in tree
            for policy in level.policies
        }
        levels = tuple(
            tuple(
                NamedPolicy(policy.name, found, level.id)
                for policy in level.policies
                if (found := parsed[policy.policy_id]) is not None
            )
            for level in tree
        )
        return levels, [policy.name for level in tree for policy in level.policies if parsed[policy.policy_id] is None]


def _of_another_account(step: Step) -> Step:
    """iam:PassRole on a role of another account, which no policy can allow: a barrier that cells know nothing of."""
    why = replace(step.why, allowed=None, denied=step.why.denied or step.why.allowed)
    note = "it is a role of another account"
    said = f"Implicit deny: {note}."
    return replace(step, letter=CellVerdict.IMPLICIT_DENY, why=why, sentence=said, blames=(), note=note)


def _with_region(account: Account, asked: ScenarioQuestion) -> ScenarioQuestion:
    """The question with the Region of the resources that it names; raises ``QuestionError`` where they do not fit."""
    problems: list[tuple[str, str]] = []
    regions: dict[str, None] = dict.fromkeys(filter(None, [asked.question.region]))
    templates = {need.resource_type: need.arn for need in asked.plan.needs if need.is_sagemaker}
    for name, written in asked.resources.items():
        arn = Arn.parse(written)
        if name in templates:
            if (arn.partition, arn.service, arn.account) != (account.partition, "sagemaker", account.number):
                problems.append(
                    ("resource", Contrary(f"`{written}` is no SageMaker resource of account {account.number}"))
                )
            elif not _fits(arn, templates[name]):
                problems.append(("resource", Contrary(f"`{written}` is no {name}: its ARN is like {templates[name]}")))
            elif not arn.region:
                problems.append(("resource", Contrary(f"`{written}` names no Region: write it, or `*`")))
            elif "*" not in arn.region:
                regions[arn.region] = None
    if len(regions) > 1:
        problems.append(("resource", Contrary(f"one call goes to one Region, these are {' and '.join(regions)}")))
    if problems:
        raise QuestionError(problems)
    return replace(asked, question=replace(asked.question, region=next(iter(regions), "")))


def _fits(arn: Arn, template: str) -> bool:
    """Whether an ARN has the fixed words of its type's format before the first name."""
    head = template.split(":", 5)[-1].partition("${")[0]
    return arn.resource.startswith(head) and len(arn.resource) > len(head)


def _worst(letters: Iterable[CellVerdict]) -> CellVerdict:
    """What several permissions that are all needed come to."""
    found = set(letters)
    if found & _NEVER:
        return CellVerdict.IMPLICIT_DENY
    if CellVerdict.UNDECIDED in found:
        return CellVerdict.UNDECIDED
    return CellVerdict.ALLOWED if found <= {CellVerdict.ALLOWED} else CellVerdict.CONDITIONAL


def _best(letters: Iterable[CellVerdict]) -> CellVerdict:
    """What several choices come to of which one is enough."""
    found = set(letters)
    for letter in (CellVerdict.ALLOWED, CellVerdict.CONDITIONAL):
        if letter in found:
            return letter
    return CellVerdict.IMPLICIT_DENY


def _of_trust(trust: ServiceTrust) -> CellVerdict:
    return {
        Trusted.YES: CellVerdict.ALLOWED,
        Trusted.SOME: CellVerdict.CONDITIONAL,
        Trusted.NO: CellVerdict.IMPLICIT_DENY,
        Trusted.UNDECIDED: CellVerdict.UNDECIDED,
    }[trust.trusted]
