"""The cases of tests/access_cases.py for people: signing in, one's own account, organizations, invitations."""

from collections.abc import Mapping
from typing import Any

from tests.access_cases import Case, World, of_account


def of_organization(world: World) -> Mapping[str, Any]:
    """The argument of what is of the whole organization."""
    return {"org_id": world.organization_policy.organization.org_id}


def giving(_: World) -> Mapping[str, Any]:
    """A role for somebody."""
    return {"user": "vic", "role": "author"}


def inviting(_: World) -> Mapping[str, Any]:
    """Somebody to invite."""
    return {"addressee": "new@example.com", "role": "viewer"}


def of_invitation(world: World) -> Mapping[str, Any]:
    """An open invitation to the account."""
    return {**of_account(world), "pk": world.account.invitations.get().pk}


def of_organization_invitation(world: World) -> Mapping[str, Any]:
    """An open invitation to the organization."""
    organization = world.organization_policy.organization
    return {**of_organization(world), "pk": organization.invitations.get().pk}


def at_rest(world: World) -> Mapping[str, Any]:
    """The argument of what is of the whole organization, over REST."""
    return {"id": world.organization_policy.organization.org_id}


def of_member(world: World) -> Mapping[str, Any]:
    """Somebody with a role in the account, over REST."""
    return {**of_account(world), "user": "vic"}


def of_organization_member(world: World) -> Mapping[str, Any]:
    """Somebody with a role in the organization, over REST."""
    return {**at_rest(world), "user": "vic"}


def invitation_at_rest(world: World) -> Mapping[str, Any]:
    """An open invitation to the account, over REST."""
    return {**of_account(world), "id": of_invitation(world)["pk"]}


def organization_invitation_at_rest(world: World) -> Mapping[str, Any]:
    """An open invitation to the organization, over REST."""
    return {**at_rest(world), "invitation": of_organization_invitation(world)["pk"]}


def an_author(_: World) -> Mapping[str, Any]:
    """A role."""
    return {"role": "author"}


AT_REST = [
    Case("api:members", "GET", 200, 200, 404, 401, of_account),
    Case("api:member", "GET", 200, 200, 404, 401, of_member),
    # Without the header If-Match.
    Case("api:member", "PUT", 428, 403, 404, 401, of_member, data=an_author, json=True),
    Case("api:member", "DELETE", 428, 403, 404, 401, of_member),
    Case("api:organization-members", "GET", 200, 200, 404, 401, at_rest),
    Case("api:organization-member", "GET", 200, 200, 404, 401, of_organization_member),
    Case("api:organization-member", "PUT", 428, 403, 404, 401, of_organization_member, data=an_author, json=True),
    Case("api:organization-member", "DELETE", 428, 403, 404, 401, of_organization_member),
    Case("api:invitations", "GET", 200, 403, 404, 401, of_account),
    Case("api:invitations", "POST", 201, 403, 404, 401, of_account, data=inviting, json=True),
    Case("api:invitation", "DELETE", 204, 403, 404, 401, invitation_at_rest),
    Case("api:organization-invitations", "GET", 200, 403, 404, 401, at_rest),
    Case("api:organization-invitations", "POST", 201, 403, 404, 401, at_rest, data=inviting, json=True),
    Case("api:organization-invitation", "DELETE", 204, 403, 404, 401, organization_invitation_at_rest),
    Case("api:invitation-accept", "POST", 409, 409, 409, 401, data=lambda _: {"token": "x" * 43}, json=True),
]

PEOPLE = [
    *AT_REST,
    Case("web:invite", "POST", 200, 403, 404, 302, of_account, data=inviting),
    Case("web:organization-invite", "POST", 200, 403, 404, 302, of_organization, data=inviting),
    Case("web:invitation-revoke", "POST", 302, 403, 404, 302, of_invitation),
    Case("web:organization-invitation-revoke", "POST", 302, 403, 404, 302, of_organization_invitation),
    # Nobody has opened a link; a token that is made up opens nothing.
    *(Case("web:invitation", method, 404, 404, 404, 404) for method in ("GET", "POST")),
    Case("web:invitation-open", "GET", 404, 404, 404, 404, lambda _: {"token": "x" * 43}),
    # Whoever gave no password is sent back to that.
    *(Case("web:sign-in-code", method, 302, 302, 302, 302) for method in ("GET", "POST")),
    Case("web:you", "GET", 200, 200, 200, 302),
    *(Case(f"web:{name}", "POST", 422, 422, 422, 302) for name in ("your-password", "second-factor-remove")),
    Case("web:second-factor", "POST", 302, 302, 302, 302),
    Case("web:second-factor-confirm", "POST", 422, 422, 422, 302),
    Case("web:session-end", "POST", 302, 302, 302, 302, lambda _: {"key": "0" * 40}),
    Case("web:sessions-end", "POST", 302, 302, 302, 302),
    Case("web:organization-members", "GET", 200, 200, 404, 302, of_organization),
    Case("web:organization-members", "POST", 302, 403, 404, 302, of_organization, data=giving),
    Case(
        "web:organization-member-remove",
        "POST",
        302,
        403,
        404,
        302,
        lambda world: {**of_organization(world), "pk": world.viewer.pk},
    ),
]
