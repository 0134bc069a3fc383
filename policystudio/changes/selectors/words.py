"""What an edit does, as a short heading."""

from policystudio.changes.models import Edit
from policystudio.changes.selectors.present import NEW

Kind = Edit.Kind


def headline(edit: Edit) -> str:
    """`Attach look to group/scientists`, `New managed policy look`, `Tags of user/ana`."""
    kind, about, other = Kind(edit.kind), short_name(edit.target), short_name(edit.other)
    new = "New " if edit.base is None else ""
    headlines: dict[str, str] = {
        Kind.MANAGED_POLICY: f"{new or 'Edit '}managed policy {_bare(edit.target)}",
        Kind.MANAGED_POLICY_DELETE: f"Remove managed policy {_bare(edit.target)}",
        Kind.INLINE_POLICY: f"{new or 'Edit '}inline policy {edit.name} of {about}",
        Kind.INLINE_POLICY_DELETE: f"Remove inline policy {edit.name} of {about}",
        Kind.TRUST_POLICY: f"Edit trust policy of {about}",
        Kind.BOUNDARY: f"{f'Bound {about} by {other}' if edit.other else f'Take the boundary off {about}'}",
        Kind.ATTACH: f"Attach {_bare(edit.other)} to {about}",
        Kind.DETACH: f"Detach {_bare(edit.other)} from {about}",
        Kind.JOIN_GROUP: f"Add {about} to {other}",
        Kind.LEAVE_GROUP: f"Take {about} out of {other}",
        Kind.TAGS: f"Edit tags of {about}",
        Kind.IDENTITY: f"New {about}",
        Kind.IDENTITY_DELETE: f"Remove {about}",
        Kind.ORGANIZATION_POLICY: f"{new or 'Edit '}{_organization_kind(edit)} {_organization_name(edit)}",
        Kind.ORGANIZATION_POLICY_DELETE: f"Remove organization policy {_organization_name(edit)}",
        Kind.ORGANIZATION_ATTACH: f"Attach {_organization_name(edit)} to {edit.other}",
        Kind.ORGANIZATION_DETACH: f"Detach {_organization_name(edit)} from {edit.other}",
    }
    return headlines[kind]


def short_name(arn: str) -> str:
    """`user/ana` for the ARN of a user in whatever path; another text as it is."""
    if not arn.startswith("arn:"):
        return arn.removeprefix(NEW)
    kind, _, rest = arn.split(":", 5)[-1].partition("/")
    return f"{kind}/{rest.rpartition('/')[2]}"


def _bare(arn: str) -> str:
    return arn.rpartition("/")[2]


def _organization_name(edit: Edit) -> str:
    name = edit.data.get("name") or (edit.base or {}).get("name")
    return str(name) if name else edit.target.removeprefix(NEW)


def _organization_kind(edit: Edit) -> str:
    return "resource control policy" if edit.data.get("kind") == "rcp" else "service control policy"
