"""What the values of a CloudFormation template come to, for one account."""

import re
from collections.abc import Callable, Mapping

from policystudio.interchange.setting import Setting
from policystudio.interchange.values import (
    MAX_DEPTH,
    Encoded,
    Place,
    ReadError,
    Unknown,
    Value,
    check_size,
    joined,
    unknowns,
)
from policystudio.lib.strict_json import JsonPath, JsonValue, Number

#: Kinds of resource whose ARN is worked out: what IAM calls them, and the property with their name.
IAM = {
    "AWS::IAM::ManagedPolicy": ("policy", "ManagedPolicyName"),
    "AWS::IAM::Role": ("role", "RoleName"),
    "AWS::IAM::User": ("user", "UserName"),
    "AWS::IAM::Group": ("group", "GroupName"),
}
_VARIABLE = re.compile(r"\$\{([^{}$]*)\}")
#: What stands for a value that is not there.
NO_VALUE = "AWS::NoValue"
_MAX_CHAIN = 40


class Nothing:
    """The value of `!Ref AWS::NoValue`: whoever has it, has it not."""


NOTHING = Nothing()


class Template:
    """The parts of a template, and the values of its functions."""

    def __init__(self, root: JsonValue, places: Mapping[JsonPath, Place], setting: Setting) -> None:
        self.setting = setting
        self.places = places
        whole = root if isinstance(root, dict) else {}
        self.parameters = _section(whole, "Parameters", places)
        self.mappings = _section(whole, "Mappings", places)
        self.resources = _section(whole, "Resources", places)
        self._chain: list[str] = []
        self._done: dict[tuple[str, str], Value] = {}

    def place(self, path: JsonPath) -> Place:
        """Where a value stands, or what it stands in."""
        while path and path not in self.places:
            path = path[:-1]
        return self.places.get(path, Place())

    def value(self, raw: JsonValue, path: JsonPath) -> Value:
        """What a value comes to; None for one that is not there."""
        found = self._value(raw, path, 0)
        if isinstance(found, Nothing):
            return None
        check_size(found, self.place(path))
        return found

    def property(self, logical: str, name: str) -> Value:
        """A property of a resource; None where it is not there."""
        if (logical, name) not in self._done:
            raw = self.properties(logical).get(name)
            self._done[logical, name] = self.value(raw, ("Resources", logical, "Properties", name))
        return self._done[logical, name]

    def properties(self, logical: str) -> dict[str, JsonValue]:
        """The properties of a resource as they are written."""
        resource = self.resources.get(logical)
        found = resource.get("Properties") if isinstance(resource, dict) else None
        return found if isinstance(found, dict) else {}

    def kind(self, logical: str) -> str:
        """The type of a resource."""
        resource = self.resources.get(logical)
        kind = resource.get("Type") if isinstance(resource, dict) else None
        return kind if isinstance(kind, str) else ""

    def name_of(self, logical: str) -> Value:
        """The name of an identity or managed policy: the logical id where CloudFormation would make one up."""
        name = self.property(logical, IAM[self.kind(logical)][1])
        return logical if name is None else name

    def _value(self, raw: JsonValue, path: JsonPath, depth: int) -> "Value | Nothing":
        if depth > MAX_DEPTH:
            raise ReadError(f"nested more than {MAX_DEPTH} levels deep", self.place(path))
        if isinstance(raw, list):
            items = (self._value(item, (*path, index), depth + 1) for index, item in enumerate(raw))
            return [item for item in items if not isinstance(item, Nothing)]
        if not isinstance(raw, dict):
            return raw
        if len(raw) == 1:
            ((key, argument),) = raw.items()
            if key == "Ref" or key.startswith("Fn::"):
                return self._function(key, argument, (*path, key), depth)
        members = {key: self._value(item, (*path, key), depth + 1) for key, item in raw.items()}
        return {key: item for key, item in members.items() if not isinstance(item, Nothing)}

    def _function(self, name: str, raw: JsonValue, path: JsonPath, depth: int) -> "Value | Nothing":
        unknown = Unknown(name, self.place(path))
        if name == "Ref" and isinstance(raw, str):
            return NOTHING if raw == NO_VALUE else self._reference(raw, self.place(path))
        if name == "Fn::Sub":
            return self._substituted(raw, path, depth)
        function = _FUNCTIONS.get(name)
        argument = self._value(raw, path, depth + 1)
        if function is None or isinstance(argument, Nothing):
            return unknown
        try:
            found = function(self, argument, unknown)
        except (TypeError, ValueError, LookupError):
            return unknown
        check_size(found, unknown.place)
        return found

    def _reference(self, name: str, place: Place) -> Value:
        """`!Ref name`."""
        setting, unknown = self.setting, Unknown(name, place)
        if name in setting.values:
            return setting.values[name]
        pseudo = {
            "AWS::AccountId": setting.number,
            "AWS::Partition": setting.partition,
            "AWS::Region": setting.region,
            "AWS::URLSuffix": setting.dns_suffix,
        }
        if name in pseudo:
            return pseudo[name] or unknown
        parameter = self.parameters.get(name)
        if isinstance(parameter, dict):
            return _default(parameter, unknown)
        kind = self.kind(name)
        if kind == "AWS::IAM::ManagedPolicy":
            return self.attribute(name, "PolicyArn", place)
        if kind in IAM:
            return self._followed(name, place, lambda: self.name_of(name))
        if kind == "AWS::S3::Bucket":
            bucket = self._followed(name, place, lambda: self.property(name, "BucketName"))
            return bucket if isinstance(bucket, str) else unknown
        return self.attribute(name, "Id", place) if kind == "AWS::Organizations::Policy" else unknown

    def attribute(self, logical: str, attribute: str, place: Place) -> Value:
        """`!GetAtt logical.attribute`."""
        unknown = Unknown(f"{logical}.{attribute}", place)
        kind = self.kind(logical)
        if kind == "AWS::S3::Bucket" and attribute == "Arn":
            bucket = self._followed(logical, place, lambda: self.property(logical, "BucketName"))
            return joined([f"arn:{self.setting.partition}:s3:::", bucket]) if isinstance(bucket, str) else unknown
        if kind == "AWS::Organizations::Policy" and attribute == "Id":
            name = self._followed(logical, place, lambda: self.property(logical, "Name"))
            is_resource_control = self.property(logical, "Type") == "RESOURCE_CONTROL_POLICY"
            short = "rcp" if is_resource_control else "scp"
            return self.setting.organization_target(short, name) if isinstance(name, str) else unknown
        if kind not in IAM or attribute != ("PolicyArn" if kind == "AWS::IAM::ManagedPolicy" else "Arn"):
            return unknown
        name = self._followed(logical, place, lambda: self.name_of(logical))
        path = self._followed(logical, place, lambda: self.property(logical, "Path"))
        if not isinstance(name, str) or not isinstance(path, str | None):
            return unknown
        return self.setting.arn(IAM[kind][0], path or "/", name)

    def _followed(self, name: str, place: Place, read: Callable[[], Value]) -> Value:
        if name in self._chain or len(self._chain) >= _MAX_CHAIN:
            raise ReadError(f"`{name}` leads back to itself, or too far", place)
        self._chain.append(name)
        found = read()
        self._chain.pop()
        return found

    def _substituted(self, raw: JsonValue, path: JsonPath, depth: int) -> Value:
        """`!Sub`: every `${name}` in a text, but `${!name}` means `${name}`."""
        given: dict[str, Value] = {}
        text: JsonValue = raw
        if isinstance(raw, list) and len(raw) == 2 and isinstance(raw[1], dict):
            text = raw[0]
            for key, item in raw[1].items():
                found = self._value(item, (*path, 1, key), depth + 1)
                given[key] = None if isinstance(found, Nothing) else found
        place = self.place(path)
        if not isinstance(text, str):
            return Unknown("Fn::Sub", place)
        parts: list[Value] = []
        end = 0
        for match in _VARIABLE.finditer(text):
            parts.append(text[end : match.start()])
            end = match.end()
            name = match[1].strip()
            if name.startswith("!"):
                parts.append(f"${{{match[1].strip()[1:]}}}")
            elif name in given:
                parts.append(given[name])
            elif "." in name:
                logical, _, attribute = name.partition(".")
                parts.append(self.attribute(logical, attribute, place))
            else:
                parts.append(self._reference(name, place))
        try:
            found = joined([*parts, text[end:]])
        except TypeError:
            return Unknown("Fn::Sub", place)
        check_size(found, place)
        return found


