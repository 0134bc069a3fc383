"""The policies of a CloudFormation template as edits."""

from collections.abc import Callable, Mapping

from policystudio.interchange.cfn_values import IAM, Template
from policystudio.interchange.collecting import Collector, NotUsable, Origin, Reading
from policystudio.interchange.setting import Setting
from policystudio.interchange.values import Encoded, Place, ReadError, Value
from policystudio.lib.strict_json import JsonPath, JsonValue

_IDENTITIES = ("role", "user", "group")


def is_cloudformation(value: JsonValue) -> bool:
    """Whether a value is a template."""
    return isinstance(value, dict) and ("Resources" in value or "AWSTemplateFormatVersion" in value)


def read_cloudformation(root: JsonValue, places: Mapping[JsonPath, Place], setting: Setting, form: str) -> Reading:
    """The edits that a template's resources come to; identities and managed policies first."""
    template = Template(root, places, setting)
    reading = Reading(form)
    if isinstance(root, dict) and "Transform" in root:
        raise ReadError(
            "a template with `Transform` is written by another program: read what it writes", places.get(("Transform",))
        )
    if isinstance(root, dict) and isinstance(root.get("Description"), str):
        reading.description = str(root["Description"])
    reader = _Reader(template, Collector(setting, reading))
    reader.announce()
    for logical in sorted(template.resources, key=lambda one: template.kind(one) not in IAM):
        reader.resource(logical)
    return reading


