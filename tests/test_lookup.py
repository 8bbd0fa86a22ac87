"""Who owns an address: by hand, against a plain search, and through the command."""

from __future__ import annotations

import io
import json
import time
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network
from pathlib import Path
from typing import Any

import netaddr
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from k8s6plan.addressing.lookup import Answer, Lookup, parse, text_of
from k8s6plan.addressing.lookup._claims import is_embedded
from k8s6plan.addressing.plan import make_plan
from k8s6plan.addressing.plan_file import Allocation, Plan, SiteBlock, to_yaml
from k8s6plan.cli import app
from k8s6plan.fleet.model import Prefix
from tests.strategies import fleet_files, load


def held(prefix: str, mask: int | None = None, *also: str, **more: Any) -> Allocation:
    network = ip_network(prefix)
    others = tuple(ip_network(p) for p in also)
    return Allocation(network, network.prefixlen, "planned", node_mask=mask, also=others, **more)


PLAN = Plan(
    fleet="f",
    ula_seed=None,
    clusters={
        "a": {
            "nodes": {"ipv4": held("10.0.0.0/24"), "ipv6": held("fd00:1::/64")},
            "pods": {
                "ipv4": held("10.8.0.0/14", 24),
                "ipv6": held("fd00:1:0:8::a08:0/110", 120),
            },
            "services": {"ipv4": held("172.20.0.0/20")},
        },
        "b": {
            "nodes": {"ipv4": held("10.0.0.0/24")},  # a network of the site that it shares with a
            "pods": {
                "ipv4": held("100.64.0.0/16", 24, "100.80.0.0/20"),
                "ipv6": held("fd00:2::/64"),
            },
            "services": {"ipv4": held("172.20.0.0/20")},
        },
        "c": {
            "pods": {
                "ipv4": held("100.96.0.0/18", 24, reserved=16),
                "ipv6": Allocation(None, 64, "planned", 64, IPv6Network("::/64")),
            }
        },
    },
    members={"east": ("a", "b"), "c": ("c",)},
    site_pools={"east": {"pods": ip_network("100.64.0.0/12")}},
    sites={
        "east": {
            "ula": SiteBlock(48, IPv6Network("fd00:1::/48"), {"a": IPv6Network("fd00:1::/60")})
        },
        "c": {"provider": SiteBlock(56, None, {"c": IPv6Network("::/60")})},
        "west": {
            "ula": SiteBlock(48, IPv6Network("fd00:9::/48"), {"gone": IPv6Network("fd00:9::/60")})
        },
    },
    tombstones={"gone": {"pods": {"ipv4": held("10.200.0.0/16", 24)}}},
)


def brief(answer: Answer) -> list[tuple[str | None, str | None, str | None, str, str]]:
    return [tuple(owner) for owner in answer.owners]  # type: ignore[misc]


