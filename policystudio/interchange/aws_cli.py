"""A change as a shell script of AWS CLI commands, in an order that works."""

import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from policystudio.interchange.edits import NEW, ORGANIZATION_TYPES, Change, Edit, KnownIdentity, Named, Written, named
from policystudio.interchange.shell import Parameter, Variable, command, comment

#: Managed policies that AWS lets be attached to an identity unless its quota was raised, and versions of a policy.
ATTACHED = 10
VERSIONS = 5

#: Who gets a policy exists before, a boundary stands before what it bounds is attached, and removals come last.
_ORDER = (
    "identity",
    "managed-policy",
    "organization-policy",
    "trust-policy",
    "boundary",
    "inline-policy",
    "tags",
    "join-group",
    "attach",
    "organization-attach",
    "organization-detach",
    "detach",
    "leave-group",
    "inline-policy-delete",
    "organization-policy-delete",
    "managed-policy-delete",
    "identity-delete",
)


def write_cli(change: Change) -> Written:
    """The script. It stops at the first command that fails, and before anything when signed in to another account."""
    script = _Script(change)
    body = [text for edit in _ordered(change) for text in script.commands(edit)]
    head = [comment(line) for line in (change.title, change.description) if line.strip()]
    # In a subshell, so that a failure does not close the window that the script was pasted into.
    lines = [
        "#!/bin/sh",
        *head,
        *(comment(f"Note: {note}") for note in script.notes),
        "(",
        "set -eu",
        "export AWS_PAGER=",
    ]
    if any(not edit.kind.startswith("organization") for edit in change.edits):
        lines += _guard(change.known.number)
    return Written("\n".join([*lines, *body, ")", ""]), tuple(script.notes))


def _guard(number: str) -> list[str]:
    asked = command("sts", "get-caller-identity", {"Query": "Account", "Output": "text"})
    message = shlex.quote(f"This script is for account {number}; sign in to it first.")
    return [f"account=$({asked})", f'[ "$account" = {number} ] || {{ echo {message} >&2; exit 1; }}']


def _ordered(change: Change) -> list[Edit]:
    """The edits in the order of ``_ORDER``; detached first where attaching first would go beyond the quota."""
    crowded = set()
    for arn, identity in change.known.identities.items():
        added = sum(edit.kind == "attach" and edit.target == arn for edit in change.edits)
        if len(identity.attached) + added > ATTACHED:
            crowded.add(arn)

    def place(edit: Edit) -> float:
        early = edit.kind == "detach" and edit.target in crowded
        if edit.kind == "identity":
            # The principals of a role's trust policy must exist.
            return named(edit.target).kind == "role"
        return _ORDER.index("attach") + 0.5 if early else _ORDER.index(edit.kind) + 1

    return sorted((edit for edit in change.edits if edit.kind in _ORDER), key=place)


