"""A change as a CloudFormation template: policy documents as objects, in JSON or YAML."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from policystudio.interchange.documents import document_of, pretty
from policystudio.interchange.edits import (
    NEW,
    ORGANIZATION_TYPES,
    Change,
    Edit,
    NotExpressibleError,
    Written,
    left_out,
    named,
)
from policystudio.interchange.plans import IdentityPlan, Plan, PolicyPlan, plan_of
from policystudio.interchange.yaml_out import yaml_of
from policystudio.lib.strict_json import JsonValue

_NOT_LOGICAL = re.compile(r"[^A-Za-z0-9]")
#: CloudFormation's own limit of a description, in bytes.
_DESCRIPTION = 1024

Body = dict[str, JsonValue]


def write_cloudformation(change: Change, *, yaml: bool = False) -> Written:
    """The template; raises ``NotExpressibleError`` where CloudFormation can say nothing of the change."""
    plan = plan_of(change)
    template = _Template(change, plan)
    template.build()
    if not template.resources:
        raise NotExpressibleError((*template.notes, "Nothing is left for a template: a template needs a resource."))
    if template.imports:
        template.notes.append(
            "What exists already must be imported into the stack: the metadata lists it for "
            "`aws cloudformation create-change-set --change-set-type IMPORT --resources-to-import`."
        )
    template.notes.append("Create the stack with --capabilities CAPABILITY_NAMED_IAM.")
    about: Body = {"Notes": list(template.notes)}
    if template.imports:
        about["ResourcesToImport"] = list(template.imports)
    root: Body = {"AWSTemplateFormatVersion": "2010-09-09"}
    if description := _within(" ".join(f"{change.title} {change.description}".split()), _DESCRIPTION):
        root["Description"] = description
    root |= {"Metadata": {"PolicyStudio": about}, "Resources": dict(template.resources)}
    return Written(yaml_of(root) if yaml else pretty(root) + "\n", tuple(template.notes))


def _within(text: str, length: int) -> str:
    return text.encode()[:length].decode(errors="ignore")


@dataclass
class _Template:
    change: Change
    plan: Plan
    notes: list[str] = field(default_factory=list)
    imports: list[JsonValue] = field(default_factory=list)
    resources: dict[str, JsonValue] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    left: dict[str, list[Edit]] = field(default_factory=dict)

    def build(self) -> None:
        """Write every edit or a note."""
        for policy in self.plan.policies.values():
            self.policy(policy)
        for identity in self.plan.identities.values():
            self.identity(identity)
        for edit in self.plan.organization_policies.values():
            self.organization_policy(edit)
        for edit in self.plan.others:
            if writer := _WRITERS.get(edit.kind):
                writer(self, edit)
            elif not self.is_told(edit):
                self.leave_out(edit, "CloudFormation has no resource that says so")
        self.notes += [left_out(why, edits, self.change.known, "template") for why, edits in self.left.items()]

    def is_told(self, edit: Edit) -> bool:
        """Whether the resource of a policy or of a new identity says an edit already."""
        if edit.kind == "attach":
            told = f"identity {edit.target}" in self.names
            return told or (f"policy {edit.other}" in self.names and not self.is_new(edit.target))
        is_new = edit.target.startswith(NEW) and f"organization {edit.target}" in self.names
        return edit.kind == "organization-attach" and is_new

    def leave_out(self, edit: Edit, why: str) -> None:
        """Keep for a note that an edit is not in the template."""
        self.left.setdefault(why, []).append(edit)

    def document(self, edit: Edit) -> JsonValue:
        """A policy document as an object, None (and a note) where it cannot stand in a template as itself."""
        document = document_of(edit.text)
        if not isinstance(document, dict):
            self.leave_out(edit, "The document is not JSON")
            return None
        if told := next(_read_by_cloudformation(document), None):
            self.leave_out(edit, f"CloudFormation would not take `{told}` in the document as it stands")
            return None
        return document

    def logical(self, key: str, wanted: str) -> str:
        """The logical id of what ``key`` stands for: letters and digits, that no other has."""
        if key not in self.names:
            base = "".join(part[:1].upper() + part[1:] for part in _NOT_LOGICAL.split(wanted))[:200] or "Resource"
            taken = {name.lower() for name in self.names.values()}
            name, number = base, 1
            while name.lower() in taken:
                number += 1
                name = f"{base}{number}"
            self.names[key] = name
        return self.names[key]

    def add(self, key: str, wanted: str, kind: str, properties: Body, identifier: Body | None = None) -> None:
        """One resource; with its identifier where it exists already, so that it stays when the stack is deleted."""
        name = self.logical(key, wanted)
        body: Body = {"Type": kind}
        if identifier:
            body |= {"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}
            self.imports.append({"LogicalResourceId": name, "ResourceType": kind, "ResourceIdentifier": identifier})
        self.resources[name] = {**body, "Properties": properties}

    def policy(self, plan: PolicyPlan) -> None:
        """A managed policy with whom this change attaches it to."""
        edit = next((one for one in plan.edits if one.kind == "managed-policy"), None)
        if edit is None:
            self.leave_out(plan.edits[0], "The tags of a policy that the template does not hold cannot be set")
            return
        document = self.document(edit)
        if document is None:
            return
        properties: Body = {"ManagedPolicyName": plan.what.name, "Path": plan.what.path, "PolicyDocument": document}
        if plan.is_new and plan.description:
            properties["Description"] = plan.description
        if plan.tags is not None:
            for one in plan.edits:
                if one.data.get("tags"):
                    self.leave_out(one, "AWS::IAM::ManagedPolicy has no tags")
        properties |= self.bearers(plan)
        identifier: Body = {"PolicyArn": plan.arn}
        key = f"policy {plan.arn}"
        self.add(
            key, f"{plan.what.name}Policy", "AWS::IAM::ManagedPolicy", properties, None if plan.is_new else identifier
        )

    def bearers(self, plan: PolicyPlan) -> Body:
        """`Users`, `Groups` and `Roles` of a policy: the whole list, as CloudFormation wants it."""
        added = [
            edit.target
            for edit in self.plan.of_kind("attach")
            if edit.other == plan.arn and not self.is_new(edit.target)
        ]
        if not added:
            return {}
        gone = {edit.target for edit in self.plan.of_kind("detach") if edit.other == plan.arn}
        known = self.change.known.policies.get(plan.arn)
        whole = [arn for arn in (known.bearers if known else ()) if arn not in gone]
        lists: dict[str, list[JsonValue]] = {}
        for arn in dict.fromkeys([*whole, *added]):
            lists.setdefault(f"{named(arn).kind.title()}s", []).append(named(arn).name)
        return {**lists}

    def is_new(self, arn: str) -> bool:
        """Whether this change makes the identity."""
        plan = self.plan.identities.get(arn)
        return plan is not None and plan.is_new

    def identity(self, plan: IdentityPlan) -> None:
        """A new identity, with its boundary, tags and managed policies. An existing one cannot be said in parts."""
        if not plan.is_new:
            for edit in plan.edits:
                self.leave_out(edit, "CloudFormation describes an existing identity as a whole or not at all")
            return
        who = plan.who
        properties: Body = {f"{who.kind.title()}Name": who.name, "Path": who.path}
        if who.kind == "role":
            document = self.document(Edit("trust-policy", plan.arn, text=plan.trust or ""))
            if document is None:
                return
            properties["AssumeRolePolicyDocument"] = document
        if plan.boundary and who.kind != "group":
            properties["PermissionsBoundary"] = self.policy_arn(plan.boundary)
        attached: list[JsonValue] = [
            self.policy_arn(edit.other) for edit in self.plan.of_kind("attach") if edit.target == plan.arn
        ]
        if attached:
            properties["ManagedPolicyArns"] = attached
        if plan.tags and who.kind == "group":
            self.notes.append(f"IAM groups have no tags: those of `{who.name}` are left out.")
        elif plan.tags:
            properties["Tags"] = _tags(plan.tags)
        self.add(f"identity {plan.arn}", f"{who.name}{who.kind.title()}", f"AWS::IAM::{who.kind.title()}", properties)

    def policy_arn(self, arn: str) -> JsonValue:
        """The ARN of a policy, as a reference where this template holds the policy."""
        key = f"policy {arn}"
        return {"Ref": self.names[key]} if key in self.names else arn

    def name_of(self, arn: str) -> JsonValue:
        """The name of an identity, as a reference where this template makes the identity."""
        key = f"identity {arn}"
        return {"Ref": self.names[key]} if key in self.names else named(arn).name

    def inline_policy(self, edit: Edit) -> None:
        """An inline policy."""
        document = self.document(edit)
        if document is None:
            return
        who = named(edit.target)
        kind = who.kind.title()
        properties: Body = {
            "PolicyName": edit.name,
            f"{kind}Name": self.name_of(edit.target),
            "PolicyDocument": document,
        }
        known = self.change.known.identities.get(edit.target)
        exists = known is not None and edit.name in known.inline
        identifier: Body = {"PolicyName": edit.name, f"{kind}Name": who.name}
        key = f"inline {edit.target} {edit.name}"
        self.add(key, f"{who.name} {edit.name}", f"AWS::IAM::{kind}Policy", properties, identifier if exists else None)

    def join_group(self, edit: Edit) -> None:
        """A user in a group."""
        user, group = named(edit.target), named(edit.other)
        properties: Body = {"GroupName": self.name_of(edit.other), "Users": [self.name_of(edit.target)]}
        key, wanted = f"join {edit.target} {edit.other}", f"{user.name} in {group.name}"
        self.add(key, wanted, "AWS::IAM::UserToGroupAddition", properties)

    def organization_policy(self, edit: Edit) -> None:
        """A service or resource control policy; a new one with its targets."""
        document = self.document(edit)
        if document is None:
            return
        known = self.change.known.organization_policies.get(edit.target)
        name = str(edit.data.get("name") or (known.name if known else edit.target.removeprefix(NEW)))
        kind = str(edit.data.get("kind") or (known.kind if known else "scp"))
        description = str(edit.data.get("description") or (known.description if known else ""))
        properties: Body = {"Name": name, "Type": ORGANIZATION_TYPES[kind], "Content": document}
        if description:
            properties["Description"] = description
        is_new = edit.target.startswith(NEW)
        added = [one.other for one in self.plan.of_kind("organization-attach") if one.target == edit.target]
        if is_new and added:
            # Of one that exists, CloudFormation would want all targets, and detach it from those not named.
            properties["TargetIds"] = list[JsonValue](added)
        key = f"organization {edit.target}"
        self.add(
            key, f"{name}Policy", "AWS::Organizations::Policy", properties, None if is_new else {"Id": edit.target}
        )


_WRITERS: dict[str, Callable[[_Template, Edit], None]] = {
    "inline-policy": _Template.inline_policy,
    "join-group": _Template.join_group,
}


def _read_by_cloudformation(value: JsonValue) -> Iterator[str]:
    """What in a document CloudFormation would work out instead of leaving it as it is."""
    if isinstance(value, dict):
        for key, item in value.items():
            if key == "Ref" or key.startswith("Fn::"):
                yield key
            yield from _read_by_cloudformation(key)
            yield from _read_by_cloudformation(item)
    elif isinstance(value, list):
        for item in value:
            yield from _read_by_cloudformation(item)
    elif isinstance(value, str) and "{{resolve:" in value:
        yield "{{resolve:"


def _tags(tags: Mapping[str, str]) -> list[JsonValue]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]
