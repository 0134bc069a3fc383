"""What the expressions of a Terraform file come to, for one account."""

from collections.abc import Callable, Sequence

from policystudio.interchange import terraform_functions as functions
from policystudio.interchange.edits import ORGANIZATION_TYPES
from policystudio.interchange.hcl_syntax import (
    Block,
    Body,
    Call,
    Expression,
    Items,
    Literal,
    Pairs,
    Pieces,
    Reference,
)
from policystudio.interchange.setting import Setting
from policystudio.interchange.values import Encoded, ReadError, Unknown, Value, check_size, joined, unknowns
from policystudio.lib.strict_json import Number

#: Kinds of resource whose ARN is worked out of path and name, and what IAM calls them.
IAM = {"aws_iam_policy": "policy", "aws_iam_role": "role", "aws_iam_user": "user", "aws_iam_group": "group"}
#: Attributes by which one resource stands for many.
REPEATED = ("for_each", "count")
#: Expressions that lead to expressions: more of them, one within the other, is a circle or an attack.
_MAX_CHAIN = 40

Key = tuple[str, str]


class Module:
    """The blocks of a file, and the values of the expressions in them."""

    def __init__(self, root: Body, setting: Setting) -> None:
        self.setting = setting
        self.resources: dict[Key, Block] = {}
        self.data: dict[Key, Block] = {}
        self.modules: list[Block] = []
        self._variables: dict[str, Body] = {}
        self._locals: dict[str, Expression] = {}
        self._chain: list[str] = []
        self._done: dict[Reference, Value] = {}
        #: Works out the document of a ``data "aws_iam_policy_document"`` block.
        self.document: Callable[[Body], Value] | None = None
        for block in root.blocks:
            self._take(block)

    def _take(self, block: Block) -> None:
        if block.kind in ("resource", "data") and len(block.labels) == 2:
            into = self.resources if block.kind == "resource" else self.data
            key = (block.labels[0], block.labels[1])
            if key in into:
                raise ReadError(f"{block.kind} `{'.'.join(key)}` stands twice in the file: keep one", block.place)
            into[key] = block
        elif block.kind == "variable" and len(block.labels) == 1:
            if block.labels[0] in self._variables:
                raise ReadError(f"variable `{block.labels[0]}` stands twice in the file: keep one", block.place)
            self._variables[block.labels[0]] = block.body
        elif block.kind == "locals":
            for name, value in block.body.attributes.items():
                if name in self._locals:
                    raise ReadError(f"local `{name}` stands twice in the file: keep one", value.place)
                self._locals[name] = value
        elif block.kind == "module":
            self.modules.append(block)

    def value(self, expression: Expression | None) -> Value:
        """What an expression comes to; None where there is none."""
        if expression is None:
            return None
        if isinstance(expression, Literal):
            return expression.value
        if isinstance(expression, Pieces):
            return self._pieces(expression)
        if isinstance(expression, Items):
            return [self.value(item) for item in expression.items]
        if isinstance(expression, Pairs):
            return self._object(expression)
        if isinstance(expression, Call):
            return self._call(expression)
        if isinstance(expression, Reference):
            return self._reference(expression)
        return Unknown(expression.source, expression.place)

    def of(self, body: Body, name: str) -> Value:
        """The value of an attribute; None where it is not there."""
        return self.value(body.attributes.get(name))

    def _call(self, call: Call) -> Value:
        try:
            found = functions.call(call.name, [self.value(one) for one in call.arguments])
        except functions.CannotError:
            return Unknown(f"{call.name}(…)", call.place)
        check_size(found, call.place)
        return found

    def _pieces(self, pieces: Pieces) -> Value:
        try:
            found = joined(part if isinstance(part, str) else self.value(part) for part in pieces.parts)
        except TypeError:
            raise ReadError(
                "a list or an object stands in the middle of a text: use join or jsonencode", pieces.place
            ) from None
        check_size(found, pieces.place)
        return found

    def _object(self, pairs: Pairs) -> Value:
        found: dict[str, Value] = {}
        for key, value in pairs.pairs:
            name = self.value(key)
            if isinstance(name, Number | bool):
                name = joined([name])
            if not isinstance(name, str):
                hidden = next(unknowns(name), None)
                return hidden or Unknown("a key that is no text", key.place)
            if name in found:
                raise ReadError(f"the key `{name}` stands twice in one object: keep one of them", key.place)
            found[name] = self.value(value)
        return found

    def _reference(self, reference: Reference) -> Value:
        if reference in self._done:
            return self._done[reference]
        if reference.source in self._chain or len(self._chain) >= _MAX_CHAIN:
            raise ReadError(f"`{reference.source}` leads back to itself, or too far", reference.place)
        self._chain.append(reference.source)
        found = self._followed(reference)
        self._chain.pop()
        check_size(found, reference.place)
        self._done[reference] = found
        return found

    def _followed(self, reference: Reference) -> Value:
        unknown = Unknown(reference.source, reference.place)
        steps = [step if isinstance(step, str) else self.value(step) for step in reference.steps]
        # Names up to the first index, and as many of them as it takes to find something.
        names = [step for step in steps[:4] if isinstance(step, str)]
        if steps[: len(names)] != names or len(names) < 2:
            return unknown
        if names[0] == "var":
            return _inside(self._variable(names[1], unknown), steps[2:], unknown)
        if names[0] == "local":
            return _inside(self._local(names[1], unknown), steps[2:], unknown)
        if names[0] == "data" and len(names) == 4:
            return _inside(self._data(names[1], names[2], names[3], unknown), steps[4:], unknown)
        if names[0] != "data" and len(names) >= 3:
            block = self.resources.get((names[0], names[1]))
            return _inside(self._resource(block, names[0], names[2], unknown), steps[3:], unknown)
        return unknown

    def _local(self, name: str, unknown: Unknown) -> Value:
        if name in self.setting.values:
            return self.setting.values[name]
        return self.value(self._locals[name]) if name in self._locals else unknown

    def _variable(self, name: str, unknown: Unknown) -> Value:
        if name in self.setting.values:
            return self.setting.values[name]
        body = self._variables.get(name)
        if body is None or "default" not in body.attributes:
            return unknown
        found = self.of(body, "default")
        return unknown if found is None else found

    def _data(self, kind: str, name: str, attribute: str, unknown: Unknown) -> Value:
        setting = self.setting
        known = {
            "aws_caller_identity": {"account_id": setting.number, "id": setting.number},
            "aws_partition": {
                "partition": setting.partition,
                "id": setting.partition,
                "dns_suffix": setting.dns_suffix,
            },
            "aws_region": dict.fromkeys(("name", "id", "region"), setting.region),
        }.get(kind)
        if known is not None:
            return known.get(attribute) or unknown
        block = self.data.get((kind, name))
        if kind == "aws_iam_policy_document" and block is not None and self.document is not None:
            if any(one in block.body.attributes for one in REPEATED) or attribute not in ("json", "minified_json"):
                return unknown
            document = self.document(block.body)
            return document if isinstance(document, Unknown) else Encoded(document)
        return self._resource(block, kind, attribute, unknown)

    def _resource(self, block: Block | None, kind: str, attribute: str, unknown: Unknown) -> Value:
        """An attribute of a resource: as the block says, or worked out of its name."""
        if block is None or any(one in block.body.attributes for one in REPEATED):
            return unknown
        if attribute in block.body.attributes:
            return self.of(block.body, attribute)
        if kind == "aws_s3_bucket" and attribute in ("arn", "id"):
            bucket = self.of(block.body, "bucket")
            prefix = f"arn:{self.setting.partition}:s3:::" if attribute == "arn" else ""
            return joined([prefix, bucket]) if isinstance(bucket, str) else unknown
        name = self.of(block.body, "name")
        if kind == "aws_organizations_policy" and attribute == "id" and isinstance(name, str):
            written = self.of(block.body, "type")
            of_kind = next((short for short, long in ORGANIZATION_TYPES.items() if long == written), "scp")
            return self.setting.organization_target(of_kind, name)
        if kind not in IAM:
            return unknown
        if name is None and block.kind == "resource":
            name = block.labels[1]  # as it is called where Terraform would make a name up
        if not isinstance(name, str):
            return unknown
        if attribute == "id" and kind != "aws_iam_policy":
            return name
        return self._arn(block, IAM[kind], name, unknown) if attribute in ("arn", "id") else unknown

    def _arn(self, block: Block, kind: str, name: str, unknown: Unknown) -> Value:
        """The ARN of something of IAM's that the file makes, or only looks up."""
        if block.kind == "data":
            return (self.setting.identity_arn(kind, name) if kind != "policy" else None) or unknown
        path = self.of(block.body, "path")
        return self.setting.arn(kind, path or "/", name) if isinstance(path, str | None) else unknown


def _inside(value: Value, steps: Sequence[Value], unknown: Unknown) -> Value:
    for step in steps:
        if isinstance(value, dict) and isinstance(step, str) and step in value:
            value = value[step]
        elif (
            isinstance(value, list) and isinstance(step, Number) and step.text.isdigit() and int(step.text) < len(value)
        ):
            value = value[int(step.text)]
        else:
            return unknown
    return value
