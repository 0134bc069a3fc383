"""Who gets which answer from which address: one line for every route and method. tests/web/test_access.py tries them.

To add a route: add its cases to `WEB` (or `API`, or `REST` in access_cases_rest.py), one for each method that it takes.
A method without a case must be refused with 405; a route without any case fails the test.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User as SignIn
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from policystudio.accounts.models import Account, OrganizationPolicy, Role
from policystudio.awssync import services
from policystudio.awssync.models import ImportJob
from policystudio.changes.models import Edit
from policystudio.changes.services import Wanted, change_begin, expectation_create
from policystudio.clients import services as clients
from policystudio.clients.models import AccessKey, ApiToken, ServiceClient
from policystudio.findings import services as findings
from policystudio.findings.models import Finding, Waiver
from policystudio.identities.models import Identity
from policystudio.policies.models import ManagedPolicy
from policystudio.web.catalogue import catalogue_file
from policystudio.webhooks import services as webhooks
from tests import factories

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
EXPORT = b'{"UserDetailList": [], "GroupDetailList": [], "RoleDetailList": [], "Policies": []}'
TRY = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sagemaker:*", "Resource": "*"}]}'


EVENT = {
    "eventSource": "sagemaker.amazonaws.com",
    "eventName": "ListModels",
    "userIdentity": {"type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/ana"},
}

TEMPLATE = {
    "Resources": {
        "Fresh": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": json.loads(TRY)}},
    }
}


@dataclass(frozen=True)
class World:
    """An account with one of everything, and the people of every case."""

    account: Account
    user: Identity
    policy: ManagedPolicy
    organization_policy: OrganizationPolicy
    job: ImportJob
    edit: Edit
    finding: Finding
    waiver: Waiver
    client: ServiceClient
    key: AccessKey
    token: ApiToken
    administrator: SignIn
    viewer: SignIn
    stranger: SignIn


@dataclass(frozen=True)
class Case:
    """What each person gets from one route by one method; ``owner`` is an administrator of the account."""

    route: str
    method: str
    owner: int
    viewer: int
    stranger: int
    signed_out: int
    arguments: Callable[[World], Mapping[str, Any]] = lambda _: {}
    query: Callable[[World], Mapping[str, Any]] = lambda _: {}
    data: Callable[[World], Mapping[str, Any]] = lambda _: {}
    json: bool = False

    def __str__(self) -> str:
        return f"{self.method} {self.route}"


def make_world() -> World:
    """One of everything."""
    organization = factories.make_organization()
    root = organization.units.get()
    account = factories.make_account("111122223333", "research", unit=root, read_at=timezone.now())
    scp = factories.make_organization_policy(organization, targets=(root,))
    people = [factories.make_sign_in(name) for name in ("ada", "vic", "stan")]
    factories.make_membership(people[0], account, Role.ADMINISTRATOR)
    factories.make_membership(people[1], account, Role.VIEWER)
    factories.make_membership(people[2], factories.make_account(), Role.ADMINISTRATOR)
    factories.make_organization_membership(people[0], organization, Role.ADMINISTRATOR)
    factories.make_organization_membership(people[1], organization, Role.VIEWER)
    for whole in (account, organization):
        factories.make_invitation(people[0], whole)
    policy = factories.make_managed_policy(account, "everything")
    user = factories.make_identity(account, "user", "ana")
    group = factories.make_identity(account, "group", "scientists")
    factories.make_identity(account, "role", "train")
    factories.join(user, group)
    factories.attach(group, policy)
    factories.make_resource(account)
    factories.make_simulation(account, people[0])
    job = services.import_create(user=people[0], file=SimpleUploadedFile("a.json", EXPORT), now=timezone.now())
    wanted = Wanted(demand="must", identity=user.arn, action="sagemaker:ListModels", resource="*")
    expectation_create(account=account, by=people[0], wanted=wanted)
    hook = {"url": "https://hooks.example.com/team", "events": ["change.*"]}
    made, _ = webhooks.webhook_create(by=people[0], account=account, now=timezone.now(), **hook)
    webhooks.webhook_ping(by=people[0], webhook=made, now=timezone.now())
    edit = change_begin(
        account=account, by=people[0], title="Narrow everything", kind="managed-policy", target=policy.arn, text=TRY
    )
    findings.findings_work_now(account=account, now=timezone.now())
    finding = Finding.objects.filter(account=account).first()
    assert finding is not None
    reason = {"reason": "known", "owner": people[0], "until": timezone.now().date(), "now": timezone.now()}
    waiver = findings.waiver_grant(by=None, account=account, finding=None, code=finding.code, **reason)
    client, key, token = make_client(account)
    return World(account, user, policy, scp, job, edit, finding, waiver, client, key, token, *people)


def make_client(account: Account) -> tuple[ServiceClient, AccessKey, ApiToken]:
    """An API client with an access key and a token."""
    now = timezone.now()
    client = clients.client_create(by=None, account=account, name="ci", role=Role.VIEWER, now=now)
    key, _ = clients.access_key_issue(by=None, client=client, now=now)
    lifetime = timedelta(days=1)
    token, _ = clients.client_token_issue(by=None, client=client, name="ci", scope="read", lifetime=lifetime)
    return client, key, token


def of_account(world: World) -> Mapping[str, Any]:
    """The arguments of most routes."""
    return {"number": world.account.number}


def cell(world: World) -> Mapping[str, Any]:
    """A cell whose Why is asked for."""
    return {"why": world.user.arn, "why_type": "model", "why_action": "sagemaker:CreateModel"}


def scenario(world: World) -> Mapping[str, Any]:
    """An operation that somebody wants to run."""
    return {"operation": "CreateModel", "identity": world.user.arn}


def who(_: World) -> Mapping[str, Any]:
    """An action of which somebody asks who can do it."""
    return {"action": "sagemaker:ListModels"}


def page(
    route: str,
    *,
    arguments: Callable[[World], Mapping[str, Any]] = of_account,
    query: Callable[[World], Mapping[str, Any]] = lambda _: {},
) -> Case:
    """A page of an account that all its members may read."""
    return Case(f"web:{route}", "GET", 200, 200, 404, 302, arguments, query)


def endpoint(
    route: str,
    method: str = "GET",
    *,
    arguments: Callable[[World], Mapping[str, Any]] = of_account,
    data: Callable[[World], Mapping[str, Any]] = lambda _: {},
) -> Case:
    """What all members of an account may ask over REST."""
    return Case(f"api:{route}", method, 200, 200, 404, 401, arguments, data=data, json=True)


def of_section(name: str) -> Case:
    """A section of the account's page."""
    return page("account-section", arguments=lambda world: {**of_account(world), "name": name})