def _section(root: dict[str, JsonValue], name: str, places: Mapping[JsonPath, Place]) -> dict[str, JsonValue]:
    found = root.get(name)
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise ReadError(f"`{name}` is no object", places.get((name,)))
    return found


def _default(parameter: dict[str, JsonValue], unknown: Unknown) -> Value:
    default = parameter.get("Default")
    kind = str(parameter.get("Type"))
    if not isinstance(default, str | Number | bool) or kind.startswith("AWS::SSM::"):
        return unknown
    text = joined([default])
    if isinstance(text, str) and (kind == "CommaDelimitedList" or kind.startswith("List<")):
        return [item.strip() for item in text.split(",")]
    return text


def _get_att(template: Template, argument: Value, unknown: Unknown) -> Value:
    parts = argument.split(".", 1) if isinstance(argument, str) else argument
    if not isinstance(parts, list) or len(parts) != 2:
        return unknown
    logical, attribute = parts
    if not isinstance(logical, str) or not isinstance(attribute, str):
        return unknown
    return template.attribute(logical, attribute, unknown.place)


def _join(_: Template, argument: Value, unknown: Unknown) -> Value:
    if not isinstance(argument, list):
        return unknown
    separator, items = argument
    if not isinstance(items, list) or not isinstance(separator, str):
        return next(unknowns(argument), unknown)
    parts: list[Value] = []
    for item in items:
        parts += [separator, item]
    return joined(parts[1:])


def _select(_: Template, argument: Value, unknown: Unknown) -> Value:
    if not isinstance(argument, list):
        return unknown
    index, items = argument
    if not isinstance(items, list):
        return next(unknowns(argument), unknown)
    place = int(str(joined([index])))
    return items[place] if place >= 0 else unknown


def _split(_: Template, argument: Value, unknown: Unknown) -> Value:
    if not isinstance(argument, list):
        return unknown
    separator, text = argument
    if not isinstance(separator, str) or not isinstance(text, str):
        return next(unknowns(argument), unknown)
    return [*text.split(separator)]


def _find_in_map(template: Template, argument: Value, unknown: Unknown) -> Value:
    if not isinstance(argument, list) or len(argument) != 3:
        return unknown
    if missing := next(unknowns(argument), None):
        return missing
    first, second, third = (str(joined([one])) for one in argument)
    found = template.mappings[first]
    for step in (second, third):
        if not isinstance(found, dict):
            return unknown
        found = found[step]
    return template.value(found, ("Mappings", first, second, third))


def _to_json(_: Template, argument: Value, __: Unknown) -> Value:
    return Encoded(argument)


_FUNCTIONS: dict[str, Callable[[Template, Value, Unknown], Value]] = {
    "Fn::FindInMap": _find_in_map,
    "Fn::GetAtt": _get_att,
    "Fn::Join": _join,
    "Fn::Select": _select,
    "Fn::Split": _split,
    "Fn::ToJsonString": _to_json,
}
