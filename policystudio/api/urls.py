"""The addresses of `api`."""

from collections.abc import Callable
from typing import Any

from django.urls import URLPattern, path

from policystudio.api import (
    access,
    accounts,
    change_edits,
    changes,
    clients,
    compare,
    decisions,
    evaluate,
    expectations,
    findings,
    groups,
    imports,
    least_policy,
    matrix,
    policies,
    record,
    redundancy,
    resources,
    roles,
    scenario,
    simulate,
    smallest_change,
    templates,
    tokens,
    transfer,
    users,
    validation,
    what_can,
    who_can,
)

app_name = "api"

Endpoint = tuple[str, Callable[..., Any], str]

ACCOUNT = "accounts/<str:number>"

ENDPOINTS: list[Endpoint] = [
    ("tokens", tokens.Tokens.as_view(), "tokens"),
    ("tokens/<str:id>", tokens.OneToken.as_view(), "token"),
    ("accounts", accounts.Accounts.as_view(), "accounts"),
    (ACCOUNT, accounts.OneAccount.as_view(), "account"),
    (f"{ACCOUNT}/users", users.Users.as_view(), "users"),
    (f"{ACCOUNT}/users/<str:name>", users.OneUser.as_view(), "user"),
    (f"{ACCOUNT}/groups", groups.Groups.as_view(), "groups"),
    (f"{ACCOUNT}/groups/<str:name>", groups.OneGroup.as_view(), "group"),
    (f"{ACCOUNT}/roles", roles.Roles.as_view(), "roles"),
    (f"{ACCOUNT}/roles/<str:name>", roles.OneRole.as_view(), "role"),
    (f"{ACCOUNT}/policies", policies.Policies.as_view(), "policies"),
    (f"{ACCOUNT}/policies/<int:id>", policies.OnePolicy.as_view(), "policy"),
    (f"{ACCOUNT}/policies/<int:id>/versions", policies.Versions.as_view(), "versions"),
    (f"{ACCOUNT}/policies/<int:id>/versions/<str:version_id>", policies.OneVersion.as_view(), "version"),
    (f"{ACCOUNT}/policies/<int:id>/export", transfer.PolicyExport.as_view(), "policy-export"),
    (f"{ACCOUNT}/changes/import", transfer.ChangesImport.as_view(), "changes-import"),
    (f"{ACCOUNT}/changes/<int:change>/export", transfer.ChangeExport.as_view(), "change-export"),
    (f"{ACCOUNT}/resources", resources.Resources.as_view(), "resources"),
    (f"{ACCOUNT}/matrix", matrix.Matrix.as_view(), "matrix"),
    (f"{ACCOUNT}/what-can", what_can.WhatCan.as_view(), "what-can"),
    (f"{ACCOUNT}/who-can", who_can.WhoCan.as_view(), "who-can"),
    (f"{ACCOUNT}/scenario", scenario.OneScenario.as_view(), "scenario"),
    (f"{ACCOUNT}/redundant", redundancy.AccountRedundant.as_view(), "account-redundant"),
    (f"{ACCOUNT}/changes", changes.Changes.as_view(), "changes"),
    (f"{ACCOUNT}/changes/<int:change>", changes.OneChange.as_view(), "change"),
    (f"{ACCOUNT}/changes/<int:change>/propose", changes.Propose.as_view(), "change-propose"),
    (f"{ACCOUNT}/changes/<int:change>/approve", changes.Approve.as_view(), "change-approve"),
    (f"{ACCOUNT}/changes/<int:change>/reject", changes.Reject.as_view(), "change-reject"),
    (f"{ACCOUNT}/changes/<int:change>/withdraw", changes.Withdraw.as_view(), "change-withdraw"),
    (f"{ACCOUNT}/changes/<int:change>/reopen", changes.Reopen.as_view(), "change-reopen"),
    (f"{ACCOUNT}/changes/<int:change>/publish", changes.Publish.as_view(), "change-publish"),
    (f"{ACCOUNT}/changes/<int:change>/roll-back", changes.RollBack.as_view(), "change-roll-back"),
    (f"{ACCOUNT}/changes/<int:change>/comments", changes.Comments.as_view(), "change-comments"),
    (f"{ACCOUNT}/changes/<int:change>/edits", change_edits.Edits.as_view(), "edits"),
    (f"{ACCOUNT}/changes/<int:change>/edits/<int:id>", change_edits.OneEdit.as_view(), "edit"),
    (f"{ACCOUNT}/changes/<int:change>/edits/<int:id>/merge", change_edits.EditMerge.as_view(), "edit-merge"),
    (f"{ACCOUNT}/changes/<int:change>/decisions", decisions.Decisions.as_view(), "change-decisions"),
    (f"{ACCOUNT}/expectations", expectations.Expectations.as_view(), "expectations"),
    (f"{ACCOUNT}/expectations/run", expectations.RunExpectations.as_view(), "expectations-run"),
    (f"{ACCOUNT}/expectations/<int:id>", expectations.OneExpectation.as_view(), "expectation"),
    (f"{ACCOUNT}/clients", clients.Clients.as_view(), "clients"),
    (f"{ACCOUNT}/clients/<int:id>", clients.OneClient.as_view(), "client"),
    (f"{ACCOUNT}/clients/<int:id>/access-keys", clients.AccessKeys.as_view(), "access-keys"),
    (f"{ACCOUNT}/clients/<int:id>/access-keys/<str:key>", clients.OneAccessKey.as_view(), "access-key"),
    (f"{ACCOUNT}/clients/<int:id>/tokens", clients.ClientTokens.as_view(), "client-tokens"),
    (f"{ACCOUNT}/clients/<int:id>/tokens/<str:token>", clients.OneClientToken.as_view(), "client-token"),
    (f"{ACCOUNT}/least-policy", least_policy.LeastPolicy.as_view(), "least-policy"),
    (f"{ACCOUNT}/findings", findings.Findings.as_view(), "findings"),
    (f"{ACCOUNT}/findings/<int:id>", findings.OneFinding.as_view(), "finding"),
    (f"{ACCOUNT}/waivers", findings.Waivers.as_view(), "waivers"),
    (f"{ACCOUNT}/waivers/<int:id>", findings.OneWaiver.as_view(), "waiver"),
    (f"{ACCOUNT}/simulate", simulate.Simulate.as_view(), "simulate"),
    (f"{ACCOUNT}/smallest-change", smallest_change.SmallestChange.as_view(), "smallest-change"),
    (f"{ACCOUNT}/record", record.AccountRecord.as_view(), "account-record"),
    (f"{ACCOUNT}/record/<int:sequence>", record.AccountEntry.as_view(), "account-entry"),
    ("record", record.Record.as_view(), "record"),
    ("record/<int:sequence>", record.Entry.as_view(), "entry"),
    ("record/verification", record.Verification.as_view(), "record-verification"),
    ("imports", imports.Imports.as_view(), "imports"),
    ("imports/<uuid:id>", imports.OneImport.as_view(), "import"),
    ("imports/<uuid:id>/cancel", imports.CancelImport.as_view(), "import-cancel"),
    ("evaluate", evaluate.Evaluate.as_view(), "evaluate"),
    ("compare", compare.Compare.as_view(), "compare"),
    ("redundant", redundancy.Redundant.as_view(), "redundant"),
    ("minify", redundancy.Minify.as_view(), "minify"),
    ("templates", templates.Templates.as_view(), "templates"),
    ("templates/<str:id>", templates.OneTemplate.as_view(), "template"),
    ("templates/<str:id>/render", templates.RenderTemplate.as_view(), "template-render"),
    ("validate", validation.Validate.as_view(), "validate"),
    ("check-access", compare.CheckAccess.as_view(), "check-access"),
    ("check-public", compare.CheckPublic.as_view(), "check-public"),
]


def _patterns(endpoint: Endpoint) -> list[URLPattern]:
    """With a slash at the end and without: clients write both. `reverse` gives the one without."""
    route, view, name = endpoint
    return [path(f"{route}/", view, name=name), path(route, view, name=name)]


urlpatterns = [
    *(pattern for endpoint in ENDPOINTS for pattern in _patterns(endpoint)),
    # What is left is unknown, and is told so in the shape of every other error.
    path("", access.Nothing.as_view(), name="nothing"),
    path("<path:rest>", access.Nothing.as_view(), name="nothing"),
]