def of_account_and(**more: Callable[[World], Any]) -> Callable[[World], Mapping[str, Any]]:
    """The arguments of routes below an account."""
    return lambda world: {**of_account(world), **{name: value(world) for name, value in more.items()}}


def of_job(name: str) -> Callable[[World], Mapping[str, Any]]:
    """The argument of an import, which is the administrator's alone."""
    return lambda world: {name: world.job.pk}


def a_file(_: World) -> Mapping[str, Any]:
    """An export to upload."""
    return {"file": SimpleUploadedFile("a.json", EXPORT)}


def asked(world: World) -> Mapping[str, Any]:
    """A concrete request of a stored identity."""
    return {"principal": world.user.arn, "action": "sagemaker:ListModels"}


def wanted(world: World) -> Mapping[str, Any]:
    """What is to become allowed to a stored identity."""
    return {"principal": world.user.arn, "action": "sagemaker:ListModels", "resource": "*"}


def evaluated(_: World) -> Mapping[str, Any]:
    """Policies and a request in the body."""
    principal = "arn:aws:iam::111122223333:user/dana"
    return {"principal": principal, "action": "sagemaker:ListModels", "resource": "*", "identity_policies": []}


def waiving(_: World) -> Mapping[str, Any]:
    """Why a finding may stay, who answers for it, and until when."""
    return {"reason": "known", "owner": "ada", "until": timezone.now().date().isoformat()}


