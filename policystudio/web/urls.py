"""The addresses of the pages, cut by prefix."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path, register_converter
from django.urls.converters import StringConverter

from policystudio.web.views import (
    accounts,
    catalogue,
    change_steps,
    changes,
    clients,
    compare,
    decisions,
    earlier,
    edit,
    edit_help,
    edit_merge,
    edit_new,
    expectations,
    findings,
    findings_help,
    identities,
    imports,
    invitations,
    least_policy,
    members,
    organizations,
    policies,
    policy_templates,
    record,
    redundant,
    scenarios,
    search,
    sign,
    simulations,
    simulator,
    tokens,
    transfer,
    webhooks,
    who_can,
    why,
    you,
)

app_name = "web"


class TokenKey(StringConverter):
    """What tells one token from another: characters that are printed, not the NUL that PostgreSQL takes in no text."""

    regex = "[!-.0-~]{1,64}"


register_converter(TokenKey, "token_key")

simulator_urls = [
    path("", simulator.simulator, name="simulator"),
    path("export.<str:form>", simulator.export, name="export"),
    path("what-if/", simulator.what_if, name="what-if"),
    path("why/", why.why, name="why"),
]


def leaving(address: str, subject: str) -> list[URLPattern]:
    """The addresses below a page at which its subject leaves in other tools' formats."""
    given = {"subject": subject}
    return [
        path(f"{address}take-out/", transfer.take_out, given, name=f"{subject}-take-out"),
        path(f"{address}export.<str:form>", transfer.export, given, name=f"{subject}-export"),
    ]


change_urls = [
    path("", changes.change, name="change"),
    path("expectations/", expectations.of_change, name="change-expectations"),
    path("decisions/", decisions.of_change, name="change-decisions"),
    path("findings/", findings.of_change, name="change-findings"),
    path("edits/<int:pk>/", edit.edit, name="edit"),
    path("edits/<int:pk>/save", edit.save, name="edit-save"),
    path("edits/<int:pk>/findings", edit_help.findings, name="edit-findings"),
    path("edits/<int:pk>/grants", edit_help.grants, name="edit-grants"),
    path("edits/<int:pk>/shorter", edit_help.shorter, name="edit-shorter"),
    path("edits/<int:pk>/split", edit_help.split, name="edit-split"),
    path("sections/<slug:name>/", changes.section, name="change-section"),
    path("steps/<slug:name>/", change_steps.step, name="change-step"),
    path("comments/", change_steps.comment, name="change-comment"),
    path("describe/", change_steps.describe, name="change-describe"),
    path("roll-back/", change_steps.roll_back, name="change-roll-back"),
    path("edits/<int:pk>/remove/", change_steps.remove_edit, name="edit-remove"),
    path("edits/<int:pk>/merge/", edit_merge.merge, name="edit-merge"),
]

client_urls = [
    path("", clients.clients, name="clients"),
    path("<int:pk>/", clients.client, name="client"),
    path("<int:pk>/switch/", clients.switch, name="client-switch"),
    path("<int:pk>/keys/", clients.issue_key, name="client-key-issue"),
    path("<int:pk>/keys/<int:key>/revoke/", clients.revoke_key, name="client-key-revoke"),
    path("<int:pk>/tokens/", clients.issue_token, name="client-token-issue"),
    path("<int:pk>/tokens/<token_key:token>/revoke/", clients.revoke_token, name="client-token-revoke"),
]

webhook_urls = [
    path("", webhooks.webhooks, name="webhooks"),
    path("<int:pk>/", webhooks.webhook, name="webhook"),
    path("<int:pk>/rotate/", webhooks.rotate, name="webhook-rotate"),
    path("<int:pk>/ping/", webhooks.ping, name="webhook-ping"),
    path("<int:pk>/remove/", webhooks.remove, name="webhook-remove"),
    path("<int:pk>/deliveries/<uuid:id>/", webhooks.delivery, name="delivery"),
    path("<int:pk>/deliveries/<uuid:id>/redeliver/", webhooks.redeliver, name="delivery-redeliver"),
]