@pytest.mark.parametrize(
    ("query", "owners"),
    [
        ("10.8.0.0", [("a", "pods", "east", "10.8.0.0/14", "held")]),
        ("10.11.255.255", [("a", "pods", "east", "10.8.0.0/14", "held")]),
        ("10.12.0.0", []),
        ("10.7.255.255", []),
        ("10.8.7.0/24", [("a", "pods", "east", "10.8.0.0/14", "held")]),
        ("10.0.0.0/8", []),
        (
            "10.0.0.9",
            [(n, "nodes", "east", "10.0.0.0/24", "held") for n in ("a", "b")],
        ),
        (
            "172.20.15.255",
            [(n, "services", "east", "172.20.0.0/20", "held") for n in ("a", "b")],
        ),
        ("100.80.15.1", [("b", "pods", "east", "100.80.0.0/20", "held")]),
        ("100.65.0.0", [(None, "pods", "east", "100.64.0.0/12", "reserved")]),
        ("100.96.0.1", [("c", "pods", "c", "100.96.0.0/18", "held")]),
        ("100.96.64.1", [("c", "pods", "c", "100.96.0.0/16", "reserved")]),
        ("100.96.0.0/17", [("c", "pods", "c", "100.96.0.0/16", "reserved")]),
        ("10.200.3.4", [("gone", "pods", "west", "10.200.0.0/16", "removed")]),
        ("fd00:1::5", [("a", "nodes", "east", "fd00:1::/64", "held")]),
        ("fd00:1:0:7::5", [("a", None, "east", "fd00:1::/60", "reserved")]),
        ("fd00:1:0:100::", [(None, None, "east", "fd00:1::/48", "reserved")]),
        ("fd00:9::1", [("gone", None, "west", "fd00:9::/60", "removed")]),
        ("fd00:3::", []),
        ("::", []),
        ("255.255.255.255", []),
        ("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", []),
        ("::ffff:10.200.3.4", [("gone", "pods", "west", "10.200.0.0/16", "removed")]),
        ("::ffff:10.200.0.0/112", [("gone", "pods", "west", "10.200.0.0/16", "removed")]),
    ],
)
def test_owners(query: str, owners: list[tuple[str, ...]]) -> None:
    assert brief(Lookup(PLAN).find(query)) == owners


@pytest.mark.parametrize(
    ("query", "block"),
    [
        ("10.8.0.0", (0, "10.8.0.0/24")),
        ("10.9.2.77", (258, "10.9.2.0/24")),
        ("10.11.255.255", (1023, "10.11.255.0/24")),
        ("10.8.3.0/24", (3, "10.8.3.0/24")),
        ("10.8.3.128/25", (3, "10.8.3.0/24")),
        ("10.8.2.0/23", None),
        ("fd00:1:0:8::a08:3ff", (3, "fd00:1:0:8::a08:300/120")),
        ("fd00:2::1", None),  # no node mask
        ("10.0.0.1", None),
        ("10.200.1.0", (1, "10.200.1.0/24")),
    ],
)
def test_node_blocks(query: str, block: tuple[int, str] | None) -> None:
    assert Lookup(PLAN).find(query).node_block == block


@pytest.mark.parametrize(
    ("query", "counterpart", "why"),
    [
        ("10.9.2.77", "fd00:1:0:8::a09:24d", None),
        ("fd00:1:0:8::a09:24d", "10.9.2.77", None),
        ("10.9.2.0/24", "fd00:1:0:8::a09:200/120", None),
        ("fd00:1:0:8::a09:200/120", "10.9.2.0/24", None),
        ("100.64.0.1", None, "no counterpart"),
        ("fd00:2::1", None, "no counterpart"),
        ("100.96.0.1", None, "no counterpart: IPv6 not assigned yet"),
        ("10.0.0.1", None, None),  # only pods are mapped
    ],
)
def test_counterparts(query: str, counterpart: str | None, why: str | None) -> None:
    answer = Lookup(PLAN).find(query)
    assert (answer.counterpart, answer.why_none) == (counterpart, why)


def test_wide_prefix_tells_what_it_holds() -> None:
    assert Lookup(PLAN).find("10.0.0.0/8").note == "holds 3 prefixes"
    assert Lookup(PLAN).find("fd00:1::/48").note == "holds 2 prefixes"
    assert Lookup(PLAN).find("11.0.0.0/8").note is None


def test_cilium_defaults_are_no_mapping() -> None:
    """10.0.0.0/8 and fd00::/104 have the right lengths, and nothing to do with each other."""
    assert not is_embedded(ip_network("10.0.0.0/8"), ip_network("fd00::/104"))
    assert is_embedded(ip_network("10.0.0.0/8"), ip_network("fd00::a00:0/104"))
    assert not is_embedded(ip_network("10.0.0.0/8"), ip_network("fd00::a00:0/105"))


# --- the mapping ---------------------------------------------------------------------------------