def waiving_a_code(world: World) -> Mapping[str, Any]:
    """The same over REST."""
    return {**waiving(world), "code": "INVALID_ACTION"}


def compared(_: World) -> Mapping[str, Any]:
    """Two documents in the body."""
    return {"before": json.loads(TRY), "after": TRY}


def looked_through(_: World) -> Mapping[str, Any]:
    """A document in the body."""
    return {"policy": json.loads(TRY)}


def checked(_: World) -> Mapping[str, Any]:
    """A document in the body, and an action."""
    return {"policy": json.loads(TRY), "actions": ["s3:*"]}


def of_template(_: World) -> Mapping[str, Any]:
    """The argument of a template's endpoints."""
    return {"id": "execution-training"}


def template_parameters(world: World) -> Mapping[str, Any]:
    """What a template needs."""
    return {"parameters": {"account": world.account.number, "buckets": ["churn-data"]}}


def template_form(_: World) -> Mapping[str, Any]:
    """The fields of a template's form."""
    return {"name": "train-churn", "buckets": "churn-data"}


def trusted(_: World) -> Mapping[str, Any]:
    """A trust policy in the body."""
    service = {"Service": "sagemaker.amazonaws.com"}
    return {"policy": {"Statement": [{"Effect": "Allow", "Principal": service, "Action": "sts:AssumeRole"}]}}


def of_change(world: World) -> Mapping[str, Any]:
    """The arguments of a change."""
    return {**of_account(world), "change": world.edit.change.number}


def of_edit(world: World) -> Mapping[str, Any]:
    """The arguments of an edit of it."""
    return {**of_change(world), "pk": world.edit.pk}


def of_expectation(name: str) -> Callable[[World], Mapping[str, Any]]:
    """The arguments of an expectation of the account."""
    return lambda world: {**of_account(world), name: world.account.expectations.get().pk}


def expected(world: World) -> Mapping[str, Any]:
    """An expectation to keep."""
    return {"demand": "never", "identity": world.user.arn, "action": "sagemaker:DeleteModel", "resource": "*"}


def of_rest_edit(world: World) -> Mapping[str, Any]:
    """The same over REST."""
    return {**of_change(world), "id": world.edit.pk}


def attached(world: World) -> Mapping[str, Any]:
    """An edit to put into a change."""
    return {"kind": "attach", "target": world.user.arn, "other": world.policy.arn}


def tagged(world: World) -> Mapping[str, Any]:
    """An edit to begin."""
    return {"kind": "tags", "target": world.user.arn, "data": '{"tags": {"team": "research"}}', "title": "Tag ana"}


def draft_text(_: World) -> Mapping[str, Any]:
    """What the editor sends of a draft."""
    return {"text": TRY, "version": 1}


def of_client(name: str, **more: Callable[[World], Any]) -> Callable[[World], Mapping[str, Any]]:
    """The arguments of an API client of the account, and of what belongs to it."""
    return of_account_and(**{name: lambda world: world.client.pk}, **more)


#: What an administrator does with an API client in the browser, what is answered and what is sent.
CLIENT_STEPS: tuple[tuple[str, int, Callable[[World], Mapping[str, Any]], Mapping[str, Any]], ...] = (
    ("client", 409, of_client("pk"), {"role": "author", "description": "pipeline"}),
    ("client-switch", 302, of_client("pk"), {"disabled": "yes"}),
    ("client-key-issue", 409, of_client("pk"), {"days": "30"}),
    ("client-token-issue", 409, of_client("pk"), {"name": "ci", "scope": "read", "days": "30"}),
    ("client-key-revoke", 302, of_client("pk", key=lambda world: world.key.pk), {}),
    ("client-token-revoke", 302, of_client("pk", token=lambda world: world.token.token_key), {}),
)


