"""Which addresses a request that we make may go to: those of the internet, and networks that the settings name."""

import ipaddress
from collections.abc import Sequence

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

#: The only IPv6 addresses that are given out for the internet.
_UNICAST = ipaddress.ip_network("2000::/3")
#: An IPv4 address in IPv6, for networks that have no IPv4 (RFC 6052).
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
#: Ways of long ago to put IPv4 into IPv6; whoever writes one today wants to get past a check.
_TUNNELS = (ipaddress.ip_network("2002::/16"), ipaddress.ip_network("2001::/32"))


def may_go_to(text: str, allowed: Sequence[Network] = ()) -> bool:
    """Whether a request may go to this IP address: a public one, or one of the ``allowed`` networks.

    Never to link-local ones, where clouds keep their metadata, nor to multicast, whatever is allowed.
    """
    try:
        address = _plain(ipaddress.ip_address(text))
    except ValueError:
        return False  # with a zone (`fe80::1%eth0`) too
    if address.is_link_local or address.is_multicast or address.is_unspecified:
        return False
    if any(address.version == network.version and address in network for network in allowed):
        return True
    return _is_public(address)


def _is_public(address: Address) -> bool:
    if not address.is_global or address.is_private or address.is_reserved or address.is_loopback:
        return False
    if isinstance(address, ipaddress.IPv6Address):
        return address in _UNICAST and not any(address in tunnel for tunnel in _TUNNELS)
    return True


def _plain(address: Address) -> Address:
    """The IPv4 address that stands in an IPv6 one, where the network would take it out."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address.scope_id:
        raise ValueError("an address with a zone is of one link")
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address