@st.composite
def pairs(draw: st.DrawFn) -> tuple[IPv4Network, IPv6Network, IPv4Address]:
    """Return an IPv4 prefix, an IPv6 prefix that holds it, and an address."""
    length = draw(st.integers(1, 32))
    four = IPv4Network((draw(st.integers(0, (1 << length) - 1)) << (32 - length), length))
    six = draw(st.integers(1, (1 << 64) - 1)) << 64 | int(four.network_address)
    host = draw(st.integers(0, (1 << (32 - length)) - 1))
    return four, IPv6Network((six, 96 + length)), four.network_address + host


@given(pair=pairs())
def test_mapping_there_and_back(pair: tuple[IPv4Network, IPv6Network, IPv4Address]) -> None:
    ipv4, ipv6, address = pair
    pods = {"ipv4": held(str(ipv4)), "ipv6": held(str(ipv6))}
    lookup = Lookup(Plan("f", None, {"a": {"pods": pods}}))  # type: ignore[dict-item]
    counterpart = lookup.find(str(address)).counterpart
    assert counterpart is not None
    assert IPv6Address(counterpart) in ipv6
    assert int(IPv6Address(counterpart)) & 0xFFFF_FFFF == int(address)
    assert lookup.find(counterpart).counterpart == str(address)


@settings(max_examples=30, deadline=None)
@given(data=fleet_files(most=5))
def test_planned_embedding_is_mapped_back(data: dict[str, Any]) -> None:
    data |= {"ipv6_mapping": "embed-ipv4", "ipv6": "ula"}
    data.pop("pools", None)
    plan, _ = make_plan(load(data))
    lookup = Lookup(plan)
    for name, roles in plan.clusters.items():
        four, six = roles["pods"]["ipv4"].prefix, roles["pods"]["ipv6"].prefix
        assert four is not None
        assert six is not None
        for prefix, other in ((four, six), (six, four)):
            answer = lookup.find(str(prefix[-1]))
            assert answer.owners[0].cluster == name
            assert answer.counterpart == str(other[-1])


# --- against a plain search ----------------------------------------------------------------------


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(data=fleet_files(most=6, pins=True), queries=st.data())
def test_lookup_finds_what_a_plain_search_finds(data: dict[str, Any], queries: Any) -> None:
    plan, _ = make_plan(load(data))
    rows: list[tuple[Prefix, str, str]] = [
        (prefix, name, role)
        for name, roles in plan.clusters.items()
        for role, families in roles.items()
        for allocation in families.values()
        for prefix in allocation.prefixes
    ]
    lookup = Lookup(plan)
    numbers = [(4, queries.draw(st.integers(0, 2**32 - 1)))]
    for prefix, _, _ in rows[:8]:
        first, last = int(prefix.network_address), int(prefix.broadcast_address)
        numbers += [(prefix.version, n) for n in (first - 1, first, last, last + 1)]
    for version, number in numbers:
        address = netaddr.IPAddress(str((IPv4Address if version == 4 else IPv6Address)(number)))
        found = {
            (name, role) for prefix, name, role in rows if address in netaddr.IPNetwork(str(prefix))
        }
        answer = lookup.find(str(address))
        told = {(o.cluster, o.role) for o in answer.owners if o.state == "held"}
        assert told == found


# --- NAT64 ---------------------------------------------------------------------------------------


def test_nat64_is_decoded_and_its_owner_told() -> None:
    answer = Lookup(PLAN).find("64:ff9b::10.8.3.1")
    assert (answer.query, answer.carries) == ("64:ff9b::a08:301", "10.8.3.1")
    assert answer.owners[0].cluster == "a"
    assert "must not: translators drop it" in (answer.warning or "")
    assert "RFC 6052 s3.1" in (answer.warning or "")
    public = Lookup(PLAN).find("64:ff9b::8.8.8.8")
    assert (public.owners, public.carries, public.warning) == ((), "8.8.8.8", None)