def sent(values: Mapping[str, Any]) -> Callable[[World], Mapping[str, Any]]:
    """These values, whatever the world."""
    return lambda _: values


#: What leaves in the formats of other tools, and how its page names it.
LEAVING: dict[str, Callable[[World], Any]] = {
    "change": lambda world: world.edit.change.number,
    "policy": lambda world: world.policy.pk,
    "identity": lambda world: world.user.pk,
    "organization-policy": lambda world: world.organization_policy.pk,
}


WEB = [
    Case("web:home", "GET", 302, 302, 302, 302),
    Case("web:sign-in", "GET", 302, 302, 302, 200),
    Case("web:sign-in", "POST", 302, 302, 302, 200),
    # Whoever is signed in is sent on before the method is looked at.
    *(Case("web:sign-in", method, 302, 302, 302, 405) for method in ("PUT", "PATCH", "DELETE")),
    Case("web:sign-out", "POST", 302, 302, 302, 302),
    Case("web:accounts", "GET", 200, 200, 200, 302),
    Case("web:simulator-choose", "GET", 302, 302, 302, 302),
    Case("web:search", "GET", 200, 200, 200, 302),
    Case("web:finding-code", "GET", 200, 200, 200, 302, lambda _: {"code": "INVALID_ACTION"}),
    Case("web:catalogue", "GET", 200, 200, 200, 302, lambda _: {"digest": catalogue_file().digest}),
    page("account"),
    *(of_section(name) for name in ("users", "groups", "roles", "policies", "resources", "organization")),
    page("identity", arguments=of_account_and(pk=lambda world: world.user.pk)),
    page("root"),
    page("policy", arguments=of_account_and(pk=lambda world: world.policy.pk)),
    page("redundant", arguments=of_account_and(pk=lambda world: world.user.pk)),
    page("minified", arguments=of_account_and(pk=lambda world: world.policy.pk)),
    page("organization-policy", arguments=of_account_and(pk=lambda world: world.organization_policy.pk)),
    page("simulator"),
    page("export", arguments=of_account_and(form=lambda _: "csv")),
    page("export", arguments=of_account_and(form=lambda _: "json")),
    page("why", query=cell),
    Case("web:what-if", "POST", 302, 302, 404, 302, of_account, data=lambda _: {"policy": TRY}),
    page("compare"),
    page("least-policy"),
    Case("web:least-policy", "POST", 200, 200, 404, 302, of_account, data=lambda _: {"events": json.dumps(EVENT)}),
    Case("web:compare", "POST", 200, 200, 404, 302, of_account, data=lambda _: {"before": TRY, "after": TRY}),
    page("changes"),
    page("expectations"),
    Case("web:expectations", "POST", 302, 403, 404, 302, of_account, data=expected),
    Case("web:expectation-remove", "POST", 302, 403, 404, 302, of_expectation("pk")),
    *(
        page(f"{subject}-{route}", arguments=of_account_and(pk=pk, **form))
        for subject, pk in LEAVING.items()
        for route, form in (("take-out", {}), ("export", {"form": lambda _: "json"}))
    ),
    Case("web:changes-import", "GET", 200, 403, 404, 302, of_account),
    Case("web:changes-import", "POST", 200, 403, 404, 302, of_account, data=lambda _: {"text": json.dumps(TEMPLATE)}),
    page("change-expectations", arguments=of_change),
    page("change-decisions", arguments=of_change),
    page("change-findings", arguments=of_change),
    page("findings"),
    page("finding", arguments=of_account_and(pk=lambda world: world.finding.pk)),
    Case("web:finding", "POST", 302, 403, 404, 302, of_account_and(pk=lambda world: world.finding.pk), data=waiving),
    Case("web:waive-code", "GET", 200, 403, 404, 302, of_account_and(code=lambda world: world.finding.code)),
    Case("web:waive-code", "POST", 302, 403, 404, 302, of_account_and(code=lambda _: "INVALID_ACTION"), data=waiving),
    Case("web:waiver", "GET", 200, 403, 404, 302, of_account_and(pk=lambda world: world.waiver.pk)),
    Case("web:waiver", "POST", 302, 403, 404, 302, of_account_and(pk=lambda world: world.waiver.pk), data=waiving),
    Case("web:waiver-remove", "POST", 302, 403, 404, 302, of_account_and(pk=lambda world: world.waiver.pk)),
    page("change", arguments=of_change),
    page("earlier", query=lambda world: {"kind": "managed-policy", "target": world.policy.arn}),
    page("change-section", arguments=lambda world: {**of_change(world), "name": "quotas"}),
    Case("web:change-step", "POST", 302, 403, 404, 302, lambda world: {**of_change(world), "name": "propose"}),
    Case("web:change-comment", "POST", 302, 302, 404, 302, of_change, data=lambda _: {"comment": "why?"}),
    Case("web:change-describe", "POST", 302, 403, 404, 302, of_change, data=lambda _: {"title": "Narrow all"}),
    Case("web:change-roll-back", "POST", 422, 403, 404, 302, of_change),
    Case("web:edit-remove", "POST", 302, 403, 404, 302, of_edit),
    Case("web:edit-merge", "GET", 200, 403, 404, 302, of_edit),
    Case("web:edit-merge", "POST", 409, 403, 404, 302, of_edit),
    Case("web:second-factor-demand", "POST", 302, 403, 404, 302, of_account, data=lambda _: {"needed": "no"}),
    Case("web:second-person", "POST", 302, 403, 404, 302, of_account, data=lambda _: {"needed": "yes"}),
    Case("web:change-edit-new", "GET", 200, 403, 404, 302, of_account, query=lambda _: {"kind": "managed-policy"}),
    Case("web:change-edit-new", "POST", 302, 403, 404, 302, of_account, data=tagged),
    Case("web:edit", "GET", 200, 403, 404, 302, of_edit),
    Case("web:edit", "POST", 302, 403, 404, 302, of_edit, data=lambda _: {"text": "{}", "version": "1"}),
    *(
        Case(f"web:edit-{name}", "POST", status, 403, 404, 302, of_edit, data=draft_text, json=True)
        for name, status in (("save", 200), ("findings", 200), ("grants", 200), ("shorter", 200), ("split", 200))
    ),
    Case("web:clients", "GET", 200, 403, 404, 302, of_account),
    Case("web:clients", "POST", 302, 403, 404, 302, of_account, data=sent({"name": "nightly", "role": "viewer"})),
    Case("web:client", "GET", 200, 403, 404, 302, of_client("pk")),
    *(
        Case(f"web:{route}", "POST", status, 403, 404, 302, arguments, data=sent(values))
        for route, status, arguments, values in CLIENT_STEPS
    ),
    Case("web:your-tokens", "GET", 200, 200, 200, 302),
    Case("web:your-tokens", "POST", 200, 200, 200, 302, data=sent({"name": "x", "scope": "read", "days": "30"})),
    Case("web:token-revoke", "POST", 404, 404, 404, 302, lambda _: {"token": "0" * 15}),
    page("templates"),
    page("template", arguments=of_account_and(template=lambda _: "execution-training")),
    Case(
        "web:template",
        "POST",
        302,
        403,
        404,
        302,
        of_account_and(template=lambda _: "execution-training"),
        data=template_form,
    ),
    Case(
        "web:template-preview",
        "POST",
        200,
        200,
        404,
        302,
        of_account_and(template=lambda _: "execution-training"),
        data=template_form,
    ),
    page("members"),
    page("known"),
    page("scenarios", query=scenario),
    page("who-can", query=who),
    Case("web:members", "POST", 302, 403, 404, 302, of_account, data=lambda _: {"user": "vic", "role": "author"}),
    Case("web:member-remove", "POST", 302, 403, 404, 302, of_account_and(pk=lambda world: world.viewer.pk)),
    Case("web:imports", "GET", 200, 200, 200, 302),
    Case("web:imports", "POST", 302, 302, 302, 302, data=a_file),
    Case("web:import", "GET", 200, 404, 404, 302, of_job("pk")),
    Case("web:import-cancel", "POST", 302, 404, 404, 302, of_job("pk")),
]

