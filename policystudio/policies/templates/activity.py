"""What a template is made of: grants of SageMaker's actions, parts of other services, and promises."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from policystudio.engine.catalog.types import NO_TYPE
from policystudio.policies.templates.parameters import Values

#: A condition: the operator, the key, the values.
Condition = tuple[str, str, tuple[str, ...]]
Conditions = tuple[Condition, ...]
#: Stands in a pattern for the name of the principal's own user profile.
PROFILE = "${profile}"


@dataclass(frozen=True, slots=True)
class Grant:
    """Some of SageMaker's actions on one resource type; ``*`` for actions that take no resource.

    ``owned`` resources are those with the name prefix and the tag, others all of the account. ``pattern`` takes the
    place of the names in the ARN, behind the type; ``conditions`` are added to those that the action can have anyway.
    ``purpose`` goes into the Sid.
    """

    resource_type: str
    actions: tuple[str, ...]
    owned: bool = True
    pattern: str = ""
    conditions: Conditions = ()
    purpose: str = ""

    @property
    def pairs(self) -> Iterator[tuple[str, str]]:
        """The actions by their full names, each with the type."""
        return ((f"sagemaker:{action}", self.resource_type) for action in self.actions)


def grant(
    resource_type: str,
    actions: str,
    *,
    owned: bool = True,
    pattern: str = "",
    conditions: Conditions = (),
    purpose: str = "",
) -> Grant:
    """A grant of the actions in ``actions``, with white space between their names."""
    return Grant(resource_type, tuple(actions.split()), owned, pattern, conditions, purpose)


def lists(actions: str) -> Grant:
    """A grant of actions that take no resource."""
    return Grant(NO_TYPE, tuple(actions.split()))


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement that allows something."""

    sid: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    conditions: Conditions = ()


@dataclass(frozen=True, slots=True)
class Part:
    """What an activity needs of other services. ``takes`` are its parameters, ``required`` those it cannot be without.

    ``build`` makes its statements: none where a parameter that they are about is not given.
    """

    name: str
    actions: tuple[str, ...]
    takes: tuple[str, ...]
    required: tuple[str, ...]
    build: Callable[[Values], Iterable[Statement]]


@dataclass(frozen=True, slots=True)
class Promise:
    """What a template says that one can, or cannot, do; checked against the documents by the engine.

    ``resource`` is what follows the account in the ARN, or a whole ARN, with ``{prefix}`` and the like in it. The
    request carries what the documents ask for, ``tags`` as the resource's own, but for ``context``: the keys there have
    other values, or none where the value is empty.
    """

    said: str
    can: bool
    action: str
    resource: str = "*"
    context: tuple[tuple[str, str], ...] = ()


def can(said: str, action: str, resource: str = "*", **context: str) -> Promise:
    """A promise that something can be done; in the names of keys ``__`` stands for the colon."""
    return Promise(said, True, action, resource, _keys(context))


def cannot(said: str, action: str, resource: str = "*", **context: str) -> Promise:
    """A promise that something cannot be done."""
    return Promise(said, False, action, resource, _keys(context))


def _keys(context: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple((name.replace("__", ":"), value) for name, value in context.items())


@dataclass(frozen=True, slots=True)
class Activity:
    """Something that people do. ``sentence`` completes "Whoever has it can …"."""

    id: str
    title: str
    sentence: str
    grants: tuple[Grant, ...] = ()
    parts: tuple[Part, ...] = ()
    promises: tuple[Promise, ...] = ()
