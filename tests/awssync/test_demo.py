"""The demonstration organization: files as AWS writes them, and every claim of docs/demo.md asked of the engine."""

import itertools
import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from policystudio.engine.arn import Arn
from policystudio.engine.authorize import authorize
from policystudio.engine.catalog.load import load_condition_keys, load_sagemaker, load_service_actions
from policystudio.engine.document import Effect, PolicyKind
from policystudio.engine.parse import parse_policy
from policystudio.engine.request import Context, NamedPolicy, Principal, Request
from tests.support import demo_files
from tests.support.demo_files import ACCOUNTS, DETAILS, INLINE

DOCUMENTATION = Path(__file__).parents[2] / "docs" / "demo.md"
CLAIM_ROW = re.compile(
    r"^\| `(?P<identity>[^`]+)` \| `(?P<action>[^`]+)` \| `(?P<resource>[^`]+)` "
    r"\| (?P<context>.*)\| `(?P<decision>\w+)` \|$"
)
EVERYTHING = '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}'
#: The mistakes that stand in the files on purpose: actions that do not exist.
INTENDED_UNKNOWN_ACTIONS = {"sagemaker:ListLabelingJobForWorkteam"}


class Claim(NamedTuple):
    """One row of the documentation."""

    question: str
    identity: str
    action: str
    resource: str
    context: dict[str, list[str]]
    decision: str


def claims() -> list[Claim]:
    found = []
    question = ""
    for line in DOCUMENTATION.read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            question = ""
        if line.startswith("### "):
            question = line.removeprefix("### ")
        if question and (match := CLAIM_ROW.match(line)):
            context: dict[str, list[str]] = {}
            for entry in re.findall(r"`([^`]+)`", match["context"]):
                key, _, value = entry.partition("=")
                context.setdefault(key, []).append(value)
            found.append(
                Claim(question, match["identity"], match["action"], match["resource"], context, match["decision"])
            )
    return found


def arn_of(identity: str) -> str:
    """`research user/people/mira-halvorsen` as an ARN; an ARN as it is."""
    if identity.startswith("arn:"):
        return identity
    account, _, path = identity.partition(" ")
    return f"arn:aws:iam::{ACCOUNTS[account]}:{path}"


def request_of(claim: Claim) -> Request:
    principal = Principal.parse(arn_of(claim.identity))
    resource = claim.resource
    if not resource.startswith("arn:") and resource != "*":
        resource = f"arn:aws:sagemaker:eu-west-1:{principal.account}:{resource}"
    region = "eu-west-1" if resource == "*" else Arn.parse(resource).region or "eu-west-1"
    context: dict[str, list[str]] = {"aws:RequestedRegion": [region]}
    who = demo_files.identity(principal.arn)
    if who:
        context |= {f"aws:PrincipalTag/{key}": [value] for key, value in who.tags.items()}
    return Request(principal, claim.action, resource, context=Context({**context, **claim.context}))


@pytest.mark.parametrize("claim", claims(), ids=lambda claim: f"{claim.question[:2]} {claim.identity} {claim.action}")
def test_it_decides_as_the_documentation_says(claim: Claim) -> None:
    request = request_of(claim)
    assumes = claim.action.startswith("sts:")
    resource_account = request.principal.account if request.resource == "*" else Arn.parse(request.resource).account
    policies = demo_files.stack(
        request.principal.account,
        demo_files.identity(request.principal.arn) or _stranger(request.principal),
        resource_account,
        request.resource if assumes else None,
    )
    decision = authorize(policies, request, load_condition_keys())
    assert decision.verdict == claim.decision, decision.reason


def _stranger(principal: Principal) -> demo_files.Identity | None:
    """Somebody of an account that the files do not hold, whose own account allows everything."""
    if principal.arn.endswith("user/operator"):
        allow = NamedPolicy("everything", parse_policy(EVERYTHING, PolicyKind.IDENTITY))
        return demo_files.Identity(principal.arn, {}, (allow,), None)
    assert principal.arn.endswith(":root") or "oidc-provider" in principal.arn, "no such identity in the files"
    return None