API = [
    endpoint("account"),
    endpoint("users"),
    endpoint("user", arguments=of_account_and(name=lambda world: world.user.name)),
    endpoint("groups"),
    endpoint("group", arguments=of_account_and(name=lambda _: "scientists")),
    endpoint("roles"),
    endpoint("role", arguments=of_account_and(name=lambda _: "train")),
    endpoint("policies"),
    endpoint("policy", arguments=of_account_and(id=lambda world: world.policy.pk)),
    endpoint("versions", arguments=of_account_and(id=lambda world: world.policy.pk)),
    endpoint("version", arguments=of_account_and(id=lambda world: world.policy.pk, version_id=lambda _: "v1")),
    endpoint("policy-export", arguments=of_account_and(id=lambda world: world.policy.pk)),
    endpoint("change-export", arguments=of_change),
    Case("api:changes-import", "POST", 201, 403, 404, 401, of_account, data=lambda _: TEMPLATE, json=True),
    endpoint("resources"),
    endpoint("changes"),
    Case("api:changes", "POST", 201, 403, 404, 401, of_account, data=lambda _: {"title": "Tag"}, json=True),
    endpoint("change", arguments=of_change),
    *(
        # Without the header If-Match: nobody steps on what they have not seen.
        Case(f"api:change-{step}", "POST", 428, 403, 404, 401, of_change, json=True)
        for step in ("propose", "approve", "reject", "withdraw", "reopen", "publish")
    ),
    Case("api:change", "PUT", 428, 403, 404, 401, of_change, data=lambda _: {"title": "Tag"}, json=True),
    Case("api:change-roll-back", "POST", 409, 403, 404, 401, of_change, json=True),
    Case("api:change-comments", "POST", 201, 201, 404, 401, of_change, data=lambda _: {"comment": "why?"}, json=True),
    endpoint("edits", arguments=of_change),
    Case("api:edits", "POST", 201, 403, 404, 401, of_change, data=attached, json=True),
    endpoint("edit", arguments=of_rest_edit),
    *(Case("api:edit", method, 428, 403, 404, 401, of_rest_edit, json=True) for method in ("PUT", "DELETE")),
    endpoint("edit-merge", arguments=of_rest_edit),
    Case("api:edit-merge", "POST", 428, 403, 404, 401, of_rest_edit, json=True),
    endpoint("matrix"),
    Case("api:who-can", "GET", 200, 200, 404, 401, of_account, query=who),
    Case("api:what-can", "GET", 200, 200, 404, 401, of_account, query=lambda world: {"identity": world.user.arn}),
    Case("api:scenario", "GET", 200, 200, 404, 401, of_account, query=scenario),
    Case(
        "api:account-redundant", "GET", 200, 200, 404, 401, of_account, query=lambda world: {"identity": world.user.arn}
    ),
    endpoint("change-decisions", arguments=of_change),
    endpoint("expectations"),
    Case("api:expectations", "POST", 201, 403, 404, 401, of_account, data=expected, json=True),
    *(
        Case(f"api:{route}", "GET", 200, 403, 404, 401, arguments)
        for route, arguments in (
            ("clients", of_account),
            ("client", of_client("id")),
            ("access-keys", of_client("id")),
            ("client-tokens", of_client("id")),
        )
    ),
    Case("api:clients", "POST", 201, 403, 404, 401, of_account, data=sent({"name": "nightly"}), json=True),
    Case("api:client", "PUT", 428, 403, 404, 401, of_client("id"), data=sent({"role": "author"}), json=True),
    Case("api:access-keys", "POST", 201, 403, 404, 401, of_client("id"), json=True),
    Case("api:client-tokens", "POST", 201, 403, 404, 401, of_client("id"), data=sent({"name": "ci"}), json=True),
    Case("api:access-key", "DELETE", 204, 403, 404, 401, of_client("id", key=lambda world: world.key.key_id)),
    Case("api:client-token", "DELETE", 204, 403, 404, 401, of_client("id", token=lambda world: world.token.token_key)),
    endpoint("expectations-run"),
    endpoint("expectation", arguments=of_expectation("id")),
    Case("api:expectation", "PUT", 428, 403, 404, 401, of_expectation("id"), data=expected, json=True),
    Case("api:expectation", "DELETE", 428, 403, 404, 401, of_expectation("id")),
    endpoint("least-policy", "POST", data=lambda _: EVENT),
    endpoint("simulate", "POST", data=asked),
    endpoint("findings"),
    endpoint("waivers"),
    Case("api:waivers", "POST", 201, 403, 404, 401, of_account, data=waiving_a_code, json=True),
    endpoint("finding", arguments=of_account_and(id=lambda world: world.finding.pk)),
    endpoint("waiver", arguments=of_account_and(id=lambda world: world.waiver.pk)),
    *(
        Case("api:waiver", method, 428, 403, 404, 401, of_account_and(id=lambda world: world.waiver.pk), json=True)
        for method in ("PUT", "DELETE")
    ),
    endpoint("smallest-change", "POST", data=wanted),
    Case("api:accounts", "GET", 200, 200, 200, 401),
    Case("api:tokens", "GET", 200, 200, 200, 401),
    Case("api:tokens", "POST", 201, 201, 201, 401, data=lambda _: {"name": "nightly"}, json=True),
    Case("api:token", "DELETE", 404, 404, 404, 401, lambda _: {"id": "0" * 15}),
    Case("api:imports", "GET", 200, 200, 200, 401),
    Case("api:imports", "POST", 202, 202, 202, 401, data=a_file),
    Case("api:import", "GET", 200, 404, 404, 401, of_job("id")),
    Case("api:import-cancel", "POST", 200, 404, 404, 401, of_job("id")),
    Case("api:evaluate", "POST", 200, 200, 200, 401, data=evaluated, json=True),
    Case("api:compare", "POST", 200, 200, 200, 401, data=compared, json=True),
    Case("api:redundant", "POST", 200, 200, 200, 401, data=looked_through, json=True),
    Case("api:minify", "POST", 200, 200, 200, 401, data=looked_through, json=True),
    Case("api:templates", "GET", 200, 200, 200, 401),
    Case("api:template", "GET", 200, 200, 200, 401, of_template),
    Case("api:template-render", "POST", 200, 200, 200, 401, of_template, data=template_parameters, json=True),
    Case("api:validate", "POST", 200, 200, 200, 401, data=looked_through, json=True),
    Case("api:check-access", "POST", 200, 200, 200, 401, data=checked, json=True),
    Case("api:check-public", "POST", 200, 200, 200, 401, data=trusted, json=True),
    *(Case("api:nothing", method, 404, 404, 404, 401, lambda _: {"rest": "no-such-noun"}) for method in METHODS),
]

#: What says nothing about an account.
OPEN = [
    Case("healthz", "GET", 200, 200, 200, 200),
    Case("readyz", "GET", 200, 200, 200, 200),
    # From this machine, as the tests ask; tests/lib/test_metrics_page.py tries it from elsewhere.
    Case("metrics", "GET", 200, 200, 200, 200),
    Case("schema", "GET", 200, 200, 200, 401),
    Case("swagger", "GET", 200, 200, 200, 302),
    # Nobody in the table is staff.
    Case("admin-sign-in", "GET", 403, 403, 403, 302),
]

#: AWS's protocol knows no session: who signs no request is refused, whoever is signed in in the browser.
AWS = [
    Case(f"awsquery:{name}", method, 403, 403, 403, 403)
    for name in ("query", "query_root")
    for method in ("GET", "POST")
]

CASES = [*WEB, *API, *AWS, *OPEN]
