"""Random organizations: who can do an action agrees with concrete requests that the plain decision is asked about."""

import itertools
import random
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

import pytest

from policystudio.accounts.models import Account
from policystudio.engine.analyse.reach import joined
from policystudio.engine.decision import Verdict
from policystudio.engine.exact.cell import CellVerdict
from policystudio.simulator.who_can import Answer, forget_answers, who_can
from policystudio.simulator.who_can_evidence import Evidence, Prover
from policystudio.simulator.who_can_question import who_can_question
from tests import factories as make
from tests.support.stored import Json, Stored, Values, allow, document, trust

pytestmark = pytest.mark.django_db

Choices = list[tuple[str, tuple[str, ...]]]
ROUNDS = 10
DELETE = "sagemaker:DeleteEndpoint"
ONE, TWO, AWAY = "111122223333", "444455556666", "777788889999"
ENDPOINTS = "arn:aws:sagemaker:*:*:endpoint/"
MFA = "aws:MultiFactorAuthPresent"
CONDITIONS: list[Json] = [
    {"Bool": {MFA: "true"}},
    {"BoolIfExists": {MFA: "false"}},
    {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}},
    {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}},
    {"StringEquals": {"aws:PrincipalTag/team": "ml"}},
    {"StringNotEquals": {"aws:PrincipalTag/team": "ml"}},
    {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/r1"}},
    {"StringLike": {"aws:username": "u*"}},
    {"StringEquals": {"aws:PrincipalOrgID": "o-exampleorg1"}},
    {"StringEquals": {"aws:PrincipalAccount": ONE}},
    {"StringEquals": {"aws:PrincipalType": "User"}},
    {"Null": {"ec2:SourceInstanceArn": "true"}},
    {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}},
]
OF_TRUST: list[Json] = [{"StringEquals": {"sts:ExternalId": "x"}}, {"StringNotEquals": {"sts:ExternalId": "x"}}]
ACTIONS: list[Any] = ["*", "sagemaker:*", "sagemaker:Delete*", [DELETE, "sts:AssumeRole"], "sts:*"]
RESOURCES: list[Any] = [
    "*",
    f"{ENDPOINTS}prod-*",
    f"{ENDPOINTS}*-a",
    f"arn:aws:sagemaker:eu-*:{ONE}:endpoint/*",
    f"{ENDPOINTS}${{aws:username}}-*",
    f"{ENDPOINTS}${{aws:PrincipalTag/team, 'none'}}-*",
    ["arn:aws:iam::*:role/*", f"{ENDPOINTS}prod-a"],
    f"arn:aws:iam::{ONE}:role/r0",
    f"arn:aws:iam::{TWO}:role/*",
]
ASKED = [f"arn:aws:sagemaker:eu-west-1:{ONE}:endpoint/prod-a", f"arn:aws:sagemaker:*:{ONE}:endpoint/prod-*"]
CONCRETE = [
    f"arn:aws:sagemaker:{region}:{ONE}:endpoint/{name}"
    for region in ("eu-west-1", "us-east-1")
    for name in ("prod-a", "prod-b", "prod-")
]
SIGNED_IN: Choices = [(MFA, ()), (MFA, ("true",)), (MFA, ("false",))]
#: What of it somebody says is known, as the question's parameter, and what that leaves.
GIVEN: list[tuple[dict[str, str], Choices]] = [
    ({}, SIGNED_IN),
    ({}, SIGNED_IN),
    ({"context": f"{MFA}=true"}, SIGNED_IN[1:2]),
    ({"context": f"!{MFA.upper()}"}, SIGNED_IN[:1]),
]
ADDRESSES = [("aws:SourceIp", ()), ("aws:SourceIp", ("203.0.113.9",)), ("aws:SourceIp", ("198.51.100.1",))]
REGIONS = [("aws:RequestedRegion", ()), ("aws:RequestedRegion", ("eu-west-1",))]
INSTANCES = [("ec2:SourceInstanceArn", ()), ("ec2:SourceInstanceArn", ("arn:aws:ec2:eu-west-1:1:instance/i-1",))]
EXTERNAL_IDS = [("sts:ExternalId", ()), ("sts:ExternalId", ("x",)), ("sts:ExternalId", ("y",))]


def contexts(*keys: Choices) -> list[Values]:
    """Every combination of the keys' values."""
    return [{key: values for key, values in pairs if values} for pairs in itertools.product(*keys)]


ALWAYS, SOMETIMES, NEVER = "always", "sometimes", "never"


# --- Random accounts -------------------------------------------------------------------------------------------------


def condition(chance: random.Random, more: list[Json] | None = None) -> Json:
    return chance.choice([*CONDITIONS, *(more or [])]) if chance.random() < 0.45 else {}


