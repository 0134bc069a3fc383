"""The cases of tests/access_cases.py for people: signing in, one's own account, organizations, invitations."""

from collections.abc import Mapping
from typing import Any

from tests.access_cases import Case, World


def of_organization(world: World) -> Mapping[str, Any]:
    """The argument of what is of the whole organization."""
    return {"org_id": world.organization_policy.organization.org_id}


def giving(_: World) -> Mapping[str, Any]:
    """A role for somebody."""
    return {"user": "stan", "role": "viewer"}


PEOPLE = [
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
