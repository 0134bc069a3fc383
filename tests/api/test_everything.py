"""Everything that a person can do in the browser, a tool can do over REST: each web route with its counterpart.

A row is the name of a web route, and the operations that do the same, or a sentence that says why none is needed.
"""

import pytest
from drf_spectacular.generators import SchemaGenerator

from policystudio.web import urls
from tests.web.test_access import routes

Counterpart = tuple[str, ...] | str

NO_SESSION = "It begins or ends a session of the browser; a tool signs every request with a token."
ONESELF = "A person's own password, second factor and sessions: a token must not change what signs its owner in."
SENDS_ON = "It only sends on to another page."

TABLE: dict[str, Counterpart] = {
    "home": SENDS_ON,
    "sign-in": NO_SESSION,
    "sign-out": NO_SESSION,
    "sign-in-code": NO_SESSION,
    **dict.fromkeys(
        ("you", "your-password", "second-factor", "second-factor-confirm", "second-factor-remove"), ONESELF
    ),
    **dict.fromkeys(("session-end", "sessions-end"), ONESELF),
    "simulator-choose": SENDS_ON,
    # Accounts and what is in them.
    "accounts": ("accounts_list",),
    "account": ("accounts_get", "changes_list", "findings_list", "organization_levels_get"),
    "account-section": (
        "users_list",
        "groups_list",
        "roles_list",
        "policies_list",
        "resources_list",
        "organization_levels_get",
        "organizations_policies_list",
    ),
    "identity": (
        "users_get",
        "groups_get",
        "roles_get",
        "what_can_get",
        "matrix_get",
        "attachments_list",
        "boundaries_list",
        "group_memberships_list",
    ),
    "root": ("root_get",),
    "policy": (
        "policies_get",
        "policies_versions_list",
        "policies_versions_get",
        "attachments_list",
        "boundaries_list",
        "findings_list",
    ),
    "organization-policy": (
        "organizations_list",
        "organizations_get",
        "organizations_units_list",
        "organizations_policies_get",
        "organizations_attachments_list",
    ),
    "search": ("search",),
    "members": ("members_list", "members_set"),
    "member-remove": ("members_remove",),
    "organization-members": ("organizations_members_list", "organizations_members_set"),
    "organization-member-remove": ("organizations_members_remove",),
    "invite": ("invitations_list", "invitations_create"),
    "invitation-revoke": ("invitations_revoke",),
    "organization-invite": ("organizations_invitations_list", "organizations_invitations_create"),
    "organization-invitation-revoke": ("organizations_invitations_revoke",),
    "invitation": ("invitations_accept",),
    "invitation-open": SENDS_ON,
    # Clients and tokens.
    "clients": ("clients_list", "clients_create"),
    "client": ("clients_get",),
    "client-switch": ("clients_update",),
    "client-key-issue": ("access_keys_create",),
    "client-key-revoke": ("access_keys_revoke",),
    "client-token-issue": ("client_tokens_create",),
    "client-token-revoke": ("client_tokens_revoke",),
    "your-tokens": ("tokens_list", "tokens_create"),
    "token-revoke": ("tokens_revoke",),
    # Webhooks.
    "webhooks": ("webhooks_list", "webhooks_create"),
    "webhook": ("webhooks_get", "webhooks_update", "deliveries_list"),
    "webhook-rotate": ("webhooks_rotate",),
    "webhook-ping": ("webhooks_test",),
    "webhook-remove": ("webhooks_delete",),
    "delivery": ("deliveries_get",),
    "delivery-redeliver": ("deliveries_redeliver",),
    # The record.
    "record": ("record_list_of_account",),
    "record-entry": ("record_get_of_account",),
    "record-export": ("record_list_of_account",),
    "whole-record": ("record_list",),
    "whole-record-entry": ("record_get",),
    "whole-record-export": ("record_list",),
    "record-verify": ("record_verification_get", "record_verification_ask"),
    "second-person": ("accounts_update",),
    "second-factor-demand": ("accounts_update",),
    # What is asked.
    "simulator": ("matrix_get", "simulate_create"),
    "export": ("matrix_get",),
    "what-if": ("matrix_get", "simulate_create"),
    "why": ("why_get", "smallest_change_create"),
    "who-can": ("who_can_get",),
    "scenarios": ("scenario_get",),
    "compare": ("compare_create", "check_access_create", "check_public_create"),
    "redundant": ("account_redundant_retrieve", "redundant_create"),
    "minified": ("minify_create",),
    "least-policy": ("least_policy_create",),
    # Changes.
    "changes": ("changes_list",),
    "change": ("changes_get",),
    "change-section": ("changes_get", "change_decisions", "expectations_run", "change_findings"),
    "change-step": (
        "changes_propose",
        "changes_approve",
        "changes_reject",
        "changes_withdraw",
        "changes_reopen",
        "changes_publish",
    ),
    "change-comment": ("changes_comment",),
    "change-describe": ("changes_update",),
    "change-roll-back": ("changes_roll_back",),
    "change-expectations": ("expectations_run",),
    "change-decisions": ("change_decisions",),
    "change-findings": ("change_findings",),
    "change-edit-new": ("changes_create", "edits_create"),
    "edit": ("edits_list", "edits_get", "edits_update"),
    "edit-save": ("edits_update",),
    "edit-findings": ("validate_create",),
    "edit-grants": ("compare_create",),
    "edit-shorter": ("minify_create",),
    "edit-split": ("edits_split_get", "edits_split", "edits_unsplit"),
    "edit-remove": ("edits_delete",),
    "edit-merge": ("edits_merge_get", "edits_merge"),
    "earlier": ("earlier_list",),
    "changes-import": ("changes_import",),
    "change-take-out": ("changes_export",),
    "change-export": ("changes_export",),
    "policy-take-out": ("policies_export",),
    "policy-export": ("policies_export",),
    "identity-take-out": ("users_export", "groups_export", "roles_export"),
    "identity-export": ("users_export", "groups_export", "roles_export"),
    "organization-policy-take-out": ("organization_policies_export",),
    "organization-policy-export": ("organization_policies_export",),
    "expectations": ("expectations_list", "expectations_create", "expectations_get", "expectations_update"),
    "simulations": ("simulations_list", "simulations_create"),
    "simulation": ("simulations_get", "simulations_runs_list", "simulations_runs_get", "simulations_compare"),
    "simulation-run": ("simulations_run",),
    "simulation-rename": ("simulations_update",),
    "simulation-remove": ("simulations_delete",),
    "expectation-remove": ("expectations_delete",),
    "templates": ("templates_list", "template_uses_list"),
    "template": ("templates_retrieve", "template_drafts_create"),
    "template-preview": ("templates_render",),
    # Findings.
    "findings": ("findings_list", "waivers_list"),
    "finding": ("findings_get", "waivers_create"),
    "finding-code": ("finding_codes_list", "finding_codes_get"),
    "waive-code": ("waivers_create",),
    "waiver": ("waivers_get", "waivers_update"),
    "waiver-remove": ("waivers_delete",),
    # Imports.
    "imports": ("imports_list", "imports_create"),
    "import": ("imports_get", "jobs_list", "jobs_get"),
    "import-cancel": ("imports_cancel",),
    # What the editor is fed with.
    "known": "Names of the account, packed for the completion of the editor: the lists of identities, policies and "
    "resources tell them.",
    "catalogue": "AWS's actions, types and condition keys, packed for the editor: none of it is the studio's own data.",
}


@pytest.fixture(scope="module")
def operations() -> set[str]:
    paths = SchemaGenerator().get_schema(public=True)["paths"]
    return {operation["operationId"] for methods in paths.values() for operation in methods.values()}


def test_every_web_route_has_a_row() -> None:
    names = {name.partition(":")[2] for name, _ in routes() if name.startswith(f"{urls.app_name}:")}
    assert names == set(TABLE), f"without a row: {names - set(TABLE)}; rows without a route: {set(TABLE) - names}"


@pytest.mark.parametrize("name", TABLE)
def test_what_it_does_can_be_done_over_rest(name: str, operations: set[str]) -> None:
    counterpart = TABLE[name]
    if isinstance(counterpart, str):
        assert len(counterpart.split()) > 5, "say why a tool needs nothing of the kind"
    else:
        assert counterpart
        assert set(counterpart) <= operations