def policy(chance: random.Random, denies: float = 0.3) -> Json:
    statements = [
        allow(chance.choice(ACTIONS), chance.choice(RESOURCES), **condition(chance))
        for _ in range(chance.randint(1, 3))
    ]
    if chance.random() < denies:
        effect = allow(chance.choice(ACTIONS), chance.choice(RESOURCES), **condition(chance))
        statements.append({**effect, "Effect": "Deny"})
    if chance.random() < 0.1:
        (statements[0],) = ({"Effect": "Allow", "NotAction": "iam:*", "NotResource": f"{ENDPOINTS}prod-b"},)
    return document(*statements)


def trusted(chance: random.Random) -> Any:
    accounts = [ONE, TWO]
    return chance.choice(
        [
            {"AWS": f"arn:aws:iam::{chance.choice(accounts)}:root"},
            {"AWS": chance.choice(accounts)},
            {"AWS": [f"arn:aws:iam::{chance.choice(accounts)}:role/r{chance.randint(0, 2)}"]},
            {"AWS": [f"arn:aws:iam::{chance.choice(accounts)}:user/u{chance.randint(0, 2)}"]},
            {"AWS": [f"arn:aws:sts::{chance.choice(accounts)}:assumed-role/r{chance.randint(0, 2)}/deploy"]},
            {"AWS": f"arn:aws:iam::{AWAY}:root"},
            {"Service": "sagemaker.amazonaws.com"},
            "*",
        ]
    )


def trusting(chance: random.Random) -> Json:
    statements = [
        trust(
            trusted(chance), chance.choice(["sts:AssumeRole", "sts:*", "sts:TagSession"]), **condition(chance, OF_TRUST)
        )
        for _ in range(chance.randint(1, 2))
    ]
    if chance.random() < 0.25:
        statements.append(trust(trusted(chance), "*", "Deny", **condition(chance, OF_TRUST)))
    return document(*statements)


def fill(chance: random.Random, account: Account) -> None:
    shared = [make.make_managed_policy(account, f"p{number}", policy(chance)) for number in range(3)]
    limit = make.make_managed_policy(account, "limit", policy(chance, 0.2))
    group = make.make_identity(account, "group", "g0")
    make.attach(group, chance.choice(shared))
    for kind, count in (("user", 3), ("role", 3)):
        for number in range(count):
            fields: Json = {"tags": chance.choice([{}, {"team": "ml"}, {"team": "prod"}])}
            if kind == "role":
                fields |= {"trust_document": make.make_document(trusting(chance), "trust")}
                fields |= {"service_linked": chance.random() < 0.1}
            if chance.random() < 0.3:
                fields["boundary"] = limit
            made = make.make_identity(account, kind, f"{kind[0]}{number}", **fields)
            if chance.random() < 0.6:
                make.attach(made, chance.choice(shared))
            if chance.random() < 0.6:
                make.make_inline_policy(made, policy(chance), "own")
            if kind == "user" and chance.random() < 0.4:
                make.join(made, group)


def organize(chance: random.Random, accounts: list[Account]) -> None:
    organization = make.make_organization(org_id="o-exampleorg1")
    root = organization.units.get()
    for account in accounts:
        account.unit = root
        account.is_management = chance.random() < 0.15 and account.number == TWO
        account.save()
    for kind, principal in (("scp", {}), ("rcp", {"Principal": "*"})):
        everything = document({**allow("*"), **principal})
        make.make_organization_policy(organization, everything, kind=kind, targets=(root, *accounts))
        if chance.random() < 0.4:
            guard = allow(chance.choice(["sts:*", "sagemaker:*", "*"]), chance.choice(RESOURCES), **condition(chance))
            guard = {**guard, "Effect": "Deny", **principal}
            place = chance.choice([root, *accounts])
            make.make_organization_policy(organization, document(guard), kind=kind, targets=(place,))


def world(seed: int) -> tuple[random.Random, Account, Stored]:
    forget_answers()
    chance = random.Random(seed)
    accounts = [make.make_account(ONE, "one"), make.make_account(TWO, "two")]
    for account in accounts:
        fill(chance, account)
    if chance.random() < 0.7:
        organize(chance, accounts if chance.random() < 0.7 else accounts[:1])
    return chance, Account.objects.get(number=ONE), Stored()


def ask(account: Account, action: str, resource: str, **more: str) -> Answer:
    values = {"action": [action], "resource": [resource], **{name: [value] for name, value in more.items()}}
    return who_can(account, who_can_question(account, values), Account.objects.select_related("unit__organization"))


# --- Claims ----------------------------------------------------------------------------------------------------------