def test_every_question_of_the_documentation_has_claims() -> None:
    headings = re.findall(r"^### (.+)$", DOCUMENTATION.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(headings) == 12
    assert set(headings) == {claim.question for claim in claims()}
    rows = [
        line
        for line in DOCUMENTATION.read_text(encoding="utf-8").splitlines()
        if line.startswith("| `") and ":" in line
    ]
    assert len(rows) == len(claims()), "a row of the tables was not understood"


@pytest.mark.parametrize(
    ("document", "kind"), [pytest.param(document, kind, id=name) for name, document, kind in demo_files.documents()]
)
def test_every_document_parses(document: object, kind: PolicyKind) -> None:
    policy = demo_files.parsed(document, kind)
    assert policy.statements
    assert all(statement.effect in Effect for statement in policy.statements)


def identities() -> Iterator[tuple[dict[str, Any], str, dict[str, Any]]]:
    for account in ACCOUNTS:
        export = demo_files.read(account)
        for kind, details in DETAILS.items():
            for item in export[details]:
                yield export, kind, item


def test_it_has_the_identities_of_a_company() -> None:
    kinds = Counter(kind for _, kind, _ in identities())
    assert kinds == {"user": 15, "group": 8, "role": 21}


def test_ids_and_arns_are_of_the_shape_that_aws_gives() -> None:
    prefixes = {"user": ("UserId", "AIDA"), "group": ("GroupId", "AGPA"), "role": ("RoleId", "AROA")}
    seen: set[str] = set()
    for _, kind, item in identities():
        key, prefix = prefixes[kind]
        assert re.fullmatch(prefix + "[A-Z2-7]{17}", item[key])
        assert Arn.parse(item["Arn"]).resource == f"{kind}{item['Path']}{item[f'{kind.title()}Name']}"
        assert item[key] not in seen
        seen.add(item[key])
    for account in ACCOUNTS:
        for policy in demo_files.read(account)["Policies"]:
            assert re.fullmatch("ANPA[A-Z2-7]{17}", policy["PolicyId"])
            assert Arn.parse(policy["Arn"]).resource == f"policy{policy['Path']}{policy['PolicyName']}"


def test_every_account_carries_what_its_identities_have() -> None:
    for account, number in ACCOUNTS.items():
        export = demo_files.read(account)
        attached: Counter[str] = Counter()
        bounds: Counter[str] = Counter()
        for owner, _, item in identities():
            if owner is not export:
                continue
            assert Arn.parse(item["Arn"]).account == number
            attached.update(policy["PolicyArn"] for policy in item["AttachedManagedPolicies"])
            if "PermissionsBoundary" in item:
                assert item["PermissionsBoundary"]["PermissionsBoundaryType"] == "PermissionsBoundaryPolicy"
                bounds[item["PermissionsBoundary"]["PermissionsBoundaryArn"]] += 1
            assert set(item.get("GroupList", [])) <= {group["GroupName"] for group in export["GroupDetailList"]}
        for policy in export["Policies"]:
            assert policy["AttachmentCount"] == attached.pop(policy["Arn"], 0)
            assert policy["PermissionsBoundaryUsageCount"] == bounds.pop(policy["Arn"], 0)
            defaults = [item["VersionId"] for item in policy["PolicyVersionList"] if item["IsDefaultVersion"]]
            assert defaults == [policy["DefaultVersionId"]]
        assert not attached
        assert not bounds


def test_documents_keep_to_the_quotas() -> None:
    def size(document: object) -> int:
        return len(json.dumps(json.loads(demo_files.text_of(document)), separators=(",", ":")))

    inline_limit = {"user": 2048, "group": 5120, "role": 10240}
    for _, kind, item in identities():
        assert sum(size(policy["PolicyDocument"]) for policy in item.get(INLINE[kind], [])) <= inline_limit[kind]
        if kind == "role":
            assert size(item["AssumeRolePolicyDocument"]) <= 2048
    for account in ACCOUNTS:
        for policy in demo_files.read(account)["Policies"]:
            if Arn.parse(policy["Arn"]).account != "aws":
                assert all(size(version["Document"]) <= 6144 for version in policy["PolicyVersionList"])


def test_its_own_policies_name_actions_that_exist_but_for_the_intended_slip() -> None:
    known = {f"{service}:{name}".lower() for service, names in load_service_actions().items() for name in names}
    unknown = set()
    for name, document, kind in demo_files.documents():
        if kind is PolicyKind.TRUST or _aws_managed(name):
            continue
        for statement in demo_files.parsed(document, kind).statements:
            for pattern in itertools.chain(statement.actions, statement.not_actions):
                expression = re.compile(re.escape(pattern.lower()).replace(r"\*", ".*"))
                if not any(expression.fullmatch(action) for action in known):
                    unknown.add(pattern)
    assert unknown == INTENDED_UNKNOWN_ACTIONS


def _aws_managed(name: str) -> bool:
    account, _, rest = name.partition(" ")
    policies = demo_files.read(account)["Policies"] if account in ACCOUNTS else []
    return any(item["PolicyName"] == rest.partition(" ")[0] and ":aws:policy/" in item["Arn"] for item in policies)


def test_resources_are_of_known_types_in_known_accounts_and_made_by_known_identities() -> None:
    templates = [item.arn for item in load_sagemaker().resource_types]
    shapes = [re.compile(re.sub(r"\\\$\\\{\w+\\\}", "[^:]+", re.escape(template))) for template in templates]
    arns = {item["Arn"] for _, _, item in identities()}
    mappings = demo_files.read("resources")["ResourceTagMappingList"]
    assert len({item["ResourceARN"] for item in mappings}) == len(mappings) >= 60
    for item in mappings:
        arn = Arn.parse(item["ResourceARN"])
        assert any(shape.fullmatch(item["ResourceARN"]) for shape in shapes)
        assert arn.account in ACCOUNTS.values()
        if "CreatedBy" in item:
            assert item["CreatedBy"] in arns
            assert Arn.parse(item["CreatedBy"]).account == arn.account


def test_organization_policies_hang_on_places_that_exist() -> None:
    organization = demo_files.read("organization")
    places = {item["Id"] for key in ("Roots", "OrganizationalUnits", "Accounts") for item in organization[key]}
    policies = {item["Id"] for item in organization["Policies"]}
    assert {item["TargetId"] for item in organization["Targets"]} == places
    assert {item["PolicyId"] for item in organization["Targets"]} == policies
    assert set(ACCOUNTS.values()) | {organization["Organization"]["MasterAccountId"]} == {
        item["Id"] for item in organization["Accounts"]
    }
