"""What `manage.py evaluate` and the REST endpoint `evaluate` are given, decoded into policies and requests.

The names of the inputs are those of the layers of a decision; `docs/engine.md` lists them.
"""

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace

from policystudio.engine.arn import Arn, is_account_id
from policystudio.engine.document import PolicyKind
from policystudio.engine.nearest import nearest
from policystudio.engine.request import Context, Levels, NamedPolicy, PolicyStack, Principal, PrincipalType, Request
from policystudio.lib.said import Contrary
from policystudio.lib.strict_json import (
    JsonError,
    JsonPath,
    JsonValue,
    Number,
    from_python,
    kind_of,
    loads,
    write_path,
)
from policystudio.simulator.evaluation_policies import InputProblem, PolicyCache, PolicyReader

__all__ = [
    "INPUTS",
    "EvaluationInput",
    "EvaluationInputError",
    "EvaluationRequest",
    "Id",
    "InputProblem",
    "PolicyCache",
    "Standing",
    "decode_evaluation",
    "decode_standing",
    "kind_by_content",
    "read_evaluation",
    "read_id",
    "refusal_of_json",
]

#: The inputs of one evaluation, and those that each of its ``requests`` may give for itself.
POLICY_INPUTS = (
    "identity_policies",
    "permissions_boundary",
    "session_policies",
    "service_control_policies",
    "resource_control_policies",
    "resource_policy",
    "vpc_endpoint_policy",
)
REQUEST_INPUTS = (
    "id",
    "principal",
    "federated_user_of",
    "management_account",
    "resource_account",
    "resource_in_management_account",
    "context",
    "action",
    "resource",
)
INPUTS = (*REQUEST_INPUTS, *POLICY_INPUTS, "requests")

#: JSON knows no whole numbers: `7.0` and `7e2` are such as well.
_WHOLE = re.compile(r"(-?[0-9]{1,18})(?:\.0+)?")
_POWER = re.compile(r"-?[0-9](?:\.[0-9]{1,17})?[eE]\+?(?:0?[0-9]|1[0-7])")
_ACTION = re.compile(r"[A-Za-z0-9-]+:[A-Za-z0-9_]+")
_ROLE_ARN = re.compile(r"arn:[^:]+:iam::[0-9]{12}:role/.+", re.DOTALL)

Id = str | int | None


