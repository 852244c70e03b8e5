"""Which addresses this program may connect to: public ones, and those that the operator has allowed by name.

`COTERIE_EGRESS_ALLOW` lists hosts, addresses and networks, each with a port or without: `minio.internal:9000`,
`10.2.0.0/16`, `[fd00::5]:9000`.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from coterie.kit.environment import BadSetting
from coterie.kit.errors import InvalidInput
from coterie.kit.reasons import Reason

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

PORTS: Final = frozenset({443, 8443})
"""Ports that may be reached without being allowed by name."""
_DEFAULT_PORT: Final = {"https": 443, "http": 80}
_NAME: Final = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)(\.(?!-)[a-z0-9_-]{1,63}(?<!-))*\.?")
# A last label like these makes the system's resolver read the whole as an IPv4 address: 127.1, 0x7f.1, 2130706433.
_NUMERIC_END: Final = re.compile(r"(^|\.)(0x[0-9a-f]*|[0-9]+)\.?$")

# What Python calls global differs between its versions, so the tables are ours: the special-purpose registries of
# IANA, and what clouds keep for their metadata.
_NOT_PUBLIC_4: Final = tuple(
    map(
        ipaddress.IPv4Network,
        (
            "0.0.0.0/8",
            "10.0.0.0/8",
            "100.64.0.0/10",
            "127.0.0.0/8",
            "168.63.129.16/32",  # Azure's own services on every virtual machine
            "169.254.0.0/16",
            "172.16.0.0/12",
            "192.0.0.0/24",
            "192.0.2.0/24",
            "192.88.99.0/24",
            "192.168.0.0/16",
            "198.18.0.0/15",
            "198.51.100.0/24",
            "203.0.113.0/24",
            "224.0.0.0/4",
            "240.0.0.0/4",
        ),
    )
)
# All of IPv6 that is public lies in here, but for these parts of it.
_PUBLIC_6: Final = ipaddress.IPv6Network("2000::/3")
_NOT_PUBLIC_6: Final = tuple(
    map(ipaddress.IPv6Network, ("2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20"))
)
_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")
_MAPPED: Final = ipaddress.IPv6Network("::ffff:0:0/96")
_LOW_32: Final = (1 << 32) - 1
# The second half of an address that carries an IPv4 address in a tunnel (ISATAP), with and without its flag.
_ISATAP: Final = frozenset({0x00005EFE, 0x02005EFE})


class AddressRefused(InvalidInput):
    """The address must not be reached from here."""

    default_code = "address_refused"


@dataclass(frozen=True)
class Allowed:
    """One entry of the operator's list: a host by name, or a network; any port when `port` is None."""

    host: str = ""
    network: Network | None = None
    port: int | None = None

    def covers(self, host: str, address: Address | None, port: int) -> bool:
        """Whether this entry allows a host, or one of its addresses, on a port."""
        if self.port is not None and self.port != port:
            return False
        if self.network is None:
            return self.host == host
        return address is not None and address.version == self.network.version and address in self.network


@dataclass(frozen=True)
class Target:
    """An address in its parts: `host` in lower case, `path` with its query as it is sent."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def origin(self) -> str:
        """The address without its path, and without a port that is the scheme's own."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}" + ("" if self.port == _DEFAULT_PORT[self.scheme] else f":{self.port}")


def allowed(entries: Iterable[str], *, setting: str = "COTERIE_EGRESS_ALLOW") -> tuple[Allowed, ...]:
    """The operator's list; BadSetting for an entry that is no host, address or network."""
    return tuple(_entry(entry.strip().lower(), setting) for entry in entries)


def parse(url: str, entries: Collection[Allowed]) -> Target:
    """The parts of an http(s) address that could be reached, before its name is looked up; AddressRefused else."""
    if not url.isascii() or re.search(r"[\x00-\x20\x7f\\]", url):
        raise AddressRefused(
            Reason("address_signs", "The address has characters that must not be in one. Write names as xn--...")
        )
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").removesuffix("."), parts.port
    except ValueError:
        raise AddressRefused(Reason("no_address", "This is no valid address.")) from None
    if parts.scheme not in _DEFAULT_PORT or not host:
        raise AddressRefused(Reason("address_begins", "An address begins with https:// and a host."))
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise AddressRefused(Reason("address_parts", "An address must hold no user name, password or fragment."))
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    target = Target(parts.scheme, host, port if port is not None else _DEFAULT_PORT[parts.scheme], path)
    literal = _literal(host)
    if literal is not None:
        check(target, [literal], entries)
    elif not any(entry.network is not None or entry.covers(host, None, target.port) for entry in entries):
        _check_public_port(target)
    return target