def test_own_nat64_prefix_may_carry_private_addresses() -> None:
    lookup = Lookup(PLAN, [IPv6Network("fd00:1:0:7::/64"), IPv6Network("2001:db8::/32")])
    answer = lookup.find("fd00:1:0:7:a:803:100:0")
    assert (answer.carries, answer.owners[0].cluster, answer.warning) == ("10.8.3.1", "a", None)
    # Without an owner of what it carries, the address is the one's whose block it lies in.
    answer = lookup.find("fd00:1:0:7:8:808:800:0")
    assert (answer.carries, answer.owners[0].prefix) == ("8.8.8.8", "fd00:1::/60")
    # Bits 64 to 71 that are not zero: no address of a translator.
    assert lookup.find("fd00:1:0:7:100::").carries is None


# --- text ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given_text", "written"),
    [
        ("2001:0DB8::0001", "2001:db8::1"),
        ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),
        ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
        ("::ffff:102:304", "::ffff:1.2.3.4"),
        ("::FFFF:1.2.3.4", "::ffff:1.2.3.4"),
        ("::ffff:0:0/96", "::ffff:0.0.0.0/96"),
        ("::1.2.3.4", "::102:304"),
        ("64:ff9b::1.2.3.4", "64:ff9b::102:304"),
        ("FD00::/8", "fd00::/8"),
        ("10.0.0.1/32", "10.0.0.1"),
        ("::1/128", "::1"),
    ],
)
def test_answers_are_written_by_rfc_5952(given_text: str, written: str) -> None:
    assert Lookup(PLAN).find(given_text).query == written


