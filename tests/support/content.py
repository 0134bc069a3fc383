"""An account's content without the ids of rows, so that two of them can be held against each other."""

from typing import Any

from policystudio.simulator.content import Content


def canonical(content: Content) -> dict[str, Any]:
    """What decides, by ARNs and names; ids of new organization policies are left out for their names."""
    arn_of = {pk: row.arn for pk, row in content.rows.items()}
    policy_of = {pk: row.arn for pk, row in content.policies.items()}
    return {
        "policies": {row.arn: (row.name, row.is_aws_managed, row.digest) for row in content.policies.values()},
        "identities": {
            row.arn: {
                "row": (row.kind, row.path, row.name, row.unique_id, dict(row.tags), row.trust_digest),
                "linked": (row.service_linked, list(row.gaps)),
                "boundary": policy_of.get(row.boundary_id or 0),
                "groups": [arn_of[one] for one in content.groups.get(pk, ())],
                "attached": {policy_of[one] for one in content.attached.get(pk, ())},
                "inline": [(one.owner, one.name, one.digest) for one in content.inline.get(pk, ())],
            }
            for pk, row in content.rows.items()
        },
        "place": (content.organization_path(), content.is_management),
        "levels": {
            kind: levels
            and [(one.id, one.name, sorted((policy.name, policy.text) for policy in one.policies)) for one in levels]
            for kind in ("scp", "rcp")
            for levels in (content.levels(kind),)
        },
    }
