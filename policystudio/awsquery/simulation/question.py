"""One simulation: the policies, who asks, and every action on every resource."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from policystudio.engine.arn import Arn, is_account_id
from policystudio.engine.request import Context, PolicyStack, Principal, PrincipalType

Values = tuple[str, ...]

#: What follows from a caller whom nobody named.
_OF_NOBODY = dict.fromkeys(
    (
        "aws:principalaccount",
        "aws:principalarn",
        "aws:principalisawsservice",
        "aws:principaltype",
        "aws:resourceaccount",
        "aws:userid",
        "aws:username",
    ),
    (),
)


@dataclass(frozen=True)
class Simulation:
    """What is asked.

    ``caller`` is None where nobody is named: then the owner of each resource has a user of whom nothing is known.
    ``known`` holds, in lower case, what is known of the caller; ``given`` what the request says, which goes first.
    ``facts`` are the condition keys of each resource. ``in_organization`` says whether the answer tells what
    organizations allow.
    """

    actions: Sequence[str]
    resources: Sequence[str]
    stack: PolicyStack
    caller: Principal | None
    home: str
    owner: str = ""
    given: Mapping[str, Values] = field(default_factory=dict)
    known: Mapping[str, Values] = field(default_factory=dict)
    facts: Mapping[str, Mapping[str, Values]] = field(default_factory=dict)
    in_organization: bool = False

    def context(self, resource: str) -> Context:
        """What a request on the resource carries. One object for all actions, which the engine knows again."""
        facts = {**self.known, **{key.lower(): values for key, values in self.facts.get(resource, {}).items()}}
        if self.caller is None:
            facts = {**_OF_NOBODY, **facts}
        given = {key.lower() for key in self.given}
        return Context({**{key: values for key, values in facts.items() if key not in given}, **self.given})

    def principal(self, resource: str) -> Principal:
        """Who asks for the resource."""
        if self.caller is not None:
            return self.caller
        account, partition = self.account_of(resource) or self.owner or self.home, partition_of(resource)
        return Principal(PrincipalType.USER, f"arn:{partition}:iam::{account}:user/anyone", account, partition)

    def owner_of(self, resource: str) -> str:
        """The owner to tell the engine of; none where the ARN tells it, which is believed before ``ResourceOwner``."""
        return "" if self.account_of(resource) else self.owner

    @staticmethod
    def account_of(resource: str) -> str:
        """The account in an ARN, or empty."""
        if resource == "*":
            return ""
        account = Arn.parse(resource).account
        return account if is_account_id(account) else ""


def partition_of(resource: str) -> str:
    """The partition in an ARN; that of most accounts for `*`."""
    return "aws" if resource == "*" else Arn.parse(resource).partition