@dataclass
class _Script:
    change: Change
    notes: list[str] = field(default_factory=list)
    variables: dict[str, Variable] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if any(edit.kind.startswith("organization") for edit in self.change.edits):
            self.notes.append(
                "The commands of aws organizations need the credentials of the organization's management account, or "
                "of its delegated administrator."
            )
        self.notes += [f"{edit.kind} is not known: left out." for edit in self.change.edits if edit.kind not in _ORDER]

    def commands(self, edit: Edit) -> Iterator[str]:
        """The commands for one edit."""
        yield from _WRITERS[edit.kind](self, edit)

    def identity(self, edit: Edit) -> Iterator[str]:
        who = named(edit.target)
        parameters: dict[str, Parameter] = {_key(who): who.name, "Path": who.path}
        if who.kind == "role":
            parameters["AssumeRolePolicyDocument"] = edit.text
        if tags := edit.data.get("tags"):
            parameters["Tags"] = _tags(tags)
        yield _iam(f"create-{who.kind}", parameters)

    def managed_policy(self, edit: Edit) -> Iterator[str]:
        known = self.change.known.policies.get(edit.target)
        if known is None:
            policy = named(edit.target)
            parameters: dict[str, Parameter] = {"PolicyName": policy.name, "Path": policy.path}
            if description := edit.data.get("description"):
                parameters["Description"] = description
            yield _iam("create-policy", {**parameters, "PolicyDocument": edit.text})
            return
        if len(known.versions) >= VERSIONS - 1:
            yield comment(f"AWS keeps at most {VERSIONS} versions of a policy; the oldest makes room.")
            yield _iam("delete-policy-version", {"PolicyArn": edit.target, "VersionId": known.versions[0]})
        yield _iam(
            "create-policy-version", {"PolicyArn": edit.target, "PolicyDocument": edit.text, "SetAsDefault": True}
        )

    def managed_policy_delete(self, edit: Edit) -> Iterator[str]:
        known = self.change.known.policies.get(edit.target)
        gone = {one.target for one in self.change.edits if one.kind == "detach" and one.other == edit.target}
        for arn in known.bearers if known else ():
            if arn not in gone:
                yield from self.attachment(Edit("detach", arn, other=edit.target))
        for version in known.versions if known else ():
            yield _iam("delete-policy-version", {"PolicyArn": edit.target, "VersionId": version})
        yield _iam("delete-policy", {"PolicyArn": edit.target})

    def inline_policy(self, edit: Edit) -> Iterator[str]:
        who = named(edit.target)
        yield _iam(
            f"put-{who.kind}-policy", {_key(who): who.name, "PolicyName": edit.name, "PolicyDocument": edit.text}
        )

    def inline_policy_delete(self, edit: Edit) -> Iterator[str]:
        who = named(edit.target)
        yield _iam(f"delete-{who.kind}-policy", {_key(who): who.name, "PolicyName": edit.name})

    def trust_policy(self, edit: Edit) -> Iterator[str]:
        yield _iam("update-assume-role-policy", {"RoleName": named(edit.target).name, "PolicyDocument": edit.text})

    def boundary(self, edit: Edit) -> Iterator[str]:
        who = named(edit.target)
        verb = "put" if edit.other else "delete"
        wanted: dict[str, Parameter] = {"PermissionsBoundary": edit.other} if edit.other else {}
        yield _iam(f"{verb}-{who.kind}-permissions-boundary", {_key(who): who.name, **wanted})

    def attachment(self, edit: Edit) -> Iterator[str]:
        who = named(edit.target)
        yield _iam(f"{edit.kind}-{who.kind}-policy", {_key(who): who.name, "PolicyArn": edit.other})

    def membership(self, edit: Edit) -> Iterator[str]:
        operation = "add-user-to-group" if edit.kind == "join-group" else "remove-user-from-group"
        yield _iam(operation, {"GroupName": named(edit.other).name, "UserName": named(edit.target).name})

    def tags(self, edit: Edit) -> Iterator[str]:
        what = named(edit.target)
        which: dict[str, Parameter] = {"PolicyArn": edit.target} if what.kind == "policy" else {_key(what): what.name}
        if what.kind == "group":
            self.notes.append(f"IAM groups have no tags: those of `{what.name}` are left out.")
            return
        wanted = edit.data.get("tags", {})
        before = self.change.known.policies.get(edit.target) or self.change.known.identities.get(edit.target)
        if gone := [key for key in (before.tags if before else ()) if key not in wanted]:
            yield _iam(f"untag-{what.kind}", {**which, "TagKeys": gone})
        if wanted:
            yield _iam(f"tag-{what.kind}", {**which, "Tags": _tags(wanted)})

    def identity_delete(self, edit: Edit) -> Iterator[str]:
        known = self.change.known.identities.get(edit.target, KnownIdentity())
        who = named(edit.target)
        done = {(one.kind, one.other or one.name) for one in self.change.edits if one.target == edit.target}
        for group in known.groups:
            if ("leave-group", group) not in done:
                yield from self.membership(Edit("leave-group", edit.target, other=group))
        left = {one.target for one in self.change.edits if one.kind == "leave-group" and one.other == edit.target}
        for member in known.members:
            if member not in left:
                yield from self.membership(Edit("leave-group", member, other=edit.target))
        for policy in known.attached:
            if ("detach", policy) not in done:
                yield from self.attachment(Edit("detach", edit.target, other=policy))
        for name in known.inline:
            if ("inline-policy-delete", name) not in done:
                yield from self.inline_policy_delete(Edit("inline-policy-delete", edit.target, name))
        if hint := _LEFT.get(who.kind):
            yield comment(f"AWS refuses the next command while the {who.kind} still has {hint}.")
        yield _iam(f"delete-{who.kind}", {_key(who): who.name})

    def organization_policy(self, edit: Edit) -> Iterator[str]:
        if not edit.target.startswith(NEW):
            known = self.change.known.organization_policies.get(edit.target)
            parameters: dict[str, Parameter] = {"PolicyId": edit.target, "Content": edit.text}
            for key in ("name", "description"):
                if (value := edit.data.get(key)) and value != getattr(known, key, None):
                    parameters[key.title()] = value
            yield _organizations("update-policy", parameters)
            return
        variable = self.variables.setdefault(edit.target, Variable(f"policy_{len(self.variables) + 1}"))
        made: dict[str, Parameter] = {
            "Name": str(edit.data.get("name") or edit.target.removeprefix(NEW)),
            "Description": str(edit.data.get("description") or ""),
            "Type": ORGANIZATION_TYPES[edit.data.get("kind") or "scp"],
            "Content": edit.text,
            "Query": "Policy.PolicySummary.Id",
            "Output": "text",
        }
        yield f"{variable}=$({_organizations('create-policy', made)})"

    def organization_attachment(self, edit: Edit) -> Iterator[str]:
        policy = self.variables.get(edit.target)
        if policy is None and edit.target.startswith(NEW):
            self.notes.append(f"`{edit.target}` is not made in this change: {edit.kind} of it is left out.")
            return
        verb = edit.kind.removeprefix("organization-")
        yield _organizations(f"{verb}-policy", {"PolicyId": policy or edit.target, "TargetId": edit.other})

    def organization_policy_delete(self, edit: Edit) -> Iterator[str]:
        known = self.change.known.organization_policies.get(edit.target)
        gone = {
            one.other for one in self.change.edits if (one.kind, one.target) == ("organization-detach", edit.target)
        }
        for target in known.targets if known else ():
            if target not in gone:
                yield _organizations("detach-policy", {"PolicyId": edit.target, "TargetId": target})
        yield comment("AWS refuses the next command while the policy is attached anywhere else.")
        yield _organizations("delete-policy", {"PolicyId": edit.target})


