"""Hostile texts in every field of every input, through every output: they stay text.

A fleet that uses every field gets one odd text after the other in each place, keys too. What the
reader refuses is told without a control character. What it takes goes, all at once, through every
command and format, and each format is read by a reader of its own: no text opens a tag, a link, a
formula, a cell or a node.
"""

from __future__ import annotations

import copy
import csv
import io
import json
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml
from markdown_it import MarkdownIt

from k8s6plan.errors import InvalidFleet
from k8s6plan.fleet.file import load
from tests.conftest import Cli, Result

Path_ = tuple[str | int, ...]

# What a terminal obeys: control characters, and the marks that turn a line round.
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
PLAIN = "harmless"
TEXTS = (
    "\x1b[31mred",
    "a\u202eb",
    "two\nlines",
    "a\tb",
    "a\u2028b",
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(A1)",
    "a|b [x](http://example.org) `c` **b** _i_",
    "[bold]x[/bold] [/red]",
    '<script>alert(1)</script> "><img src=x onerror=alert(1)>',
    "'; a --> b",
    '"]; b -> c; d ["',
    "%s{0}{x}$(id)`id`",
    "</script>{{7*7}} \\",
)
FLEET: dict[str, Any] = yaml.safe_load("""
version: 1
fleet: full
kubernetes: "1.35"
ula_seed: a seed
ipv6: ula
defaults: {labels: {env: prod}, nodes: 20}
sites:
  fra: {gateways: 2, coordinates: [50.1, 8.7]}
  ber: {region: somewhere, coordinates: [52, 13]}
  a: {coordinates: [53.3, -6.2]}
  d: {coordinates: [50.5, 3.8]}
clusters:
  - {name: a, provider: aws, region: eu-west-1, platform: eks}
  - name: b
    formerly: old
    provider: on-prem
    site: fra
    known: false
    platform: kubeadm
    cni: cilium
    cni_mode: native
    kubernetes: "1.34"
    labels: {tier: data}
    addresses: {nodes: [10.9.0.0/24]}
  - {name: c, provider: on-prem, site: ber, known: false, ipv6: "fd00:1::/48"}
  - {name: d, provider: gcp, region: europe-west1, known: false}
pools: {nodes: [10.0.0.0/9], pods: [100.64.0.0/10]}
exclude: [{name: offices, prefix: 10.1.0.0/16}]
connect: {hubs: [a], encapsulation: ipsec-aes-gcm}
demands:
  - {from: a, to: b, gb_per_month: "900", peak_mbps: "10"}
  - {from: {env: prod}, to: c, gb_per_month: 5, per: pair}
risk_groups: {duct: [fra, ber]}
availability: {tunnel: 99.9%}
prices:
  aws.site_to_site_vpn_connection_hour:
    {price: "0.06", unit: connection-hour, currency: USD, source: a contract, as_of: "2026-11-01"}
limits: {aws.s2s_vpn_connections_per_vgw: {default: 20, source: a ticket}}
work: {usd_per_hour: "90", tunnel: {build: "2", keep: "0.5"}}
assumptions: {services_routed: false, note: ours}
""")
OUTPUTS: tuple[tuple[str, ...], ...] = (
    *(("compare", "FLEET", "--full", "-f", form) for form in ("table", "md", "csv", "json")),
    *(("compare", "FLEET", "--explain", "cost", "-f", form) for form in ("table", "md", "csv")),
    ("compare", "FLEET", "--explain", "limits"),
    ("compare", "FLEET", "--explain", "feasible", "-f", "md"),
    ("sweep", "FLEET", "--to", "6", "-f", "csv"),
    ("sweep", "FLEET", "--to", "6"),
    ("prices", "--prices", "BOOK"),
    *(("failures", "FLEET", "-d", "full-mesh", "-f", form) for form in ("table", "json")),
    ("latency", "FLEET", "-d", "hub-and-spoke", "--pairs", "9"),
    ("mtu", "FLEET"),
    ("optimize", "FLEET", "-f", "yaml"),
    ("optimize", "FLEET"),
    ("plan", "FLEET"),
    ("plan", "FLEET", "-o", "plan.yaml"),
    ("check", "FLEET"),
    ("check", "plan.yaml"),
    ("capacity", "FLEET", "--plan", "plan.yaml"),
    *(("allow", "--fleet", "FLEET", "-p", "plan.yaml", "-f", form) for form in ("text", "yaml")),
    ("map", "10.1.0.9", "10.9.0.1", "fd00:1::1", "-p", "plan.yaml"),
    *(("diagram", "FLEET", "-d", "full-mesh", "-o", f"p.{form}") for form in ("mmd", "dot")),
)
SLOW_OUTPUTS: tuple[tuple[str, ...], ...] = (
    ("diagram", "FLEET", "-d", "full-mesh", "-o", "p.svg"),
    *(("report", "FLEET", "-o", f"r.{form}") for form in ("html", "md", "json")),
)
# All at once, behind two beginnings, for the outputs that take long.
MIXED = tuple(begin + " ".join(text for text in TEXTS if text.isprintable()) for begin in "=<")


