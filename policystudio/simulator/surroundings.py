"""The resource control policies that stand around an account's roles, on both sides of a change."""

from collections.abc import Mapping
from functools import cached_property

from policystudio.accounts.models import Account
from policystudio.engine.analyse.trust import Around
from policystudio.simulator.content import Content
from policystudio.simulator.holdings import resource_levels
from policystudio.simulator.stacks import Values, organization_view
from policystudio.simulator.touched import levels_differ

_OF_THE_ROLE = ("aws:resourceorgid", "aws:resourceorgpaths")


class Surroundings:
    """What of the organization decides, beside the trust policies, who may assume the account's roles."""

    def __init__(self, before: Content, after: Content) -> None:
        self.contents = before, after
        sides = [resource_levels(content) for content in self.contents]
        self.levels = tuple(
            None if content.is_management or content.levels("rcp") is None else levels
            for content, (levels, _) in zip(self.contents, sides, strict=True)
        )
        self.unreadable = tuple(dict.fromkeys(name for _, names in sides for name in names))

    @cached_property
    def differs(self) -> bool:
        """Whether others apply than before."""
        return levels_differ(*self.contents, "rcp")

    @cached_property
    def by_role(self) -> bool:
        """Whether they may tell roles with the same trust policy apart."""
        statements = (one for policy in self.of("").policies for one in policy.statements)
        return any(one.not_resources or set(one.resources) - {"*"} for one in statements)

    @cached_property
    def known(self) -> Mapping[str, Mapping[str, Values]]:
        """The keys of the organization that requests have: of every request, and of whose account stands in it.

        Where the account moves to another place its own are not known: they differ from side to side.
        """
        facts = [organization_view(content).facts for content in self.contents]
        if facts[0] != facts[1]:
            return {}
        account = self.contents[1].account
        own = {key: values for key, values in facts[1].items() if key not in _OF_THE_ROLE}
        return {
            "": {key: facts[1][key] for key in _OF_THE_ROLE},
            **{number: {"aws:principalorgid": own["aws:principalorgid"]} for number in _neighbours(account)},
            account.number: own,
        }

    def of(self, role: str) -> Around:
        """What stands around a role."""
        before, after = self.levels
        return Around(role, before, after, self.known)


def _neighbours(account: Account) -> list[str]:
    """The numbers of the other accounts of the organization that are known."""
    if account.unit is None:
        return []
    found = Account.objects.filter(unit__organization=account.unit.organization_id).exclude(pk=account.pk)
    return list(found.values_list("number", flat=True))
