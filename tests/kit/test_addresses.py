"""What may be connected to: a table of addresses that must never be reached, and what an operator allows."""

from __future__ import annotations

import ipaddress

import pytest

from coterie.kit.addresses import AddressRefused, allowed, check, is_public, parse
from coterie.kit.environment import BadSetting

# Refused by their form, whatever they would resolve to.
BY_FORM = [
    "",
    "http://example.com/",
    "http://127.0.0.1/",
    "https://127.0.0.1/",
    "https://127.1/",
    "https://127.0.1/",
    "https://2130706433/",
    "https://0x7f.0.0.1/",
    "https://0x7f000001/",
    "https://0x7f.1/",
    "https://017700000001/",
    "https://0177.0.0.1/",
    "https://127.0.0.01/",
    "https://0/",
    "https://0.0.0.0/",
    "https://127.0.0.1./",
    "https://10.0.0.5/",
    "https://172.16.3.4/",
    "https://172.31.255.255/",
    "https://192.168.1.1/",
    "https://100.64.0.1/",
    "https://100.100.100.200/latest/meta-data/",
    "https://169.254.169.254/latest/meta-data/",
    "https://169.254.170.2/v2/credentials",
    "https://168.63.129.16/",
    "https://192.0.0.192/",
    "https://192.0.2.1/",
    "https://192.88.99.1/",
    "https://198.18.0.1/",
    "https://198.51.100.7/",
    "https://203.0.113.9/",
    "https://224.0.0.1/",
    "https://239.255.255.250/",
    "https://240.0.0.1/",
    "https://255.255.255.255/",
    "https://256.1.1.1/",
    "https://1.2.3.4.5/",
    "https://1.2.3/",
    "https://[::1]/",
    "https://[::]/",
    "https://[::127.0.0.1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:169.254.169.254]/",
    "https://[::ffff:a00:1]/",
    "https://[64:ff9b::7f00:1]/",
    "https://[64:ff9b::169.254.169.254]/",
    "https://[64:ff9b:1::1]/",
    "https://[2002:7f00:1::]/",
    "https://[2002:a9fe:a9fe::1]/",
    "https://[2001:0:7f00:1::1]/",
    "https://[2001:10::1]/",
    "https://[2001:db8::1]/",
    "https://[3fff::1]/",
    "https://[fe80::1]/",
    "https://[fe80::1%25eth0]/",
    "https://[fec0::1]/",
    "https://[fc00::1]/",
    "https://[fd00:ec2::254]/",
    "https://[ff02::1]/",
    "https://[100::1]/",
    "https://[2606:4700::5efe:10.0.0.1]/",
    "https://[2606:4700::200:5efe:c0a8:101]/",
    "https://[::1/",
    "https://example.com:22/",
    "https://example.com:80/",
    "https://example.com:6379/",
    "https://example.com:9000/",
    "https://example.com:99999/",
    "https://example.com:0/",
    "https://user@example.com/",
    "https://user:password@example.com/",
    "https://example.com@127.0.0.1/",
    "https://127.0.0.1#@example.com/",
    "https://example.com/#part",
    "https://example.com\\@127.0.0.1/",
    "https://exa mple.com/",
    "https://１２７.0.0.1/",
    "https://ⓛocalhost/",
    "https://exam_ple..com/",
    "https://-example.com/",
    "https://%31%32%37.0.0.1/",
    "https:///etc/passwd",
    "https://",
    "//example.com/",
    "example.com",
    "ftp://example.com/",
    "file:///etc/passwd",
    "gopher://example.com:443/",
    "javascript:alert(1)",
    "",
][1:-1]
PUBLIC = ["93.184.215.14", "8.8.8.8", "2606:4700::1111", "2a00:1450:4001::1", "64:ff9b::8.8.8.8", "::ffff:8.8.8.8"]


def test_it_works() -> None:
    target = parse("https://S3.Example.COM.:8443/a%20b?c=d", ())
    assert (target.host, target.port, target.path) == ("s3.example.com", 8443, "/a%20b?c=d")
    assert target.origin == "https://s3.example.com:8443"
    check(target, [ipaddress.ip_address(one) for one in PUBLIC], ())
    assert len(BY_FORM) >= 60


@pytest.mark.parametrize("url", BY_FORM)
def test_what_is_refused_by_its_form(url: str) -> None:
    with pytest.raises(AddressRefused):
        parse(url, ())


@pytest.mark.parametrize("url", [url for url in BY_FORM if url.startswith("https://[") and "%" not in url])
def test_what_wraps_an_address_is_refused_as_an_answer_too(url: str) -> None:
    """A name may resolve to it."""
    try:
        address = ipaddress.ip_address(url[9:-2])
    except ValueError:
        return
    assert not is_public(address)
    with pytest.raises(AddressRefused):
        check(parse("https://example.com/", ()), [ipaddress.ip_address("8.8.8.8"), address], ())


def test_a_name_without_an_address_is_refused() -> None:
    with pytest.raises(AddressRefused):
        check(parse("https://example.com/", ()), [], ())


@pytest.mark.parametrize(
    ("entry", "url", "address", "is_open"),
    [
        ("minio.internal:9000", "http://minio.internal:9000/", "10.0.0.5", True),
        ("minio.internal:9000", "http://MINIO.internal.:9000/", "10.0.0.5", True),
        ("minio.internal:9000", "http://minio.internal:9001/", "10.0.0.5", False),
        ("minio.internal:9000", "http://other.internal:9000/", "10.0.0.5", False),
        ("minio.internal", "http://minio.internal:1234/", "127.0.0.1", True),
        ("10.2.0.0/16", "http://storage.internal:9000/", "10.2.3.4", True),
        ("10.2.0.0/16", "http://storage.internal:9000/", "10.3.3.4", False),
        ("10.2.0.0/16:9000", "http://10.2.0.1:9000/", "10.2.0.1", True),
        ("10.2.0.0/16:9000", "http://10.2.0.1:22/", "10.2.0.1", False),
        ("127.0.0.1:9000", "http://127.0.0.1:9000/", "127.0.0.1", True),
        ("127.0.0.1:9000", "http://[::1]:9000/", "::1", False),
        ("fd00::/8", "http://[fd00::5]:9000/", "fd00::5", True),
        ("[fd00::5]:9000", "http://[fd00::5]:9000/", "fd00::5", True),
        ("[fd00::5]:9000", "http://[fd00::6]:9000/", "fd00::6", False),
        # Allowed inside and not outside: a public host is reached by https alone.
        ("10.0.0.0/8", "http://example.com/", "8.8.8.8", False),
        ("10.0.0.0/8", "https://example.com/", "8.8.8.8", True),
    ],
)
def test_what_an_operator_allows(entry: str, url: str, address: str, is_open: bool) -> None:
    entries = allowed([entry])

    def ask() -> None:
        check(parse(url, entries), [ipaddress.ip_address(address)], entries)

    if is_open:
        ask()
    else:
        with pytest.raises(AddressRefused):
            ask()


@pytest.mark.parametrize(
    "entry", ["http://minio", "10.0.0.0/33", "a b", "host:0", "host:70000", "*.internal", "0x7f.1"]
)
def test_a_list_that_can_t_be_read_stops_the_start(entry: str) -> None:
    with pytest.raises(BadSetting, match="COTERIE_EGRESS_ALLOW"):
        allowed([entry])