class EvaluationInputError(ValueError):
    """An input cannot be evaluated. ``problems`` names every place; ``str()`` is one problem a line."""

    def __init__(self, problems: Iterable[InputProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


@dataclass(frozen=True, slots=True)
class EvaluationRequest:
    """One request with the ``id`` that its answer repeats (None where none was given)."""

    id: Id
    request: Request


@dataclass(frozen=True, slots=True)
class EvaluationInput:
    """Policies, and the requests that are put to them."""

    stack: PolicyStack
    requests: tuple[EvaluationRequest, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """Policies and what is known of every request to them: who asks (None: nobody in particular) and the context."""

    stack: PolicyStack
    principal: Principal | None
    resource_account: str
    context: Mapping[str, tuple[str, ...]]


def decode_standing(value: JsonValue, path: JsonPath, reader: PolicyReader) -> Standing:
    """The same object as of an evaluation, below ``path``, of which the requests play no part.

    What is wrong is added to the problems of ``reader``.
    """
    return _Decoder(reader).standing(value, path)


def read_evaluation(text: str | bytes, cache: PolicyCache | None = None) -> EvaluationInput:
    """Decode the JSON text of one evaluation.

    Raises ``EvaluationInputError`` with every problem: a text that is not strict JSON (a key that stands twice counts),
    an unknown input, a value of the wrong type, a policy that cannot be read.
    """
    try:
        value = loads(text)
    except JsonError as error:
        raise refusal_of_json(error) from None
    return _Decoder(PolicyReader(cache or PolicyCache())).evaluation(value)


def decode_evaluation(value: object, cache: PolicyCache | None = None) -> EvaluationInput:
    """Decode one evaluation that was read already, by ``strict_json.loads`` or into plain Python values.

    Raises ``EvaluationInputError`` like ``read_evaluation``; repeated keys are gone by now, so prefer the text.
    """
    try:
        return _Decoder(PolicyReader(cache or PolicyCache())).evaluation(from_python(value))
    except JsonError as error:
        raise refusal_of_json(error) from None


def read_id(value: JsonValue, path: JsonPath, reader: PolicyReader) -> Id:
    """A text or a whole number; None where it is null."""
    if isinstance(value, Number) and (written := _WHOLE.fullmatch(value.text)):
        return int(written[1])
    if isinstance(value, Number) and (written := _POWER.fullmatch(value.text)) and float(value.text).is_integer():
        return int(float(value.text))
    if value is None or isinstance(value, str):
        return value
    reader.problem(path, f"must be a text or a whole number, not {kind_of(value)}")
    return None


def refusal_of_json(error: JsonError) -> EvaluationInputError:
    """What is wrong with a text that is no strict JSON, as problems of an input."""
    return EvaluationInputError(InputProblem(write_path(p.path), p.message, p.line, p.column) for p in error.problems)


@dataclass(frozen=True, slots=True)
class _Shared:
    """What a line says for all of its requests; a request's own inputs go before it."""

    id: Id
    principal: Principal | None
    names_principal: bool
    in_management_account: bool
    resource_account: str
    resource_in_management_account: bool
    context: Mapping[str, tuple[str, ...]]


#: What is said before anything was read.
_NOTHING = _Shared(None, None, False, False, "", False, {})


class _Decoder:
    """Reads one evaluation and collects every problem on the way; a method answers something usable in any case."""

    def __init__(self, reader: PolicyReader) -> None:
        self._reader = reader
        self._problems = reader.problems

    def evaluation(self, value: JsonValue) -> EvaluationInput:
        inputs = self._object(value, (), INPUTS)
        shared = self._shared(inputs, (), _NOTHING)
        requests = self._requests(inputs, shared)
        stack = self._stack(inputs, (), _kind_of_resource_policy([asked.request for asked in requests]))
        if self._problems:
            raise EvaluationInputError(self._problems)
        return EvaluationInput(stack, requests)

    def standing(self, value: JsonValue, path: JsonPath) -> Standing:
        """The policies, and what is said of who asks, without any request."""
        inputs = self._object(value, path, INPUTS)
        shared = self._shared(inputs, path, _NOTHING)
        stack = self._stack(inputs, path, kind_by_content(inputs.get("resource_policy")))
        return Standing(stack, shared.principal, shared.resource_account, shared.context)

    def _problem(self, path: JsonPath, message: str) -> None:
        self._reader.problem(path, message)

    def _object(self, value: JsonValue, path: JsonPath, names: tuple[str, ...]) -> dict[str, JsonValue]:
        if not isinstance(value, dict):
            self._problem(path, f"must be an object, not {kind_of(value)}")
            return {}
        for name in value:
            if name not in names:
                near = nearest(name, names)
                hint = f": did you mean `{near}`?" if near else f": the inputs are {', '.join(names)}"
                self._problem((*path, name), f"unknown input{hint}")
        return value

    # Who asks for what.

    def _requests(self, inputs: dict[str, JsonValue], shared: _Shared) -> tuple[EvaluationRequest, ...]:
        listed = inputs.get("requests")
        if listed is None:
            asked = self._request(inputs, (), shared)
            return () if asked is None else (asked,)
        for name in ("action", "resource"):
            if inputs.get(name) is not None:
                self._problem((name,), "stands beside `requests`: give it in each of the requests")
        read = self._reader.items(listed, ("requests",), lambda value, path: self._one_of_many(value, path, shared))
        if listed == []:
            self._problem(("requests",), "is empty: give at least one request")
        return tuple(asked for asked in read if asked is not None)

    def _one_of_many(self, value: JsonValue, path: JsonPath, shared: _Shared) -> EvaluationRequest | None:
        inputs = self._object(value, path, REQUEST_INPUTS)
        return self._request(inputs, path, self._shared(inputs, path, shared)) if isinstance(value, dict) else None

    def _request(self, inputs: dict[str, JsonValue], path: JsonPath, shared: _Shared) -> EvaluationRequest | None:
        """A request whose principal, account and context are ``shared``; None where something is wrong or missing."""
        before = len(self._problems)
        action = self._action(inputs, path)
        resource = self._resource(inputs, path)
        if not shared.names_principal:
            self._problem((*path, "principal"), "is missing: write an ARN, a service name or `anonymous`")
        if shared.principal is None or len(self._problems) > before:
            return None
        request = Request(
            shared.principal,
            action,
            resource,
            shared.resource_account,
            Context(shared.context),
            shared.resource_in_management_account,
        )
        return EvaluationRequest(shared.id, request)

    def _shared(self, inputs: dict[str, JsonValue], path: JsonPath, outer: _Shared) -> _Shared:
        """What ``inputs`` say about who asks, in front of what ``outer`` says."""
        given_id = read_id(inputs.get("id"), (*path, "id"), self._reader)
        managed = self._flag(inputs, path, "management_account")
        resource_managed = self._flag(inputs, path, "resource_in_management_account")
        managed = outer.in_management_account if managed is None else managed
        return _Shared(
            outer.id if given_id is None else given_id,
            self._principal(inputs, path, outer.principal, managed),
            outer.names_principal or inputs.get("principal") is not None,
            managed,
            self._account(inputs, path) or outer.resource_account,
            outer.resource_in_management_account if resource_managed is None else resource_managed,
            _merged(outer.context, self._context(inputs, path)),
        )

    def _principal(
        self, inputs: dict[str, JsonValue], path: JsonPath, outer: Principal | None, managed: bool
    ) -> Principal | None:
        principal = self._named_principal(inputs.get("principal"), (*path, "principal")) or outer
        if principal is None:
            if inputs.get("federated_user_of") is not None:
                self._problem((*path, "federated_user_of"), "stands without a `principal` beside it")
            return None
        return self._with_user(replace(principal, in_management_account=managed), inputs, path)

    def _with_user(self, principal: Principal, inputs: dict[str, JsonValue], path: JsonPath) -> Principal:
        """A federated-user session with the user who made it, which its ARN does not tell."""
        place = (*path, "federated_user_of")
        user = self._named_principal(_user_of(inputs.get("federated_user_of"), principal), place)
        if user is None:
            return principal
        if principal.type is not PrincipalType.FEDERATED_USER_SESSION:
            self._problem(place, f"stands beside principal `{principal.arn}`, which is no federated-user session")
        elif user.type is not PrincipalType.USER or user.account != principal.account:
            self._problem(place, Contrary(f"`{user.arn}` is not a user of the session's account"))
        return replace(principal, user_arn=user.arn)

    def _flag(self, inputs: dict[str, JsonValue], path: JsonPath, name: str) -> bool | None:
        value = inputs.get(name)
        if value is None or isinstance(value, bool):
            return value
        self._problem((*path, name), f"must be true or false, not {kind_of(value)}")
        return None

    def _named_principal(self, value: JsonValue, path: JsonPath) -> Principal | None:
        if value is None:
            return None
        if not isinstance(value, str):
            self._problem(path, f"must be a text, not {kind_of(value)}")
            return None
        try:
            return Principal.parse(value)
        except ValueError as error:
            self._problem(path, str(error))
            return None

    def _account(self, inputs: dict[str, JsonValue], path: JsonPath) -> str:
        value = inputs.get("resource_account")
        if value is None:
            return ""
        if isinstance(value, str) and is_account_id(value):
            return value
        shown = f"`{value}`" if isinstance(value, str) else kind_of(value)
        self._problem((*path, "resource_account"), f"must be a 12-digit account id in quotation marks, not {shown}")
        return ""

    def _context(self, inputs: dict[str, JsonValue], path: JsonPath) -> dict[str, tuple[str, ...]]:
        value = inputs.get("context")
        if value is None:
            return {}
        if not isinstance(value, dict):
            self._problem((*path, "context"), f"must be an object of condition keys, not {kind_of(value)}")
            return {}
        context: dict[str, tuple[str, ...]] = {}
        seen: dict[str, str] = {}
        for key, entry in value.items():
            place = (*path, "context", key)
            if not key:
                self._problem(place, "a condition key has no name")
            if key.lower() in seen:
                self._problem(place, f"is the same condition key as `{seen[key.lower()]}`: letter case does not matter")
            seen[key.lower()] = key
            context[key] = self._values(entry, place)
        return context

    def _values(self, value: JsonValue, path: JsonPath) -> tuple[str, ...]:
        """The values of a condition key; null and the empty list mean that the key is absent."""
        if value is None:
            return ()
        if not isinstance(value, list):
            return self._value(value, path)
        return tuple(text for number, item in enumerate(value) for text in self._value(item, (*path, number)))

    def _value(self, value: JsonValue, path: JsonPath) -> tuple[str, ...]:
        if isinstance(value, bool):
            return ("true" if value else "false",)
        if isinstance(value, Number):
            return (value.text,)
        if isinstance(value, str):
            return (value,)
        self._problem(path, f"must be a text or a list of texts, not {kind_of(value)}")
        return ()

    def _action(self, inputs: dict[str, JsonValue], path: JsonPath) -> str:
        value = inputs.get("action")
        place = (*path, "action")
        if value is None:
            self._problem(place, "is missing: write one action, such as `sagemaker:CreateModel`")
        elif not isinstance(value, str):
            self._problem(place, f"must be a text, not {kind_of(value)}")
        elif "*" in value or "?" in value:
            self._problem(place, f"`{value}` has a wildcard: a request is one action")
        elif not _ACTION.fullmatch(value):
            self._problem(place, f"`{value}` is not an action: write `service:Name`, such as `sagemaker:CreateModel`")
        return value if isinstance(value, str) else ""

    def _resource(self, inputs: dict[str, JsonValue], path: JsonPath) -> str:
        value = inputs.get("resource")
        if value is None or value == "*":
            return "*"
        if not isinstance(value, str):
            self._problem((*path, "resource"), f"must be a text, not {kind_of(value)}")
            return ""
        try:
            Arn.parse(value)
        except ValueError as error:
            self._problem((*path, "resource"), f"{error}, or `*` for an action without a resource type")
        return value

    # The policies.

    def _stack(self, inputs: dict[str, JsonValue], path: JsonPath, resource_policy: PolicyKind) -> PolicyStack:
        read, identity = self._reader, PolicyKind.IDENTITY

        def one(name: str, kind: PolicyKind) -> NamedPolicy | None:
            return read.policy(inputs.get(name), (*path, name), kind)

        def several(name: str) -> tuple[NamedPolicy, ...]:
            return read.policies(inputs.get(name), (*path, name), identity)

        def levels(name: str, kind: PolicyKind) -> Levels | None:
            return read.levels(inputs.get(name), (*path, name), kind)

        return PolicyStack(
            identity_policies=several("identity_policies"),
            permissions_boundary=one("permissions_boundary", identity),
            session_policies=several("session_policies") or None,
            service_control_policies=levels("service_control_policies", PolicyKind.SERVICE_CONTROL),
            resource_control_policies=levels("resource_control_policies", PolicyKind.RESOURCE_CONTROL),
            resource_policy=one("resource_policy", resource_policy),
            vpc_endpoint_policy=one("vpc_endpoint_policy", PolicyKind.RESOURCE),
        )


def _user_of(written: JsonValue, session: Principal) -> JsonValue:
    """The ARN of a user who is named by path and name: `user/people/dana` of the session's account."""
    if isinstance(written, str) and written.startswith("user/"):
        return f"arn:{session.partition or 'aws'}:iam::{session.account}:{written}"
    return written


def _kind_of_resource_policy(requests: list[Request]) -> PolicyKind:
    """A role's resource policy is its trust policy, which has no Resource element."""
    about_roles = [_ROLE_ARN.fullmatch(request.resource) is not None for request in requests]
    assumes = any(
        is_role and request.action.lower().startswith("sts:")
        for request, is_role in zip(requests, about_roles, strict=True)
    )
    return PolicyKind.TRUST if assumes or (about_roles and all(about_roles)) else PolicyKind.RESOURCE


def kind_by_content(value: JsonValue) -> PolicyKind:
    """What a resource policy is that no request tells anything about: without Resource elements a trust policy."""
    if isinstance(value, dict) and "document" in value:
        value = value["document"]
    if isinstance(value, str):
        with suppress(JsonError):
            value = loads(value)
    return PolicyKind.TRUST if is_trust_policy(value) else PolicyKind.RESOURCE


def is_trust_policy(value: JsonValue) -> bool:
    """Whether a document is a trust policy: its statements name principals and no resources."""
    statements = value.get("Statement") if isinstance(value, dict) else None
    listed = statements if isinstance(statements, list) else [statements]
    found = [statement for statement in listed if isinstance(statement, dict)]
    named = any("Principal" in statement for statement in found)
    return named and not any("Resource" in statement or "NotResource" in statement for statement in found)


def _merged(shared: Mapping[str, tuple[str, ...]], own: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """The shared context with the request's own entries in front; the letter case of a key does not matter."""
    named = {key.lower() for key in own}
    return {**{key: values for key, values in shared.items() if key.lower() not in named}, **own}
