"""IP address operators: CIDR ranges of IPv4 and IPv6, which never match each other.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_IPAddress
"""

from collections.abc import Mapping
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from policystudio.engine.catalog.types import KeyType
from policystudio.engine.conditions.operator import Operator, Test, incomparable, without_variables

_TYPES = frozenset({KeyType.IP_ADDRESS})


@lru_cache(maxsize=10_000)
def network(text: str) -> IPv4Network | IPv6Network | None:
    """The range that ``text`` writes; a bare address is a range of one. None where it writes none."""
    address, slash, prefix = text.partition("/")
    # ip_network() would also take netmasks and zones.
    if "%" in address or (slash and not (prefix.isascii() and prefix.isdigit())):
        return None
    try:
        return ip_network(text, strict=False)
    except ValueError:
        return None


@lru_cache(maxsize=10_000)
def address_of(text: str) -> IPv4Address | IPv6Address | None:
    """The address that ``text`` writes; None where it writes none."""
    try:
        return None if "%" in text else ip_address(text)
    except ValueError:
        return None


def _test_for(value: str) -> Test:
    wanted = network(value)
    if wanted is None:
        return incomparable

    def test(text: str) -> bool | None:
        given = address_of(text)
        return None if given is None else given in wanted

    return test


OPERATORS: Mapping[str, Operator] = {
    "IpAddress": Operator(without_variables(_test_for), _TYPES),
    "NotIpAddress": Operator(without_variables(_test_for), _TYPES, negated=True),
}