class _Reader:
    def __init__(self, template: Template, out: Collector) -> None:
        self.template = template
        self.out = out

    def announce(self) -> None:
        """Tell the collector about the identities of the template."""
        for logical in self.template.resources:
            kind = IAM.get(self.template.kind(logical), ("policy", ""))[0]
            if kind != "policy":
                self.out.announce(kind, self.template.property(logical, "Path"), self.template.name_of(logical))

    def resource(self, logical: str) -> None:
        """The edits of one resource, or why there is none."""
        kind = self.template.kind(logical)
        origin = Origin(logical, self.template.place(("Resources", logical)))
        writer = _RESOURCES.get(kind)
        if writer is None:
            if kind.startswith(("AWS::IAM::", "AWS::Organizations::")) or logical.startswith("Fn::"):
                self.out.leave_out(origin, f"{kind or logical} is not read")
            else:
                passed = self.out.reading.passed_over
                passed[kind] = passed.get(kind, 0) + 1
            return
        self.out.remark = self._remark(logical)
        try:
            writer(self, origin)
        except NotUsable as error:
            self.out.leave_out(origin, str(error))

    def _remark(self, logical: str) -> str:
        resource = self.template.resources.get(logical)
        condition = resource.get("Condition") if isinstance(resource, dict) else None
        return f"The template makes it only under the condition `{condition}`." if condition else ""

    def _get(self, origin: Origin, name: str) -> Value:
        return self.template.property(origin.name, name)

    def _document(self, origin: Origin, name: str) -> Value:
        return _as_document(self._get(origin, name))

    def managed_policy(self, origin: Origin) -> None:
        """AWS::IAM::ManagedPolicy"""
        arn = self.out.policy(
            origin,
            self._document(origin, "PolicyDocument"),
            name=self._get(origin, "ManagedPolicyName"),
            path=self._get(origin, "Path"),
            description=self._get(origin, "Description"),
        )
        for who in self._bearers(origin):
            self.out.joins(origin, "attach", who, arn, "its policy")

    def _bearers(self, origin: Origin) -> list[str]:
        """The identities in `Users`, `Groups` and `Roles`; those that are not known are told."""
        found = []
        for kind in _IDENTITIES:
            for name in self.out.texts(self._get(origin, f"{kind.title()}s"), f"{kind.title()}s"):
                try:
                    found.append(self.out.identity_arn(kind, name))
                except NotUsable as error:
                    self.out.leave_out(origin, str(error))
        return found

    def identity(self, origin: Origin) -> None:
        """AWS::IAM::Role, AWS::IAM::User, AWS::IAM::Group"""
        kind, name = IAM[self.template.kind(origin.name)]
        arn = self.out.identity(
            origin,
            kind,
            name=self._get(origin, name),
            path=self._get(origin, "Path"),
            trust=self._document(origin, "AssumeRolePolicyDocument"),
            tags=_tags(self._get(origin, "Tags")),
        )
        if boundary := self._get(origin, "PermissionsBoundary"):
            self._joins(origin, "boundary", arn, boundary, "its permissions boundary")
        attached = self._get(origin, "ManagedPolicyArns")
        for one in attached if isinstance(attached, list) else [attached] if attached else []:
            self._joins(origin, "attach", arn, one, "a managed policy")
        for group in self.out.texts(self._get(origin, "Groups"), "Groups"):
            self._joins(origin, "join-group", arn, self.out.identity_arn("group", group), "a group")
        policies = self._get(origin, "Policies")
        for one in policies if isinstance(policies, list) else [policies] if policies else []:
            if not isinstance(one, dict):
                raise NotUsable("one of its inline policies cannot be worked out")
            self.out.inline(origin, arn, one.get("PolicyName"), _as_document(one.get("PolicyDocument")))

    def _joins(self, origin: Origin, kind: str, arn: str, other: Value, what: str) -> None:
        """One that cannot be worked out does not take the rest of the resource along."""
        try:
            self.out.joins(origin, kind, arn, other, what)
        except NotUsable as error:
            self.out.leave_out(origin, str(error))

    def inline(self, origin: Origin) -> None:
        """AWS::IAM::RolePolicy, AWS::IAM::UserPolicy, AWS::IAM::GroupPolicy"""
        kind = self.template.kind(origin.name).removeprefix("AWS::IAM::").removesuffix("Policy")
        arn = self.out.identity_arn(kind.lower(), self._get(origin, f"{kind}Name"))
        self.out.inline(origin, arn, self._get(origin, "PolicyName"), self._document(origin, "PolicyDocument"))

    def inline_of_many(self, origin: Origin) -> None:
        """AWS::IAM::Policy: the same inline policy of several identities"""
        bearers = self._bearers(origin)
        for arn in bearers:
            self.out.inline(origin, arn, self._get(origin, "PolicyName"), self._document(origin, "PolicyDocument"))

    def membership(self, origin: Origin) -> None:
        """AWS::IAM::UserToGroupAddition"""
        group = self.out.identity_arn("group", self._get(origin, "GroupName"))
        for user in self.out.texts(self._get(origin, "Users"), "Users"):
            self.out.joins(origin, "join-group", self.out.identity_arn("user", user), group, "its group")

    def organization_policy(self, origin: Origin) -> None:
        """AWS::Organizations::Policy"""
        target = self.out.organization_policy(
            origin,
            self._document(origin, "Content"),
            name=self._get(origin, "Name"),
            kind=self._get(origin, "Type"),
            description=self._get(origin, "Description"),
        )
        if target is not None:
            for place in self.out.texts(self._get(origin, "TargetIds"), "TargetIds"):
                self.out.joins(origin, "organization-attach", target, place, "its target")


def _as_document(value: Value) -> Value:
    return Encoded(value) if isinstance(value, dict | list) else value


def _tags(value: Value) -> Value:
    """`Tags` as an object; left as it is where it cannot be, to be told of."""
    if not isinstance(value, list):
        return value
    found: dict[str, Value] = {}
    for one in value:
        if not isinstance(one, dict) or not isinstance(one.get("Key"), str):
            return value
        found[str(one["Key"])] = one.get("Value")
    return found


_RESOURCES: dict[str, Callable[[_Reader, Origin], None]] = {
    "AWS::IAM::ManagedPolicy": _Reader.managed_policy,
    **{f"AWS::IAM::{kind.title()}": _Reader.identity for kind in _IDENTITIES},
    **{f"AWS::IAM::{kind.title()}Policy": _Reader.inline for kind in _IDENTITIES},
    "AWS::IAM::Policy": _Reader.inline_of_many,
    "AWS::IAM::UserToGroupAddition": _Reader.membership,
    "AWS::Organizations::Policy": _Reader.organization_policy,
}