def check(target: Target, addresses: Collection[Address], entries: Collection[Allowed]) -> None:
    """AddressRefused unless each of the addresses that a host has may be reached on the target's port."""
    if not addresses:
        raise AddressRefused(Reason("host_without_address", "{host} has no address.", host=target.host))
    open_ = [
        any(entry.covers(target.host, one, target.port) for entry in entries)
        or any(entry.covers(target.host, _embedded(one), target.port) for entry in entries)
        for one in addresses
    ]
    if all(open_):
        return
    _check_public_port(target)
    for one, is_allowed in zip(addresses, open_, strict=True):
        if not is_allowed and not is_public(one):
            raise AddressRefused(
                Reason(
                    "inside_network",
                    "{host} is an address inside a network, which is not reached from here. "
                    "Whoever runs this installation can allow it with COTERIE_EGRESS_ALLOW.",
                    host=target.host,
                ),
                details={"host": target.host},
            )


def is_public(address: Address) -> bool:
    """Whether an address is one of the open Internet. What wraps another address counts as that one."""
    inner = _embedded(address)
    if inner is not None:
        return is_public(inner)
    if isinstance(address, ipaddress.IPv4Address):
        return not any(address in network for network in _NOT_PUBLIC_4)
    if address.scope_id or address not in _PUBLIC_6 or any(address in network for network in _NOT_PUBLIC_6):
        return False
    return (int(address) >> 32) & _LOW_32 not in _ISATAP


def _check_public_port(target: Target) -> None:
    if target.scheme != "https" or target.port not in PORTS:
        raise AddressRefused(
            Reason(
                "closed_port",
                "Only https on port 443 or 8443 is reached. Whoever runs this installation can allow a host and its "
                "port with COTERIE_EGRESS_ALLOW.",
            ),
            details={"host": target.host, "port": target.port},
        )


def _embedded(address: Address) -> ipaddress.IPv4Address | None:
    if isinstance(address, ipaddress.IPv6Address) and (address in _NAT64 or address in _MAPPED):
        return ipaddress.IPv4Address(int(address) & _LOW_32)
    return None


def _literal(host: str) -> Address | None:
    """The host as an address when it is written as one; AddressRefused for an odd spelling and for no name."""
    if ":" in host:
        try:
            return ipaddress.IPv6Address(host)
        except ValueError:
            raise AddressRefused(Reason("no_ipv6", "This is no valid IPv6 address.")) from None
    if _NUMERIC_END.search(host):
        try:
            return ipaddress.IPv4Address(host)
        except ValueError:
            raise AddressRefused(Reason("no_ipv4", "Write an IPv4 address as four decimal numbers.")) from None
    if not _NAME.fullmatch(host) or len(host) > 253:
        raise AddressRefused(Reason("no_host", "This is no valid host name. Write names as xn--..."))
    return None


def _entry(text: str, setting: str) -> Allowed:
    expected = "hosts, addresses or networks with commas, such as minio.internal:9000, 10.2.0.0/16 or [fd00::5]:9000"
    bracketed = re.fullmatch(r"\[([0-9a-f:.]+)\](?::([0-9]{1,5}))?", text)
    plain = re.fullmatch(r"([^:\[\]/]+(?:/[0-9]{1,2})?)(?::([0-9]{1,5}))?", text)
    found = bracketed or plain
    name, port = (found[1], found[2]) if found else (text, None)
    number = int(port) if port is not None else None
    if number is not None and not 1 <= number <= 65_535:
        raise BadSetting(setting, expected)
    try:
        return Allowed(network=ipaddress.ip_network(name), port=number)
    except ValueError:
        if not _NAME.fullmatch(name) or _NUMERIC_END.search(name):
            raise BadSetting(setting, expected) from None
    return Allowed(host=name.removesuffix("."), port=number)