def instances(arn: str) -> Choices:
    """Only sessions of roles are delivered to machines."""
    return INSTANCES if ":role/" in arn else INSTANCES[:1]


_REGION: Values = {"aws:RequestedRegion": ("eu-west-1",)}


def outcomes(
    stored: Stored, arn: str, action: str, resource: str, session: str = "", signed_in: Choices = SIGNED_IN
) -> list[bool]:
    found = (
        stored.decide(arn, action, resource, context, session=session)
        for context in contexts(signed_in, ADDRESSES, EXTERNAL_IDS, REGIONS, instances(arn))
    )
    return [verdict is Verdict.ALLOWED for verdict in found]


def told(values: list[bool]) -> str:
    return ALWAYS if all(values) else SOMETIMES if any(values) else NEVER


def matching(question: str) -> list[str]:
    """The concrete ARNs that are among those asked about."""
    return [arn for arn in CONCRETE if fnmatchcase(arn, question)]


def assert_cell(verdict: CellVerdict, by_resource: dict[str, list[bool]], said: str) -> None:
    """What a cell says of all requests holds for these."""
    seen = {outcome for values in by_resource.values() for outcome in values}
    if verdict is CellVerdict.ALLOWED:
        assert seen == {True}, said
    elif verdict in (CellVerdict.IMPLICIT_DENY, CellVerdict.EXPLICIT_DENY):
        assert seen == {False}, said
    elif verdict is CellVerdict.SOME:
        assert all(len(set(values)) == 1 for values in by_resource.values()), said
    else:
        assert verdict is CellVerdict.CONDITIONAL, said


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_direct_verdicts_agree_with_concrete_requests(seed: int) -> None:
    chance, account, stored = world(seed)
    said, signed_in = chance.choice(GIVEN)
    for resource in ASKED:
        answer = ask(account, DELETE, resource, hops="0", **said)
        known: Values = _REGION if resource == ASKED[0] else {}
        regions = REGIONS[1:] if known else REGIONS
        for row in answer.rows:
            if row.kind == "group":
                continue
            sampled = contexts(signed_in, ADDRESSES, regions, instances(row.arn))

            def allowed(one: str, context: Values, *, denies: bool = True, arn: str = row.arn) -> bool:
                return stored.decide(arn, DELETE, one, context, denies=denies) is Verdict.ALLOWED

            by_resource = {one: [allowed(one, context) for context in sampled] for one in matching(resource)}
            assert_cell(row.direct.verdict, by_resource, f"{row.arn} {resource}")
            if row.direct.verdict is CellVerdict.IMPLICIT_DENY:
                assert not any(allowed(one, context, denies=False) for one in by_resource for context in sampled)
            if row.direct.verdict is CellVerdict.EXPLICIT_DENY and row.direct.denied is not None:
                example = row.direct.denied
                told = {**known, **next(iter(contexts(signed_in[:1]))), **example.context}
                assert allowed(example.resource, told, denies=False)
            if row.direct.verdict in (CellVerdict.SOME, CellVerdict.CONDITIONAL):
                for side, wanted in ((row.direct.allowed, True), (row.direct.denied, False)):
                    assert side is not None
                    told = {**known, **next(iter(contexts(signed_in[:1]))), **side.context}
                    assert allowed(side.resource, told) is wanted, (row.arn, side)


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_who_may_assume_a_role_agrees_with_concrete_requests(seed: int) -> None:
    _, account, stored = world(seed)
    for target in (f"arn:aws:iam::{number}:role/r{index}" for number in (ONE, TWO) for index in range(3)):
        answer = ask(account, "sts:AssumeRole", target, hops="0")
        rows = answer.by_arn
        for arn, subject in stored.subjects.items():
            if subject.bearer.kind == "group":
                continue
            values = outcomes(stored, arn, "sts:AssumeRole", target) if arn != target else [False]
            verdict = rows[arn].direct.verdict if arn in rows else CellVerdict.IMPLICIT_DENY
            deployed = (
                outcomes(stored, arn, "sts:AssumeRole", target, "deploy") if subject.bearer.kind == "role" else values
            )
            if arn == target:
                continue
            if deployed != values:
                assert verdict is CellVerdict.CONDITIONAL, (arn, target)
            else:
                assert_cell(verdict, {target: values}, f"{arn} {target}")


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_chains_agree_with_concrete_requests(seed: int) -> None:
    """Whoever gets there by requests gets there by the answer, and the other way round."""
    chance, account, stored = world(seed)
    hops, (said, signed_in) = chance.randint(1, 3), chance.choice(GIVEN)
    answer = ask(account, DELETE, ASKED[0], hops=str(hops), **said)
    roles = [arn for arn, subject in stored.subjects.items() if subject.bearer.kind == "role"]
    callers = [arn for arn, subject in stored.subjects.items() if subject.bearer.kind in ("user", "role")]
    steps = {
        (caller, role): told(
            [
                *outcomes(stored, caller, "sts:AssumeRole", role, "", signed_in),
                *(outcomes(stored, caller, "sts:AssumeRole", role, "deploy", signed_in) if caller in roles else []),
            ]
        )
        for caller in callers
        for role in roles
        if caller != role
    }
    ends = {
        role: told(
            [
                stored.decide(role, DELETE, ASKED[0], one) is Verdict.ALLOWED
                for one in contexts(signed_in, ADDRESSES, REGIONS[1:], INSTANCES)
                if role.split(":")[4] == ONE
            ]
            or [False]
        )
        for role in roles
    }
    for caller in callers:
        ways = list(chains(caller, roles, steps, ends, hops))
        row = answer.by_arn.get(caller)
        by_roles = row.by_roles if row else None
        assert bool(ways) is (by_roles is not None), (caller, ways)
        if row is None or by_roles is None:
            continue
        shown, more = answer.chains(row)
        assert shown
        known = [tuple(step.role for step in one) for one in shown]
        assert more or set(known) <= {tuple(way) for way in ways}
        if by_roles is CellVerdict.ALLOWED:
            assert any(all(one == ALWAYS for one in verdicts_of(caller, way, steps, ends)) for way in ways)
        for one in shown:
            assert joined_of(answer, one) is not CellVerdict.ALLOWED or {
                *verdicts_of(caller, [step.role for step in one], steps, ends)
            } == {ALWAYS}


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_every_request_that_is_shown_is_decided_as_it_is_said(seed: int, caplog: pytest.LogCaptureFixture) -> None:
    """On each side of each cell there is one, the steps of chains among them."""
    _, account, stored = world(seed)
    for action, resource in ((DELETE, ASKED[0]), (DELETE, ASKED[1]), ("sts:AssumeRole", f"arn:aws:iam::{ONE}:role/r0")):
        answer = ask(account, action, resource)
        prover = Prover(answer)
        for row in answer.rows:
            if row.account == ONE and row.kind in ("user", "role", "root") and row.arn != resource:
                evidence = prover.direct(row)
                assert_evidence(stored, row.arn, evidence)
                assert action != DELETE or evidence.allowed or evidence.denied
            for chain in prover.chains(row)[0]:
                caller = row.arn
                for step, evidence in chain.steps:
                    if caller in stored.subjects:
                        assert_evidence(stored, caller, evidence)
                    assert evidence.allowed is not None
                    caller = step.role
    assert caplog.records == []


