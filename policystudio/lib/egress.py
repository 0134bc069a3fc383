"""HTTPS requests to addresses that users name: to the internet alone, bounded in time and size, without redirects.

https://cheatsheetseries.owasp.org/cheatsheets/Server_Side_Request_Forgery_Prevention_Cheat_Sheet.html
"""

import socket
import ssl
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from urllib3.connection import HTTPSConnection
from urllib3.exceptions import HTTPError
from urllib3.util.ssl_ import create_urllib3_context

from policystudio.lib.public_address import Network, may_go_to

LONGEST_URL = 2048
#: Seconds to connect, between two pieces of an answer, and for everything together.
CONNECT, PIECE, WHOLE = 5.0, 5.0, 12.0
#: So much of an answer is read and kept.
MOST_READ = 4096
#: So many of the addresses of a name are tried.
MOST_TRIED = 3


class EgressError(Exception):
    """The request was not sent, or not answered; the text says why, in words for who named the address."""


@dataclass(frozen=True, slots=True)
class Rules:
    """Where requests may go besides the internet, on which ports, and whose certificates count ("": the system's)."""

    networks: Sequence[Network] = ()
    ports: Sequence[int] = (443,)
    ca_file: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """The status, and the first bytes of the body as text."""

    status: int
    text: str


def check_url(url: str, rules: Rules) -> SplitResult:
    """The parts of an address that may be named; raises ``EgressError`` saying what to write instead."""
    if (
        len(url) > LONGEST_URL
        or not url.isascii()
        or not url.isprintable()
        or any(char in url for char in ' \\"<>^`{|}')
    ):
        raise EgressError(
            "write the address in ASCII without spaces (a host name as `xn--…`), at most 2,048 characters"
        )
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port or 443
    except ValueError:
        raise EgressError("the address cannot be read: write it as https://host/path") from None
    if parts.scheme != "https" or not host:
        raise EgressError("write an address that begins with https://")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise EgressError("write the address without a user name, a password and what follows a #")
    if port not in rules.ports:
        ports = ", ".join(map(str, rules.ports))
        raise EgressError(f"port {port} is not one that may be used: {ports} (the setting WEBHOOK_PORTS)")
    if _is_number(host) and not may_go_to(host, rules.networks):
        raise EgressError(f"{host} is not an address of the internet")
    return parts


def addresses_of(host: str, port: int, rules: Rules) -> list[str]:
    """All addresses of a host; raises ``EgressError`` where it has none, or one of them must not be asked."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise EgressError(f"no address was found for {host}") from None
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    if not addresses or not all(may_go_to(address, rules.networks) for address in addresses):
        # Which ones is not told: that would answer what stands in the network that the studio is in.
        raise EgressError(f"{host} does not lie in the internet: requests go to public addresses alone")
    return addresses


def post(url: str, body: bytes, headers: Mapping[str, str], rules: Rules) -> Answer:
    """Send a body and read the answer, whatever its status. Raises ``EgressError``.

    The connection goes to an address that was checked, with no second look-up; its certificate must be of the host
    that the URL names. Proxies of the environment are not used.
    """
    parts = check_url(url, rules)
    host, port = str(parts.hostname), parts.port or 443
    failure = "no address answered"
    for address in addresses_of(host, port, rules)[:MOST_TRIED]:
        connection = _connection(address, port, host, rules)
        try:
            connection.connect()
        except (HTTPError, OSError, ValueError) as error:
            failure = _told(error)
            connection.close()
            continue
        return _exchange(connection, parts, body, headers)
    raise EgressError(failure)


def _connection(address: str, port: int, host: str, rules: Rules) -> HTTPSConnection:
    context = create_urllib3_context(cert_reqs=ssl.CERT_REQUIRED)
    context.load_verify_locations(rules.ca_file) if rules.ca_file else context.load_default_certs()
    name = host.rstrip(".")
    return HTTPSConnection(
        address,
        port,
        timeout=CONNECT,
        server_hostname=name,
        assert_hostname=name,
        ssl_context=context,
        cert_reqs="CERT_REQUIRED",
    )


def _exchange(connection: HTTPSConnection, parts: SplitResult, body: bytes, headers: Mapping[str, str]) -> Answer:
    """Send and read on an open connection, which is cut when the time is over, however slowly the other side drips."""
    opened = connection.sock
    watch = threading.Timer(WHOLE, _cut, [opened])
    watch.daemon = True
    watch.start()
    try:
        if opened is not None:
            opened.settimeout(PIECE)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", path, body=body, headers={"Host": parts.netloc, **headers}, preload_content=False)
        response = connection.getresponse()
        text = response.read(MOST_READ, decode_content=False).decode(errors="replace")
        return Answer(response.status, text.replace("\0", "�"))
    except (HTTPError, OSError, ValueError) as error:
        raise EgressError(_told(error)) from None
    finally:
        watch.cancel()
        connection.close()


def _cut(opened: socket.socket | None) -> None:
    if opened is not None:
        with suppress(OSError):
            socket.socket.shutdown(opened, socket.SHUT_RDWR)


def _told(error: Exception) -> str:
    """What went wrong, without what the other side or the library says of addresses."""
    text = f"{type(error).__name__} {error}".lower()
    if "certificate" in text or "hostname" in text:
        return "its certificate is not valid for this host"
    if "timed out" in text or "timeout" in text:
        return "it did not answer in time"
    if "ssl" in text:
        return "no TLS connection could be made"
    if "refused" in text or "unreachable" in text or "new connection" in text:
        return "no connection could be made"
    return "the connection ended before there was an answer"


def _is_number(host: str) -> bool:
    return ":" in host or all(char.isdigit() or char == "." for char in host)
