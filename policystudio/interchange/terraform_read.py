"""The policies of a Terraform file as edits."""

from collections.abc import Callable

from policystudio.interchange.collecting import Collector, NotUsable, Origin, Reading
from policystudio.interchange.hcl_syntax import Block, Body, Reference
from policystudio.interchange.setting import Setting
from policystudio.interchange.terraform_document import document_of_block
from policystudio.interchange.terraform_values import IAM, REPEATED, Module
from policystudio.interchange.values import Value

_IDENTITIES = ("role", "user", "group")


def read_terraform(root: Body, setting: Setting, form: str) -> Reading:
    """The edits that the file's resources come to, in the order of the file; identities and policies first."""
    reading = Reading(form)
    module = Module(root, setting)
    module.document = lambda body: document_of_block(module, body)
    reader = _Reader(module, Collector(setting, reading))
    reader.announce()
    blocks = list(module.resources.items())
    blocks.sort(key=lambda item: item[0][0] not in IAM)
    for (kind, name), block in blocks:
        reader.resource(kind, Origin(f"{kind}.{name}", block.place), block)
    for block in module.modules:
        origin = Origin(f"module.{block.labels[0] if block.labels else ''}", block.place)
        reader.out.leave_out(origin, "modules are files of their own: read them each by itself")
    return reading