def assert_evidence(stored: Stored, caller: str, evidence: Evidence) -> None:
    if evidence.allowed or evidence.denied:
        assert evidence.principal == caller or ":assumed-role/" in evidence.principal
    session = evidence.principal.rpartition("/")[2] if ":assumed-role/" in evidence.principal else ""
    verdict = evidence.cell.verdict
    yes, no = evidence.allowed, evidence.denied
    assert (yes is None) is (verdict in (CellVerdict.IMPLICIT_DENY, CellVerdict.EXPLICIT_DENY)), (caller, evidence)
    if verdict is CellVerdict.SOME or (verdict is CellVerdict.CONDITIONAL and not evidence.besides):
        assert no is not None, (caller, evidence)
    for witness, wanted in ((yes, True), (no, False)):
        if witness is not None:
            found = stored.decide(caller, witness.action, witness.resource, witness.context, session=session)
            assert (found is Verdict.ALLOWED) is wanted, (caller, witness)


def joined_of(answer: Answer, chain: Any) -> CellVerdict:
    return joined((answer.by_arn[chain[-1].role].direct.verdict, *(step.cell.verdict for step in chain)))


def verdicts_of(caller: str, way: list[str], steps: dict[tuple[str, str], str], ends: dict[str, str]) -> list[str]:
    pairs = itertools.pairwise([caller, *way])
    return [*(steps[pair] for pair in pairs), ends[way[-1]]]


def chains(
    caller: str, roles: list[str], steps: dict[tuple[str, str], str], ends: dict[str, str], hops: int
) -> Iterator[list[str]]:
    """Every chain of requests from the caller to a role that can, none of whose steps is never allowed."""

    def walk(been: list[str]) -> Iterator[list[str]]:
        if len(been) > 1 and ends[been[-1]] != NEVER:
            yield been[1:]
        if len(been) <= hops:
            for role in roles:
                if role not in been and steps[been[-1], role] != NEVER:
                    yield from walk([*been, role])

    return walk([caller])