account_urls: list[URLPattern | URLResolver] = [
    path("", accounts.account, name="account"),
    path("simulator/", include(simulator_urls)),
    path("who-can/", who_can.page, name="who-can"),
    path("scenarios/", scenarios.scenarios, name="scenarios"),
    path("compare/", compare.compare, name="compare"),
    path("edits/new", edit_new.edit_new, name="change-edit-new"),
    path("earlier/", earlier.earlier, name="earlier"),
    path("changes/", changes.changes, name="changes"),
    path("changes/import/", transfer.bring_in, name="changes-import"),
    path("changes/<int:change>/", include(change_urls)),
    *leaving("changes/<int:pk>/", "change"),
    path("simulations/", simulations.simulations, name="simulations"),
    path("simulations/<int:simulation>/", simulations.simulation, name="simulation"),
    path("simulations/<int:simulation>/run/", simulations.run, name="simulation-run"),
    path("simulations/<int:simulation>/rename/", simulations.rename, name="simulation-rename"),
    path("simulations/<int:simulation>/remove/", simulations.remove, name="simulation-remove"),
    path("expectations/", expectations.expectations, name="expectations"),
    path("expectations/<int:pk>/remove/", expectations.remove, name="expectation-remove"),
    path("least-policy/", least_policy.least_policy, name="least-policy"),
    path("members/", members.members, name="members"),
    path("members/second-person/", members.second_person, name="second-person"),
    path("members/second-factor/", members.second_factor, name="second-factor-demand"),
    path("members/<int:pk>/remove/", members.remove, name="member-remove"),
    path("members/invite/", invitations.invite_to_account, name="invite"),
    path("members/invitations/<int:pk>/revoke/", invitations.revoke_of_account, name="invitation-revoke"),
    path("clients/", include(client_urls)),
    path("root/", identities.root, name="root"),
    path("identities/<int:pk>/", identities.identity, name="identity"),
    path("identities/<int:pk>/redundant/", redundant.redundant, name="redundant"),
    path("policies/<int:pk>/", policies.policy, name="policy"),
    *leaving("policies/<int:pk>/", "policy"),
    *leaving("identities/<int:pk>/", "identity"),
    *leaving("organization-policies/<int:pk>/", "organization-policy"),
    path("policies/<int:pk>/minified/", redundant.minified, name="minified"),
    path("organization-policies/<int:pk>/", policies.organization_policy, name="organization-policy"),
    path("known.json", catalogue.known, name="known"),
    path("templates/", policy_templates.templates, name="templates"),
    path("templates/<slug:template>/", policy_templates.template, name="template"),
    path("templates/<slug:template>/preview/", policy_templates.preview, name="template-preview"),
    path("findings/", findings.findings, name="findings"),
    path("findings/<int:pk>/", findings.finding, name="finding"),
    path("findings/codes/<slug:code>/", findings.waive_code, name="waive-code"),
    path("waivers/<int:pk>/", findings.waiver, name="waiver"),
    path("waivers/<int:pk>/remove/", findings.waiver_remove, name="waiver-remove"),
    path("webhooks/", include(webhook_urls)),
    path("record/", record.of_account, name="record"),
    path("record/<int:sequence>/", record.entry, name="record-entry"),
    path("record/export.<str:form>", record.export, name="record-export"),
    path("<slug:name>/", accounts.section, name="account-section"),
]

you_urls = [
    path("", you.you, name="you"),
    path("password/", you.password, name="your-password"),
    path("second-factor/", you.second_factor, name="second-factor"),
    path("second-factor/confirm/", you.second_factor_confirm, name="second-factor-confirm"),
    path("second-factor/remove/", you.second_factor_remove, name="second-factor-remove"),
    path("sessions/end/", you.sessions_end, name="sessions-end"),
    path("sessions/<slug:key>/end/", you.session_end, name="session-end"),
]

organization_urls = [
    path("members/", organizations.members, name="organization-members"),
    path("members/<int:pk>/remove/", organizations.remove, name="organization-member-remove"),
    path("members/invite/", invitations.invite_to_organization, name="organization-invite"),
    path(
        "members/invitations/<int:pk>/revoke/",
        invitations.revoke_of_organization,
        name="organization-invitation-revoke",
    ),
]

import_urls = [
    path("", imports.imports, name="imports"),
    path("<uuid:pk>/", imports.import_job, name="import"),
    path("<uuid:pk>/cancel/", imports.cancel, name="import-cancel"),
]

urlpatterns = [
    path("", accounts.home, name="home"),
    path("sign-in/", sign.sign_in, name="sign-in"),
    path("sign-in/code/", sign.sign_in_code, name="sign-in-code"),
    path("sign-out/", sign.sign_out, name="sign-out"),
    path("you/tokens/", tokens.tokens, name="your-tokens"),
    path("you/tokens/<token_key:token>/revoke/", tokens.revoke, name="token-revoke"),
    path("accounts/", accounts.account_list, name="accounts"),
    path("accounts/<str:number>/", include(account_urls)),
    path("invitation/", invitations.invitation, name="invitation"),
    path("invitations/<str:token>/", invitations.open_link, name="invitation-open"),
    path("you/", include(you_urls)),
    path("organizations/<str:org_id>/", include(organization_urls)),
    path("simulator/", simulator.choose, name="simulator-choose"),
    path("imports/", include(import_urls)),
    path("search/", search.search, name="search"),
    path("record/", record.whole, name="whole-record"),
    path("record/<int:sequence>/", record.whole_entry, name="whole-record-entry"),
    path("record/export.<str:form>", record.whole_export, name="whole-record-export"),
    path("record/verify/", record.verify, name="record-verify"),
    path("findings/<slug:code>/", findings_help.finding_code, name="finding-code"),
    path("catalogue/<slug:digest>.json", catalogue.catalogue, name="catalogue"),
]

if settings.OIDC is not None:
    urlpatterns.append(path("", include("policystudio.web.single_sign_on")))
