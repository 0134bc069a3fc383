"""A template: what it takes, what it gives, and how both are made of its activities."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from policystudio.policies.templates import parameters
from policystudio.policies.templates.activity import PROFILE, Activity, Part, Promise
from policystudio.policies.templates.build import Document, documents, grants_of, left_out
from policystudio.policies.templates.conditions import keys_of
from policystudio.policies.templates.parameters import PARAMETERS, Given, Parameter, Values
from policystudio.policies.templates.trust import trust_policy

#: Parameters of which one must say whose resources are meant.
OWNERS = ("name-prefix", "tag")
_NETWORK = frozenset({"sagemaker:vpcsubnets", "sagemaker:vpcsecuritygroupids"})


class Group(StrEnum):
    """What a template is for."""

    PERSONA = "persona"
    EXECUTION_ROLE = "execution role"
    ACTIVITY = "activity"


@dataclass(frozen=True, slots=True)
class Rendered:
    """What a template makes of parameters.

    ``left_out`` are actions, with their types, that cannot be held to a tag and so are not allowed without a name
    prefix.
    """

    values: Values
    documents: tuple[Document, ...]
    trust: str = ""
    left_out: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Template:
    """A template. ``version`` counts up whenever the documents that it makes of the same parameters change.

    ``sentence`` completes "Whoever has it can …", for execution roles "SageMaker can …". ``own_promises`` are made
    besides those of the activities.
    """

    id: str
    version: int
    title: str
    group: Group
    sentence: str
    activities: tuple[Activity, ...] = ()
    parts: tuple[Part, ...] = ()
    own_promises: tuple[Promise, ...] = ()

    @cached_property
    def every_part(self) -> tuple[Part, ...]:
        """What is needed of other services, each once."""
        return tuple(dict.fromkeys([*(part for one in self.activities for part in one.parts), *self.parts]))

    @property
    def promises(self) -> tuple[Promise, ...]:
        """What the template says that can and cannot be done.

        What an activity says that it does not let people do is not said where another one is about that action.
        """
        made = [
            promise for one in self.activities for promise in one.promises if promise.can or self._holds(promise, one)
        ]
        return tuple(dict.fromkeys((*made, *self.own_promises)))

    def _holds(self, promise: Promise, said_by: Activity) -> bool:
        others = (one for one in self.activities if one is not said_by)
        return not any(
            promise.action == action for one in others for grant in grants_of(one) for action, _ in grant.pairs
        )

    @cached_property
    def declared(self) -> frozenset[tuple[str, str]]:
        """Every SageMaker action, with a type, that the documents may allow, in AWS's spelling."""
        return frozenset(pair for one in self.activities for grant in grants_of(one) for pair in grant.pairs)

    @cached_property
    def declared_beyond(self) -> frozenset[str]:
        """Every action of another service that the documents may allow."""
        return frozenset(action for part in self.every_part for action in part.actions)

    @cached_property
    def takes(self) -> tuple[str, ...]:
        """The names of its parameters, in the order in which they are asked for."""
        return tuple(name for name in PARAMETERS if name in self._taken())

    @cached_property
    def required(self) -> tuple[str, ...]:
        """The names of the parameters that must be given."""
        needed = {"account", *(name for part in self.every_part for name in part.required)}
        return tuple(name for name in PARAMETERS if name in needed)

    @cached_property
    def one_of(self) -> tuple[str, ...]:
        """The parameters of which one must be given; none where nothing is one's own."""
        return OWNERS if OWNERS[0] in self.takes else ()

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """Its parameters."""
        return tuple(PARAMETERS[name] for name in self.takes)

    @property
    def is_execution_role(self) -> bool:
        """Whether it makes a role for SageMaker, with a trust policy."""
        return self.group is Group.EXECUTION_ROLE

    def read(self, given: Given) -> Values:
        """Its parameters, read. Raises ``ParameterError``."""
        return parameters.read(given, self.takes, self.required, self.one_of)

    def render(self, given: Given) -> Rendered:
        """Everything that it makes. Raises ``ParameterError``."""
        values = self.read(given)
        try:
            found = documents(self.activities, self.parts, values)
        except ValueError as error:
            raise parameters.ParameterError([("account", str(error))]) from None
        trust = trust_policy(values) if self.is_execution_role else ""
        return Rendered(values, found, trust, left_out(self.activities, values))

    def _taken(self) -> set[str]:
        found = {"account", "partition", "regions"}
        found.update(name for part in self.every_part for name in part.takes)
        for one in self.activities:
            for grant in grants_of(one):
                found.update(OWNERS if grant.owned and not grant.pattern and grant.resource_type != "*" else ())
                found.update(("profile-tag",) if PROFILE in grant.pattern else ())
                for action, resource_type in grant.pairs:
                    found.update(_of_keys(keys_of(action, resource_type)))
        return found


def _of_keys(keys: Iterable[str]) -> Iterable[str]:
    for key in keys:
        if key in _NETWORK:
            yield from ("subnets", "security-groups")
        elif key.endswith("kmskeyarn"):
            yield "kms-keys"


def activity_template(activity: Activity, version: int = 1) -> Template:
    """An activity as a template of its own."""
    return Template(activity.id, version, activity.title, Group.ACTIVITY, activity.sentence, (activity,))


def composed(activities: Sequence[Activity]) -> str:
    """What several activities are, in one phrase."""
    titles = [activity.title[:1].lower() + activity.title[1:] for activity in activities]
    return f"{', '.join(titles[:-1])} and {titles[-1]}" if len(titles) > 1 else "".join(titles)