def places(node: Any, path: Path_ = ()) -> Iterator[Path_]:
    """Yield the way to each text, and to each mapping's key that the file's owner chooses."""
    if isinstance(node, dict):
        for key, value in node.items():
            if path in ((), ("sites",), ("risk_groups",)) and path:
                yield (*path, key, "KEY")
            if path[-1:] == ("labels",):
                yield (*path, key, "KEY")
            yield from places(value, (*path, key))
    elif isinstance(node, list):
        for at, value in enumerate(node):
            yield from places(value, (*path, at))
    elif isinstance(node, str):
        yield path


def put(fleet: dict[str, Any], path: Path_, text: str) -> None:
    """Put a text in a place, or in the place of a key."""
    *way, last = path
    if last == "KEY":
        *way, last = way
    node: Any = fleet
    for step in way:
        node = node[step]
    if path[-1] == "KEY":
        node[text] = node.pop(last)
    else:
        node[last] = text


def written(folder: Path, fleet: dict[str, Any]) -> Path:
    """Write a fleet into a folder."""
    file = folder / "fleet.yaml"
    file.write_text(yaml.safe_dump(fleet, allow_unicode=False, sort_keys=False), "utf-8")
    book = {"book": fleet["assumptions"].get("note", "ours"), "prices": fleet["prices"]}
    (folder / "book.yaml").write_text(yaml.safe_dump(book), "utf-8")
    return file


def taken(folder: Path, text: str) -> list[Path_]:
    """Return the places that take a text."""
    found = []
    for path in places(FLEET):
        fleet = copy.deepcopy(FLEET)
        put(fleet, path, text)
        with suppress(InvalidFleet):
            load(written(folder, fleet))
            found.append(path)
    return found


def clean(result: Result, at: object) -> None:
    """Hold that neither stream has what a terminal would obey."""
    for stream in (result.out, result.err):
        assert not CONTROL.search(stream.replace("\t", " ")), (at, stream)
        assert "Traceback" not in stream, (at, stream)