class _Reader:
    def __init__(self, module: Module, out: Collector) -> None:
        self.module = module
        self.out = out

    def announce(self) -> None:
        """Tell the collector about the identities of the file."""
        for (kind, _), block in self.module.resources.items():
            if IAM.get(kind) in _IDENTITIES:
                name = self._name(block.body)
                self.out.announce(
                    IAM[kind], self.module.of(block.body, "path"), block.labels[1] if name is None else name
                )

    def resource(self, kind: str, origin: Origin, block: Block) -> None:
        """The edits of one resource, or why there is none."""
        writer = _RESOURCES.get(kind)
        if writer is None:
            if kind.startswith(("aws_iam_", "aws_organizations_")):
                self.out.leave_out(origin, f"{kind} is not read")
            else:
                passed = self.out.reading.passed_over
                passed[kind] = passed.get(kind, 0) + 1
            return
        self.out.remark = self._remark(block.body)
        try:
            self._check_one(block.body)
            writer(self, origin, block.body)
        except NotUsable as error:
            self.out.leave_out(origin, str(error))

    def _check_one(self, body: Body) -> None:
        """A resource may stand for none or many."""
        count = self.module.of(body, "count")
        if "for_each" in body.attributes or (count is not None and getattr(count, "text", count) != "1"):
            name = next(one for one in REPEATED if one in body.attributes)
            raise NotUsable(f"by `{name}` it stands for none or many, which are not worked out")

    def _remark(self, body: Body) -> str:
        """Other credentials lead to another account, or only to another Region of the same."""
        provider = body.attributes.get("provider")
        if provider is None:
            return ""
        name = provider.source if isinstance(provider, Reference) else self.module.value(provider)
        return f"It uses the provider `{name}`, which may be one of another account."

    def _name(self, body: Body) -> Value:
        return self.module.of(body, "name")

    def policy(self, origin: Origin, body: Body) -> None:
        """aws_iam_policy"""
        module = self.module
        arn = self.out.policy(
            origin,
            module.of(body, "policy"),
            name=self._name(body),
            path=module.of(body, "path"),
            description=module.of(body, "description"),
        )
        self.out.policy_tags(origin, arn, module.of(body, "tags"))

    def identity(self, origin: Origin, body: Body) -> None:
        """aws_iam_role, aws_iam_user, aws_iam_group"""
        module, kind = self.module, IAM[origin.name.partition(".")[0]]
        arn = self.out.identity(
            origin,
            kind,
            name=self._name(body),
            path=module.of(body, "path"),
            trust=module.of(body, "assume_role_policy"),
            tags=module.of(body, "tags"),
        )
        if boundary := module.of(body, "permissions_boundary"):
            self._joins(origin, "boundary", arn, boundary, "its permissions boundary")
        for one in self.out.texts(module.of(body, "managed_policy_arns"), "managed_policy_arns"):
            self._joins(origin, "attach", arn, one, "a managed policy")
        for one_policy in body.nested("inline_policy"):
            if one_policy.attributes:
                self.out.inline(origin, arn, self._name(one_policy), module.of(one_policy, "policy"))

    def _joins(self, origin: Origin, kind: str, arn: str, other: Value, what: str) -> None:
        """One that cannot be worked out does not take the rest of the resource along."""
        try:
            self.out.joins(origin, kind, arn, other, what)
        except NotUsable as error:
            self.out.leave_out(origin, str(error))

    def inline(self, origin: Origin, body: Body) -> None:
        """aws_iam_role_policy and its like"""
        kind = origin.name.partition(".")[0].removeprefix("aws_iam_").removesuffix("_policy")
        arn = self.out.identity_arn(kind, self.module.of(body, kind))
        name = self._name(body)
        if name is None:
            name = origin.name.rpartition(".")[2]
        self.out.inline(origin, arn, name, self.module.of(body, "policy"))

    def attachment(self, origin: Origin, body: Body) -> None:
        """aws_iam_role_policy_attachment and its like"""
        kind = origin.name.partition(".")[0].removeprefix("aws_iam_").removesuffix("_policy_attachment")
        arn = self.out.identity_arn(kind, self.module.of(body, kind))
        self.out.joins(origin, "attach", arn, self.module.of(body, "policy_arn"), "its policy")

    def attachments(self, origin: Origin, body: Body) -> None:
        """aws_iam_policy_attachment: whom it does not name it would detach the policy from."""
        policy = self.module.of(body, "policy_arn")
        for kind in _IDENTITIES:
            for name in self.out.texts(self.module.of(body, f"{kind}s"), f"{kind}s"):
                self.out.joins(origin, "attach", self.out.identity_arn(kind, name), policy, "its policy")
        self.out.leave_out(origin, "that nobody else has the policy is not taken over")

    def groups_of_user(self, origin: Origin, body: Body) -> None:
        """aws_iam_user_group_membership"""
        user = self.out.identity_arn("user", self.module.of(body, "user"))
        for group in self.out.texts(self.module.of(body, "groups"), "its groups"):
            self.out.joins(origin, "join-group", user, self.out.identity_arn("group", group), "its group")

    def users_of_group(self, origin: Origin, body: Body) -> None:
        """aws_iam_group_membership: whom it does not name it would take out of the group."""
        group = self.out.identity_arn("group", self.module.of(body, "group"))
        for user in self.out.texts(self.module.of(body, "users"), "its users"):
            self.out.joins(origin, "join-group", self.out.identity_arn("user", user), group, "its group")
        self.out.leave_out(origin, "that nobody else is in the group is not taken over")

    def organization_policy(self, origin: Origin, body: Body) -> None:
        """aws_organizations_policy"""
        module = self.module
        self.out.organization_policy(
            origin,
            module.of(body, "content"),
            name=self._name(body),
            kind=module.of(body, "type"),
            description=module.of(body, "description"),
        )

    def organization_attachment(self, origin: Origin, body: Body) -> None:
        """aws_organizations_policy_attachment"""
        policy = self.out.text(self.module.of(body, "policy_id"), "its policy")
        self.out.joins(origin, "organization-attach", policy, self.module.of(body, "target_id"), "its target")


_RESOURCES: dict[str, Callable[[_Reader, Origin, Body], None]] = {
    "aws_iam_policy": _Reader.policy,
    **{f"aws_iam_{kind}": _Reader.identity for kind in _IDENTITIES},
    **{f"aws_iam_{kind}_policy": _Reader.inline for kind in _IDENTITIES},
    **{f"aws_iam_{kind}_policy_attachment": _Reader.attachment for kind in _IDENTITIES},
    "aws_iam_policy_attachment": _Reader.attachments,
    "aws_iam_user_group_membership": _Reader.groups_of_user,
    "aws_iam_group_membership": _Reader.users_of_group,
    "aws_organizations_policy": _Reader.organization_policy,
    "aws_organizations_policy_attachment": _Reader.organization_attachment,
}