@given(number=st.integers(0, 2**128 - 1), length=st.integers(0, 128))
def test_text_is_what_ipaddress_writes(number: int, length: int) -> None:
    network = IPv6Network((number, length), strict=False)
    start = int(network.network_address)
    text = text_of(6, start, length)
    assert parse(text) == (6, start, length)
    if start >> 32 != 0xFFFF:
        assert text == (str(network) if length < 128 else str(network.network_address))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("10.0.0.5/24", '"10.0.0.5/24" has host bits set; the prefix is "10.0.0.0/24"'),
        ("FD00::1/64", '"FD00::1/64" has host bits set; the prefix is "fd00::/64"'),
        ("010.0.0.1", '"010.0.0.1" is no address or prefix'),
        ("10.0.0", "is no address or prefix"),
        ("10.0.0.0/33", "is no address or prefix"),
        ("fd00:::1", "is no address or prefix"),
        ("", "is no address or prefix"),
        ("1/8", "is no address or prefix"),
        ("a\x1b[2Jb", r'"a\?\[2Jb" is no address or prefix'),
        ("x" * 99, f'"{"x" * 57}..." is no address or prefix'),
    ],
)
def test_faults_say_what_is_right(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Lookup(PLAN).find(text)


# --- the command ---------------------------------------------------------------------------------


@pytest.fixture
def plan_file(tmp_path: Path) -> Path:
    path = tmp_path / "plan.yaml"
    path.write_text(to_yaml(PLAN, "Written by k8s6plan 0 plan"), "utf-8")
    return path


def run(plan: Path, *arguments: str, stdin: bytes | str = "") -> tuple[int, list[str], str]:
    done = CliRunner().invoke(app, ["map", "--plan", str(plan), *arguments], input=stdin)
    assert done.exception is None or isinstance(done.exception, SystemExit)
    return done.exit_code, done.stdout.splitlines(), done.stderr


def test_table_has_a_heading_and_a_line_each(plan_file: Path) -> None:
    code, lines, errors = run(plan_file, "10.9.2.77", "fd00:1::5")
    assert (code, errors) == (0, "")
    assert lines[0].split()[:5] == ["ADDRESS", "CLUSTER", "ROLE", "SITE", "PREFIX"]
    row = "10.9.2.77 a pods east 10.8.0.0/14 258 10.9.2.0/24 fd00:1:0:8::a09:24d"
    assert lines[1].split() == row.split()
    assert len(lines) == 3


def test_stdin_gives_one_line_each_in_order(plan_file: Path) -> None:
    asked = "10.9.2.77\n\n  fd00:1::5  \r\n9.9.9.9\n"
    for arguments in ([], ["-"]):
        code, lines, errors = run(plan_file, *arguments, stdin=asked)
        assert (code, errors) == (1, "")
        assert [line.split()[:2] for line in lines] == [
            ["10.9.2.77", "a"],
            ["fd00:1::5", "a"],
            ["9.9.9.9", "nobody"],
        ]


def test_wrong_lines_are_told_by_number_and_the_rest_answered(plan_file: Path) -> None:
    code, lines, errors = run(plan_file, stdin=b"10.9.2.77\nwho\n\n10.0.0.1/8\n\xff\n10.0.0.1\n")
    assert code == 2
    assert [line.split()[0] for line in lines] == [
        "10.9.2.77",
        "who",
        "10.0.0.1/8",
        "\ufffd",
        "10.0.0.1",
    ]
    assert 'k8s6plan: stdin:2: "who" is no address or prefix' in errors
    assert 'stdin:4: "10.0.0.1/8" has host bits set; the prefix is "10.0.0.0/8"' in errors
    assert "stdin:5:" in errors
    assert run(plan_file, "10.0.0.1", "who")[2].startswith("k8s6plan: argument 2:")


def test_json_is_one_object_a_line(plan_file: Path) -> None:
    code, lines, errors = run(plan_file, "-f", "json", stdin="10.9.2.77\nwho\n64:ff9b::10.0.0.1\n")
    assert code == 2
    found, wrong, translated = map(json.loads, lines)
    assert found == {
        "address": "10.9.2.77",
        "owners": [
            {
                "cluster": "a",
                "role": "pods",
                "site": "east",
                "prefix": "10.8.0.0/14",
                "state": "held",
            }
        ],
        "node_block": {"number": 258, "prefix": "10.9.2.0/24"},
        "counterpart": "fd00:1:0:8::a09:24d",
    }
    assert wrong == {"address": "who", "error": '"who" is no address or prefix'}
    assert translated["carries"] == "10.0.0.1"
    assert "must not" in translated["warning"]
    assert "stdin:3: warning: 64:ff9b::a00:1 carries 10.0.0.1" in errors


def test_nat64_option(plan_file: Path) -> None:
    code, lines, _ = run(plan_file, "--nat64", "2001:db8::/32", "2001:db8:a08:301::")
    assert code == 0
    assert "NAT64 2001:db8::/32, carries 10.8.3.1" in lines[1]
    for wrong, why in (("2001:db8::/33", "RFC 6052"), ("10.0.0.0/8", "no IPv6 prefix")):
        code, _, errors = run(plan_file, "--nat64", wrong, "10.0.0.1")
        assert code == 2
        assert why in " ".join(errors.split())


def test_states_and_shared_owners_show_in_the_table(plan_file: Path) -> None:
    _, lines, _ = run(plan_file, "10.200.3.4", "10.0.0.1", "fd00:1:0:7::5", "::ffff:10.0.0.1")
    assert "pods, removed" in lines[1]
    assert "a+b" in lines[2]
    assert " reserved " in lines[3]
    assert lines[4].startswith("::ffff:10.0.0.1 ")


def test_missing_plan_says_how_to_make_one(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["map", "10.0.0.1", "--plan", str(tmp_path / "none.yaml")])
    assert "`k8s6plan plan -o" in str(done.exception)


def test_many_lookups_are_fast() -> None:
    """100,000 in about a second; ten times that on a slow machine is still no accident."""
    lookup = Lookup(PLAN)
    asked = [f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}" for n in range(0, 2**20, 21)]
    asked += [f"fd00:1:0:8::a08:{n:x}" for n in range(0, 2**16, 2)]
    started = time.perf_counter()
    for text in io.StringIO("\n".join(asked)):
        lookup.find(text.strip())
    assert (time.perf_counter() - started) / len(asked) < 100e-6
