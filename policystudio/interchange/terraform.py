"""A change as a Terraform file, in Terraform's JSON syntax: data, never pasted text."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from policystudio.interchange.documents import pretty
from policystudio.interchange.edits import NEW, ORGANIZATION_TYPES, Change, Edit, Written, left_out, named
from policystudio.interchange.plans import IdentityPlan, Plan, PolicyPlan, plan_of
from policystudio.lib.strict_json import JsonValue

_MARKED = re.compile(r"[$%]+\{")
_NOT_IDENTIFIER = re.compile(r"[^A-Za-z0-9_-]")
_TAGS = ("tags", "tags_all")

Body = dict[str, JsonValue]


def escaped(text: str) -> str:
    """``text`` as a template of Terraform's that means just this text.

    `${` begins an expression and `$${` means `${`. What signs before that mean is told nowhere, so in a run of signs
    each is an expression of its own.
    """
    return _MARKED.sub(_escaped, text)


def _escaped(match: re.Match[str]) -> str:
    signs = match.group()[:-1]
    return f"{signs}{signs}{{" if len(signs) == 1 else "".join(f'${{"{sign}"}}' for sign in signs) + "{"


def write_terraform(change: Change) -> Written:
    """The `.tf.json` file: resources, and `import` blocks for what exists already."""
    plan = plan_of(change)
    file = _File(change, plan)
    for policy in plan.policies.values():
        file.policy(policy)
    for identity in plan.identities.values():
        file.identity(identity)
    for edit in plan.organization_policies.values():
        file.organization_policy(edit)
    for edit in plan.others:
        writer = _WRITERS.get(edit.kind)
        if writer is not None:
            writer(file, edit)
    if removals := [edit for edit in plan.others if edit.kind not in _WRITERS]:
        file.notes.append(left_out("Terraform removes only what it manages", removals, change.known, "file"))
    about: list[JsonValue] = [line for line in (change.title, change.description) if line]
    root: Body = {"//": [*about, *(f"Note: {note}" for note in file.notes)]}
    if file.imports:
        root["terraform"] = {"required_version": ">= 1.5.0"}
        root["import"] = list(file.imports)
    if file.resources:
        root["resource"] = {kind: dict(named_ones) for kind, named_ones in file.resources.items()}
    return Written(pretty(root) + "\n", tuple(file.notes))


@dataclass
class _File:
    change: Change
    plan: Plan
    notes: list[str] = field(default_factory=list)
    imports: list[JsonValue] = field(default_factory=list)
    resources: dict[str, dict[str, JsonValue]] = field(default_factory=dict)
    names: dict[tuple[str, str], str] = field(default_factory=dict)

    def name_for(self, kind: str, key: str, wanted: str) -> str:
        """The name of the resource of this kind that stands for ``key``: an identifier that no other has."""
        if (kind, key) not in self.names:
            base = _NOT_IDENTIFIER.sub("_", wanted)
            base = base if base[:1].isalpha() or base[:1] == "_" else f"_{base}"
            taken = {name.lower() for (other, _), name in self.names.items() if other == kind}
            name, number = base, 1
            while name.lower() in taken:
                number += 1
                name = f"{base}_{number}"
            self.names[kind, key] = name
        return self.names[kind, key]

    def add(self, kind: str, key: str, wanted: str, body: Body, imported: str = "") -> None:
        """One resource, with an import block where it exists already."""
        name = self.name_for(kind, key, wanted)
        self.resources.setdefault(kind, {})[name] = body
        if imported:
            self.imports.append({"to": f"{kind}.{name}", "id": escaped(imported)})

    def policy(self, plan: PolicyPlan) -> None:
        """A managed policy. Where it exists, nothing but what the change says is touched."""
        known = self.change.known.policies.get(plan.arn)
        text = plan.text if plan.text is not None else known.text if known else ""
        if not text:
            self.notes.append(f"The document of `{plan.arn}` is not known, so its tags are not in this file.")
            return
        what = plan.what
        body: Body = {"name": escaped(what.name), "path": escaped(what.path), "policy": escaped(text)}
        if plan.is_new and plan.description:
            body["description"] = escaped(plan.description)
        ignored = ["description"]
        if plan.tags is not None:
            body["tags"] = _tags(plan.tags)
        else:
            ignored += _TAGS
        if plan.text is None:
            ignored.append("policy")
        if not plan.is_new:
            body["lifecycle"] = {"ignore_changes": list(ignored)}
        self.add("aws_iam_policy", plan.arn, what.name, body, "" if plan.is_new else plan.arn)

    def identity(self, plan: IdentityPlan) -> None:
        """A user, group or role. Where it exists, nothing but what the change says is touched."""
        who, kind = plan.who, f"aws_iam_{plan.who.kind}"
        body: Body = {"name": escaped(who.name), "path": escaped(who.path)}
        ignored: list[JsonValue] = []
        if who.kind == "role":
            known = self.change.known.identities.get(plan.arn)
            trust = plan.trust if plan.trust is not None else known.trust if known else ""
            if not trust:
                self.notes.append(f"The trust policy of `{plan.arn}` is not known, so this file leaves the role out.")
                return
            body["assume_role_policy"] = escaped(trust)
            ignored += ["description", "force_detach_policies", "max_session_duration"]
            if plan.trust is None:
                ignored.append("assume_role_policy")
        if who.kind == "user":
            ignored += ["force_destroy"]
        if who.kind != "group":
            if plan.boundary is None:
                ignored.append("permissions_boundary")
            else:
                body["permissions_boundary"] = self.policy_arn(plan.boundary) if plan.boundary else None
            if plan.tags is None:
                ignored += _TAGS
            else:
                body["tags"] = _tags(plan.tags)
        elif plan.tags:
            self.notes.append(f"IAM groups have no tags: those of `{who.name}` are left out.")
        if not plan.is_new and ignored:
            body["lifecycle"] = {"ignore_changes": ignored}
        self.add(kind, plan.arn, who.name, body, "" if plan.is_new else who.name)

    def policy_arn(self, arn: str) -> str:
        """The ARN of a policy, as a reference where this file makes the policy, so that it is made first."""
        plan = self.plan.policies.get(arn)
        if plan is None or plan.text is None:
            return escaped(arn)
        return f"${{aws_iam_policy.{self.name_for('aws_iam_policy', arn, plan.what.name)}.arn}}"

    def name_of(self, arn: str) -> str:
        """The name of an identity, as a reference where this file makes the identity."""
        who = named(arn)
        plan = self.plan.identities.get(arn)
        if plan is None or not plan.is_new:
            return escaped(who.name)
        return f"${{aws_iam_{who.kind}.{self.name_for(f'aws_iam_{who.kind}', arn, who.name)}.name}}"

    def inline_policy(self, edit: Edit) -> None:
        """An inline policy."""
        who = named(edit.target)
        body: Body = {
            "name": escaped(edit.name),
            who.kind: self.name_of(edit.target),
            "policy": escaped(edit.text),
        }
        known = self.change.known.identities.get(edit.target)
        exists = known is not None and edit.name in known.inline
        key, wanted = f"{edit.target} {edit.name}", f"{who.name}_{edit.name}"
        self.add(f"aws_iam_{who.kind}_policy", key, wanted, body, f"{who.name}:{edit.name}" if exists else "")

    def attach(self, edit: Edit) -> None:
        """A managed policy on an identity; others that it has stay."""
        who = named(edit.target)
        body: Body = {who.kind: self.name_of(edit.target), "policy_arn": self.policy_arn(edit.other)}
        wanted = f"{who.name}_{edit.other.rpartition('/')[2]}"
        known = self.change.known.identities.get(edit.target)
        exists = known is not None and edit.other in known.attached
        imported = f"{who.name}/{edit.other}" if exists else ""
        self.add(f"aws_iam_{who.kind}_policy_attachment", f"{edit.target} {edit.other}", wanted, body, imported)

    def join_group(self, edit: Edit) -> None:
        """A user in a group; other groups that it is in stay."""
        user, group = named(edit.target), named(edit.other)
        body: Body = {"user": self.name_of(edit.target), "groups": [self.name_of(edit.other)]}
        known = self.change.known.identities.get(edit.target)
        exists = known is not None and edit.other in known.groups
        key, wanted = f"{edit.target} {edit.other}", f"{user.name}_{group.name}"
        imported = f"{user.name}/{group.name}" if exists else ""
        self.add("aws_iam_user_group_membership", key, wanted, body, imported)

    def organization_policy(self, edit: Edit) -> None:
        """A service or resource control policy."""
        known = self.change.known.organization_policies.get(edit.target)
        is_new = edit.target.startswith(NEW)
        name = str(edit.data.get("name") or (known.name if known else edit.target.removeprefix(NEW)))
        kind = str(edit.data.get("kind") or (known.kind if known else "scp"))
        description = str(edit.data.get("description") or (known.description if known else ""))
        body: Body = {"name": escaped(name), "type": ORGANIZATION_TYPES[kind], "content": escaped(edit.text)}
        if description:
            body["description"] = escaped(description)
        if not is_new:
            body["lifecycle"] = {"ignore_changes": [*_TAGS, *(() if description else ("description",))]}
        self.add("aws_organizations_policy", edit.target, name, body, "" if is_new else edit.target)

    def organization_attach(self, edit: Edit) -> None:
        """An organization policy on a unit or account; others stay."""
        made = self.plan.organization_policies.get(edit.target)
        known = self.change.known.organization_policies.get(edit.target)
        if made is None and edit.target.startswith(NEW):
            self.notes.append(f"`{edit.target}` is not made in this change: {edit.kind} of it is left out.")
            return
        name = known.name if known else str((made.data if made else {}).get("name") or edit.target.removeprefix(NEW))
        policy_id = escaped(edit.target)
        if made is not None:
            reference = self.name_for("aws_organizations_policy", edit.target, name)
            policy_id = f"${{aws_organizations_policy.{reference}.id}}"
        body: Body = {"policy_id": policy_id, "target_id": escaped(edit.other)}
        exists = known is not None and edit.other in known.targets
        imported = f"{edit.other}:{edit.target}" if exists else ""
        key, wanted = f"{edit.target} {edit.other}", f"{name}_{edit.other}"
        self.add("aws_organizations_policy_attachment", key, wanted, body, imported)


_WRITERS: dict[str, Callable[[_File, Edit], None]] = {
    "inline-policy": _File.inline_policy,
    "attach": _File.attach,
    "join-group": _File.join_group,
    "organization-attach": _File.organization_attach,
}


def _tags(tags: Mapping[str, str]) -> Body:
    """Keys are templates too."""
    return {escaped(key): escaped(value) for key, value in tags.items()}