_WRITERS: dict[str, Callable[[_Script, Edit], Iterator[str]]] = {
    "identity": _Script.identity,
    "managed-policy": _Script.managed_policy,
    "managed-policy-delete": _Script.managed_policy_delete,
    "inline-policy": _Script.inline_policy,
    "inline-policy-delete": _Script.inline_policy_delete,
    "trust-policy": _Script.trust_policy,
    "boundary": _Script.boundary,
    "attach": _Script.attachment,
    "detach": _Script.attachment,
    "join-group": _Script.membership,
    "leave-group": _Script.membership,
    "tags": _Script.tags,
    "identity-delete": _Script.identity_delete,
    "organization-policy": _Script.organization_policy,
    "organization-policy-delete": _Script.organization_policy_delete,
    "organization-attach": _Script.organization_attachment,
    "organization-detach": _Script.organization_attachment,
}

_LEFT = {
    "user": "a password, access keys, certificates, SSH keys or a device for MFA",
    "role": "an instance profile",
}


def _iam(operation: str, parameters: dict[str, Parameter]) -> str:
    return command("iam", operation, parameters)


def _organizations(operation: str, parameters: dict[str, Parameter]) -> str:
    return command("organizations", operation, parameters)


def _key(who: Named) -> str:
    return f"{who.kind.title()}Name"


def _tags(tags: dict[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]