@pytest.mark.parametrize("text", TEXTS)
def test_no_text_is_more_than_text(
    text: str, cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    found = taken(tmp_path, text)
    assert bool(found) == text.isprintable()
    everywhere = copy.deepcopy(FLEET)
    for path in sorted(places(FLEET), key=lambda path: path[-1] == "KEY"):
        put(everywhere, path, text)
    refused = cli("check", written(tmp_path, everywhere))
    assert refused.code == 2
    clean(refused, "check")
    if found:
        same_shapes(cli, tmp_path, found, text, OUTPUTS)


@pytest.mark.slow
@pytest.mark.parametrize("text", MIXED)
def test_pages_and_pictures_take_all_at_once(
    text: str, cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    found = taken(tmp_path, text)
    assert found
    same_shapes(cli, tmp_path, found, text, SLOW_OUTPUTS)


def same_shapes(
    cli: Cli, folder: Path, found: list[Path_], text: str, outputs: tuple[tuple[str, ...], ...]
) -> None:
    """Hold that a text in all these places leaves each output the shape that a word leaves it."""
    shapes = []
    for word in (PLAIN, text):
        fleet = copy.deepcopy(FLEET)
        for path in sorted(found, key=lambda path: path[-1] == "KEY"):
            put(fleet, path, word)
        file = written(folder, fleet)
        shapes.append([shape_of(cli, folder, file, output) for output in outputs])
    for output, plain, odd in zip(outputs, *shapes, strict=True):
        assert plain == odd, output


def shape_of(cli: Cli, folder: Path, file: Path, output: tuple[str, ...]) -> object:
    """Run a command, and return what of its output no text in the fleet may change."""
    files = {"FLEET": file, "BOOK": folder / "book.yaml"}
    result = cli(*(files.get(word, word) for word in output))
    assert result.code in (0, 1), (output, result.err)
    clean(result, output)
    option, value = output[-2:]
    text = (folder / value).read_text("utf-8") if option == "-o" else result.out
    form = value.rsplit(".", 1)[-1] if option in ("-o", "-f") else "table"
    return SHAPES.get(form, lambda _: None)(text)


class Tags(HTMLParser):
    """Counts the elements of a page, with the attributes that act."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: Counter[tuple[str, ...]] = Counter()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        acts = sorted(k for k, v in attrs if k.startswith("on") or "script:" in (v or ""))
        self.seen[(tag, *acts)] += 1


def of_page(text: str) -> object:
    """Return which kinds of elements a page has."""
    tags = Tags()
    tags.feed(text)
    return sorted(tags.seen)


def of_markdown(text: str) -> object:
    """Return the kinds of what Markdown makes of a text, and the width of each table."""
    kinds: Counter[str] = Counter()
    for token in MarkdownIt("commonmark", {"html": True}).enable("table").parse(text):
        for part in (token, *(token.children or ())):
            if part.type in ("link_open", "image", "html_inline", "html_block", "th_open"):
                kinds[part.type] += 1
    rows = [line for line in text.splitlines() if line.startswith("|")]
    return kinds, {len(re.findall(r"(?<!\\)\|", row)) for row in rows}


def of_csv(text: str) -> object:
    """Return the width of each row; hold that no cell is a formula."""
    rows = list(csv.reader(io.StringIO(text)))
    for cell in (cell for row in rows for cell in row):
        number = re.fullmatch(r"-?[\d.,]+%?", cell)
        assert number or not cell.startswith(("=", "+", "-", "@", "\t", "\r")), cell
    return Counter(len(row) for row in rows)


def of_picture(text: str) -> object:
    """Return the kinds of elements in a picture."""
    tags = {element.tag for element in ElementTree.fromstring(text).iter()}  # noqa: S314  ours
    assert not [tag for tag in tags if tag.endswith(("script", "foreignObject"))]
    return sorted(tags)


def of_mermaid(text: str) -> object:
    """Return how many lines there are, and how many are links."""
    lines = text.splitlines()
    return len(lines), sum("---" in line or "-->" in line for line in lines if '"' not in line)


def of_dot(text: str) -> object:
    """Return how many lines there are outside quotes, and how many are links."""
    bare = re.sub(r'"(?:\\.|[^"\\])*"', '""', text)
    return len(bare.splitlines()), bare.count("->") + bare.count("--")


SHAPES = {
    "html": of_page,
    "md": of_markdown,
    "csv": of_csv,
    "json": lambda text: isinstance(json.loads(text), dict | list),
    "yaml": lambda text: type(yaml.safe_load(text)).__name__,
    "svg": of_picture,
    "mmd": of_mermaid,
    "dot": of_dot,
}


# --- what is imported, and what is priced ---------------------------------------------------------

SAMPLES = sorted(
    path
    for path in (Path(__file__).parent / "imports").rglob("*")
    if path.suffix in (".json", ".yaml", ".csv", ".md") and path.name != "fleet.yaml"
)
TOKEN = re.compile(r"[A-Za-z0-9][\w.:/-]*")
MOST_TOKENS = 40  # of one file: the first, and from there on each so many-th


def odd_files(sample: Path, text: str) -> Iterator[str]:
    """Yield a file with one of its words after the other replaced by a text."""
    whole = sample.read_text("utf-8")
    written = json.dumps(text)[1:-1] if sample.suffix == ".json" else text
    found = list(TOKEN.finditer(whole))
    for token in found[:: max(1, len(found) // MOST_TOKENS)]:
        yield whole[: token.start()] + written + whole[token.end() :]


@pytest.mark.slow
@pytest.mark.parametrize("text", ["\x1b[31mred", "a\u202eb", "=1+1|[x](y)<b>", '"]; b: {c'])
def test_a_file_that_is_imported_brings_nothing_but_text(
    text: str, cli: Cli, tmp_path: Path
) -> None:
    read = 0
    for sample in SAMPLES:
        for odd in odd_files(sample, text):
            file = tmp_path / sample.name
            file.write_text(odd, "utf-8")
            result = cli("import", file)
            clean(result, (sample, odd))
            assert result.code in (0, 2), (sample, odd)
            if result.code:
                assert result.said
                continue
            read += 1
            fleet = tmp_path / "fleet.yaml"
            fleet.write_text(result.out, "utf-8")
            load(fleet)
    assert read > len(SAMPLES)  # some of them are taken, with the text in them


@pytest.mark.parametrize("text", TEXTS)
def test_a_bill_and_a_plan_bring_nothing_but_text(text: str, cli: Cli, tmp_path: Path) -> None:
    item = {"provider": "aws", "item": "nat_gateway.hour", "region": "eu-west-1", "quantity": 1}
    for field in item:
        bill = tmp_path / "bill.yaml"
        bill.write_text(yaml.safe_dump([{**item, field: text, "unit_price": 1}]), "utf-8")
        clean(cli("quote", bill), (field, text))
    plan = tmp_path / "plan.yaml"
    assert cli("plan", written(tmp_path, FLEET), "-o", plan).code == 0
    data = yaml.safe_load(plan.read_text("utf-8"))
    for key in ("fleet", "ula_seed", "notes", "state"):
        plan.write_text(yaml.safe_dump({**data, key: text}), "utf-8")
        for command in (("check", plan), ("map", "10.0.0.1", "-p", plan), ("diff", plan, plan)):
            clean(cli(*command), (key, text))
