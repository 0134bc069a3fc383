"""What is known of every request of a row, and what is free to be absent or to have any value."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from policystudio.engine import variables
from policystudio.engine.arn import PARTS
from policystudio.engine.document import Condition, Policy, Statement
from policystudio.engine.request import Context

#: A free key's assignment for one request: key in lower case to its values; no values means absent.
Assignment = Mapping[str, tuple[str, ...]]


#: Keys under a service's name that are global all the same: a session which the service creates or delivers carries
#: them on every request, whatever it is for. Users, the root user and groups' members have no such session.
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
SESSION_KEYS = frozenset(
    {
        "ec2:roledelivery",
        "ec2:sourceinstancearn",
        "glue:credentialissuingservice",
        "glue:roleassumedby",
        "identitystore:userid",
        "lambda:sourcefunctionarn",
        "ssm:sourceinstancearn",
    }
)
#: Stands for any ordinary name where the name itself does not change which columns a pattern covers.
STAND_IN = ("stand-in",)
_NAME = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+=,.@_-")


@dataclass(frozen=True)
class Facts:
    """The facts of a principal and of the question (cells.md, "What is known and what is free").

    ``known`` maps keys in lower case to their values, an empty tuple where the key is known to be absent. A key under
    one of ``closed_prefixes`` (``aws:principaltag/``) that ``known`` does not name is absent too.
    """

    known: Mapping[str, tuple[str, ...]]
    closed_prefixes: tuple[str, ...] = ()

    @cached_property
    def context(self) -> Context:
        """The known values as a request's context."""
        return Context().replaced({key: values for key, values in self.known.items() if values})

    def knows(self, key: str) -> bool:
        """Whether the key (in lower case) has the same values, or none, in every request of the row."""
        return key in self.known or key.startswith(self.closed_prefixes or ("\0",))

    def value_of(self, key: str) -> tuple[str, ...]:
        """The known values of a known key."""
        return self.known.get(key, ())

    def context_with(self, assignment: Assignment) -> Context:
        """The context of one concrete request: what is known, and ``assignment`` for the free keys."""
        return self.context.replaced(assignment)


def is_service_key(key: str) -> bool:
    """Whether the key (in lower case) belongs to one service: it is absent where the catalogue does not list it."""
    return not key.startswith("aws:") and key not in SESSION_KEYS


def keys_read(statement: Statement, variables_enabled: bool) -> frozenset[str]:
    """Every context key (in lower case) that the statement's conditions and variables read."""
    keys = frozenset(condition.key.lower() for condition in statement.conditions)
    return keys | variables_read(statement) if variables_enabled else keys


def variables_read(statement: Statement) -> frozenset[str]:
    """The keys (in lower case) that a statement of a 2012-10-17 document reads as policy variables."""
    texts = [*statement.resources, *statement.not_resources]
    texts += [value for condition in statement.conditions for value in condition.values]
    return frozenset().union(*map(variables.names, texts))


def variables_of(condition: Condition) -> frozenset[str]:
    """The keys (in lower case) that the values of a condition read as policy variables."""
    return frozenset(name for value in condition.values for name in variables.names(value))


def is_name(values: tuple[str, ...] | None) -> bool:
    """Whether a key has one value made of the characters of IAM names."""
    return values is not None and len(values) == 1 and bool(values[0]) and _NAME.issuperset(values[0])


def names_in_resources(policy: Policy) -> frozenset[str]:
    """The keys that the policy reads only as variables within a resource's name, behind its type (``model/``).

    There a name fills a part of one placeholder: the pattern matches some of the type's resources, whatever the name.
    """
    if not policy.has_variables:
        return frozenset()
    elsewhere: set[str] = set()
    inside: set[str] = set()
    for statement in policy.statements:
        for condition in statement.conditions:
            elsewhere |= {condition.key.lower()} | variables_of(condition)
        for text in (*statement.resources, *statement.not_resources):
            (inside if _names_only_within(text) else elsewhere).update(variables.names(text))
    return frozenset(inside - elsewhere)


def _names_only_within(text: str) -> bool:
    """Whether an ARN pattern has variables only behind a literal resource type and its slash."""
    blanked = "".join("$" if isinstance(token, variables.Variable) else token for token in variables.tokens(text))
    head, colons, resource = blanked.rpartition(":")
    resource_type, slash, _ = resource.partition("/")
    plain = not set(resource_type) & set("*?$") and "$" not in head
    return bool(colons and slash) and plain and blanked.count(":") == PARTS - 1
