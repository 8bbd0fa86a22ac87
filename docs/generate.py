"""Writes what the documentation takes from code and data, so that it cannot say otherwise.

    python docs/generate.py               the generated reference, and the pictures
    python docs/generate.py --console     these, and what the commands in the documents print
    python docs/generate.py --into DIR    into another folder, to compare

The same code and data give the same text.
"""

from __future__ import annotations

import argparse
import inspect
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

from docs.markdown import Row, closed, origin, page, read, sentence, summary, table
from docs.money_pages import (
    assumptions_page,
    limits_page,
    prices_page,
    readiness_page,
    tariffs_page,
)
from k8s6plan import catalog
from k8s6plan.decision.compare import compare
from k8s6plan.decision.metrics import METRICS
from k8s6plan.fleet import file as fleet_file
from k8s6plan.fleet.model import Fleet
from k8s6plan.fleet.model.book import PriceBook
from k8s6plan.io import documents as yaml_io
from k8s6plan.topology.designs import DESIGNS, wanted_designs
from k8s6plan.topology.groups import outline_of, outline_of_count

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = ROOT / "examples"
PICTURES = "pictures"
VIEW = "view-three-clouds"  # how the pictures of the how-to begin
_DPI = 100
_SHEET_DPI = 60  # a sheet is two pages wide
_SIDE_BY_SIDE = ("hub-and-spoke", "full-mesh", "flat-ipv6", "managed-hub")

# Fields that the format knows and no command uses in this version.
WAITING: set[str] = set()

# The nouns of the model, in the order of the page.
_HEADINGS = {
    "Fleet": "At the top",
    "Cluster": "A cluster (`clusters`)",
    "Addresses": "Addresses of a cluster (`addresses`)",
    "NodeMasks": "Node masks of a cluster (`node_masks`)",
    "Reserve": "Reserve of a cluster (`reserve`)",
    "Site": "A site (`sites.<name>`)",
    "Pools": "Pools (`pools`)",
    "Exclusion": "An exclusion (`exclude`)",
    "Connect": "Connect (`connect`)",
    "Demand": "A demand (`demands`)",
    "PriceOverride": "A price (`prices.<row>`)",
    "LimitOverride": "A limit (`limits.<row>`)",
    "Work": "Work (`work`)",
    "Hours": "Hours of work",
}

# --- the fleet file ------------------------------------------------------------------------------


def fleet_page() -> str:
    """Return the page of the fleet file, from the model."""
    schema = fleet_file.json_schema()
    nouns: dict[str, Row] = {"Fleet": schema, **schema["$defs"]}
    nouns.pop("ClusterDefaults")
    order = [*(name for name in _HEADINGS if name in nouns), *sorted(set(nouns) - set(_HEADINGS))]
    parts = [
        "One YAML file describes a fleet. `compare`, `sweep`, `plan`, `diagram` and "
        "`check` read `./fleet.yaml` unless they are given a path. `k8s6plan init` writes the "
        "[starter file](#the-starter-file); `k8s6plan schema` prints this format as JSON Schema, "
        "for editors. An unknown field is a fault. All faults of a file are told at once, each "
        "with its line.",
        "Write every address in quotes. YAML 1.1 readers take an unquoted "
        "`2001:10:20:30:40:50:51:52` for a number, and stumble over `fd00::`.",
        f"A file has at most {yaml_io.MAX_BYTES // 2**20} MiB, one document, no key twice in one "
        f"mapping, and aliases that stand for at most {yaml_io.MAX_ALIAS_EVENTS:,} nodes together.",
    ]
    heads = ("field", "type", "default", "meaning")
    for name in order:
        parts += [f"## {_HEADINGS.get(name, name)}", sentence(str(nouns[name]["description"]))]
        parts.append(table(heads, _fields(name, nouns[name])))
    book = PriceBook.model_json_schema()
    checks = [f"- {summary(check)}" for check in fleet_file.CHECKS]
    starter = files("k8s6plan.fleet").joinpath("starter.yaml").read_text("utf-8")
    parts += [
        "## The price book",
        f"{sentence(str(book['description']))} `--prices FILE` reads it; what the fleet file says "
        "under `prices` wins over it. A row is named `provider.item`, `provider.item.variant`, or "
        "either of them with `@region`, as [the prices](prices.md) have it; the most exact name "
        "wins. [Price a design](../how-to/price-a-design.md) shows one.",
        table(heads, _fields("PriceBook", book)),
        "## What else is checked",
        "\n".join(checks),
    ]
    parts += ["## The starter file", f"```yaml\n{starter}```"]
    return page("The fleet file", *parts)


def _fields(noun: str, schema: Row) -> Iterable[tuple[str, str, str, str]]:
    required = schema.get("required", ())
    for name, field in schema["properties"].items():
        key = f"{noun}.{name}"
        meaning = closed(str(field.get("description", "")))
        if key in WAITING:
            meaning += " Read and checked; no command of this version uses it."
        yield f"`{name}`", _type(field), _default(name, field, required), meaning


def _default(name: str, field: Row, required: Sequence[str]) -> str:
    given = field.get("default")
    if name in required:
        return "required"
    if name == "provider":
        return "required, here or in `defaults`"
    if given in (None, [], {}) or isinstance(given, dict):
        return ""
    return f"`{json.dumps(given)}`"


def _type(field: Row) -> str:
    """Return the type of a field in words."""
    if "anyOf" in field:
        kinds = (_type(kind) for kind in field["anyOf"] if kind.get("type") != "null")
        return ", or ".join(dict.fromkeys(kinds))
    if "$ref" in field:
        noun = str(field["$ref"]).rpartition("/")[2]
        return {"ClusterDefaults": "fields of a cluster"}.get(noun, f"`{noun}`")
    words = [f"`{word}`" for word in field.get("enum", (field.get("const"),)) if word is not None]
    if words:
        return " or ".join(words)
    return "prefix" if field.get("title") == "Prefix" else _plain_type(field)


def _plain_type(field: Row) -> str:
    kind = str(field["type"])
    if kind == "array":
        pair = "prefixItems" in field
        return "[latitude, longitude]" if pair else f"list: {_type(field['items'])}"
    if kind == "object":
        by_pattern = field.get("patternProperties", {}).values()
        return f"by name: {_type(field.get('additionalProperties') or next(iter(by_pattern)))}"
    words = {"integer": "whole number", "string": "text", "boolean": "true or false"}
    low, high = field.get("minimum"), field.get("maximum")
    return words.get(kind, kind) + (f", {low:,} to {high:,}" if high is not None else "")


# --- rules, designs, metrics ---------------------------------------------------------------------


_CHECK_KEYS = (
    ("`version`, `fleet`, `written_by`", "1, the fleet's name, the program"),
    ("`findings`", "`rule`, `severity` (`error`, `warning`, `note`), `message`, `source`"),
    ("`way_out`", "`null` without overlaps, else what to do"),
    ("`renumber`, `release`", "in `way_out`: clusters to renumber, and tombstones to release"),
    ("`nodes`, `bound`", "nodes to renumber, and the fewest that any way needs; `null` of a plan"),
    ("`exact`", "whether no other way has fewer"),
    ("`left`", "overlaps that stay because of clusters that are kept"),
    ("`nat`", "translations: `owner`, `prefix`, `nat` (IPv4 prefix), `via6` (IPv6 prefix)"),
    ("`via6_scheme`", "how the IPv6 prefixes of `via6` are made, in words"),
)


def rules_page() -> str:
    """Return the page of the rules of `check`, from data/rules.yaml."""
    rules, special = read("rules.yaml")["rules"], read("special_prefixes.yaml")["special_prefixes"]
    rows = [
        (f"`{name}`", closed(row["says"]), row["severity"], *origin(row))
        for name, row in rules.items()
    ]
    ranges = [
        (f"`{row['prefix']}`", row["name"], sentence(row["use"]), *origin(row)) for row in special
    ]
    return page(
        "The rules of check",
        "`k8s6plan check` holds the addresses of a fleet file, or of a plan, against these rules. "
        "Each finding is one line: severity, what is wrong, and the rule in brackets. Errors and "
        "warnings make the command end with 1. Notes do not count. A broken rule is told as a note "
        "where only a figure is missed that the fleet file does not state, and which is a default "
        "of ours.",
        "A fleet switches a rule off with `rules: {nearly-full: false}`.",
        table(("rule", "holds that", "severity", "source", "as of", "confidence"), rows),
        "Of a plan, overlaps and special-purpose ranges are checked; the other rules need what "
        "the fleet file says.",
        "## The way out of overlaps",
        "Where clusters overlap, `check` also says which of them to renumber so that no overlap "
        "is left, at the least cost: the fewest nodes, then the fewest clusters, then by name. "
        "`--keep` names clusters that cannot be renumbered. For what overlaps with them, or for "
        "all overlaps with `--nat`, it offers translations: a free IPv4 prefix of the same length "
        "for NAT, and an IPv6 prefix that holds the IPv4 addresses (RFC 6052, RFC 8215).",
        "## JSON",
        "`--format json` prints these keys.",
        table(("key", "holds"), _CHECK_KEYS),
        "## Special-purpose ranges",
        "Rule `special-purpose` knows these.",
        table(("prefix", "name", "use", "source", "as of", "confidence"), ranges),
    )


def designs_page(pictures: Sequence[str]) -> str:
    """Return the page of the designs, from DESIGNS."""
    sizes, keys = (2, 3, 10, 50, 100), ("tunnels", "links_added_by_next_cluster", "max_hops")
    sheets = {size: compare(outline_of_count(size)) for size in sizes}
    parts = [
        "A design is a way to join the sites of a fleet. `compare` sets all of them side by side, "
        "or those that `--design` names. How the counts come about is told in "
        "[counting](../explanation/counting.md).",
    ]
    for name, design in DESIGNS.items():
        rows = [
            (n, *(_word(sheets[n].table[name][k].value) for k in keys))
            for n in sizes
            if name in sheets[n].table
        ]
        shown = [p for p in pictures if p == f"three-clouds-{name}.png"]
        parts += [
            f"## `{name}`",
            f"{design.title} {design.asks}. It routes {design.family.replace('ip', 'IP')}.",
            _whole(design.join),
            *(_sizes(keys, rows) if rows else (_WITHOUT_DEMANDS,)),
            *(f"![{design.title}, three clouds](../{PICTURES}/{picture})" for picture in shown),
        ]
    parts.append("The same for the other examples: [pictures](pictures.md).")
    return page("The designs", *parts)


_WITHOUT_DEMANDS = (
    "It joins what the fleet's `demands` name, and is compared only where there are some. `-n` has "
    "none."
)


def _sizes(keys: Sequence[str], rows: Sequence[Sequence[object]]) -> tuple[str, str]:
    return (
        "With every cluster in a provider, region and site of its own, and one hub:",
        table(("clusters", *(METRICS[key].title for key in keys)), rows),
    )


def _whole(function: Callable[..., object]) -> str:
    """Return a docstring whole, one paragraph a line."""
    text = (inspect.getdoc(function) or "").replace("``", "`")
    return "\n\n".join(sentence(paragraph) for paragraph in text.split("\n\n"))


def pictures_page(pictures: Sequence[str]) -> str:
    """Return the page of the pictures: every example as every design."""
    parts = [
        "Every example fleet in every design, as `k8s6plan diagram` draws it. A site stands at the "
        "same place in each picture of a fleet. How to draw your own: "
        "[draw the fleet](../how-to/draw-the-fleet.md).",
    ]
    for path in sorted(EXAMPLES.glob("*.yaml")):
        parts.append(f"## {path.stem}")
        for name, design in DESIGNS.items():
            picture = f"{path.stem}-{name}.png"
            if picture in pictures:
                parts.append(f"![{path.stem}: {design.title}](../{PICTURES}/{picture})")
    parts += [
        "## three-clouds with the hubs that `optimize` chooses",
        "Two hubs for the least latency, and the hub of each site: what "
        "`k8s6plan optimize examples/three-clouds.yaml --hubs 2` answers, in the fleet file.",
        f"![three-clouds: {DESIGNS['optimized'].title}](../{PICTURES}/{VIEW}-optimized.png)",
    ]
    return page("Pictures", *parts)


def metrics_page() -> str:
    """Return the page of the metrics, from METRICS."""
    sheet = compare(outline_of_count(10), full=True)
    rows = []
    for key, metric in METRICS.items():
        first = next(iter(sheet.table.values()))[key]
        better = metric.better
        best = ", ".join(map(_word, better)) if isinstance(better, tuple) else better
        rows.append(
            (f"`{key}`", metric.title, metric.group, _said(metric.measure), first.unit, best)
        )
    values = [
        (f"`{key}`", *(_word(column[key].value) for column in sheet.table.values()))
        for key in METRICS
    ]
    return page(
        "The metrics",
        "The rows of the decision sheet, in its order. `better` says which value is marked as the "
        "best of a row: the less, or the first of the words; empty where no value is better than "
        "another. Ties are all marked. The exact "
        "definitions and their derivation are in [counting](../explanation/counting.md).",
        table(("key", "row", "group", "what it counts", "unit", "better"), rows),
        "## Ten clusters",
        "What `k8s6plan compare -n 10` says: each cluster in a provider, region and site of its "
        "own.",
        table(("key", *sheet.table), values),
    )


def _said(function: Callable[..., object]) -> str:
    return sentence(summary(function).removeprefix("Say "))


def _word(value: object) -> str:
    if value is None:
        return "unknown"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:,.4g}" if isinstance(value, float) else str(value)


# --- the command line ----------------------------------------------------------------------------


def command_page() -> str:
    """Return the page of the command line, from its own help."""
    from typer.main import get_command
    from typer.testing import CliRunner

    from k8s6plan.cli import app, main

    def help_of(*words: str) -> str:
        runner = CliRunner(env={"COLUMNS": "80", "TERMINAL_WIDTH": "80", "NO_COLOR": "1"})
        done = runner.invoke(app, [*words, "--help"], prog_name="k8s6plan")
        return "```text\n" + done.output.rstrip("\n") + "\n```"

    parts = [help_of()]
    names: Iterable[str] = getattr(get_command(app), "commands", {})
    for name in names:
        parts += [f"## k8s6plan {name}", help_of(name)]
    codes = summary(main).partition("Exit codes:")[2].strip()
    parts += [
        "## Exit codes",
        f"{codes} `compare`, `plan`, `diagram` and `failures` end with 0 also where they have "
        "something to tell; `check` ends with 1 where it finds an error or a warning, `compare "
        "--fail-on-increase` where cost, tunnels or limits grew, and `mtu --fail-on-findings` "
        "where IPv6 does not fit.",
        "## What goes where",
        "Data goes to stdout, or to the file of `-o`. Messages go to stderr, each after "
        "`k8s6plan:`. A file is written whole or not at all, and never over one that the same "
        "command did not write, unless `--force` says so: see "
        "[decision 5](../decisions/0005-marks.md). `python -m k8s6plan` is the same program.",
    ]
    return page("The command line", *parts)


# --- data tables ---------------------------------------------------------------------------------


def encapsulations_page() -> str:
    """Return the page of the encapsulations, from data/encapsulations.yaml."""
    data = read("encapsulations.yaml")
    rows = data["encapsulations"]
    parts = [
        "`connect.encapsulation` names a row. `compare` takes from it whether a tunnel encrypts, "
        "and how many keys there are to rotate; `mtu` takes the bytes. What comes of them is told "
        "in [MTU](../explanation/mtu.md).",
        table(
            (
                *("name", "title", "also read", "encrypts", "keys", "carries"),
                *("source", "as of", "confidence"),
            ),
            [
                (
                    f"`{name}`",
                    row["title"],
                    ", ".join(row.get("aliases", ())),
                    _word(row["encrypted"]),
                    {"none": "none"}.get(row["key_per"], f"one a {row['key_per']}"),
                    ", ".join(row["carries"]),
                    *origin(row),
                )
                for name, row in rows.items()
            ],
        ),
        "## Headers",
        _values({"header": data["headers"], "least MTU": data["least_mtu"]}),
        "## What each adds",
        "A plain one adds a fixed sum, by the family of the outer header: inner MTU = underlay - "
        "overhead. IPsec pads to whole blocks: inner MTU = floor((underlay - outer header - NAT-T "
        "header, where there is one - ESP header - iv - icv) / align) x align - trailer.",
        _values({name: _leaves(row) for name, row in rows.items()}),
    ]
    notes = [f"- `{name}`: {sentence(row['note'])}" for name, row in rows.items() if "note" in row]
    return page(
        "Encapsulations",
        *parts,
        "## Notes",
        "\n".join(notes),
        "## The JSON of mtu",
        "`k8s6plan mtu --format json` prints these keys; all sizes are in bytes.",
        table(("key", "holds"), _MTU_KEYS),
    )


_MTU_KEYS = (
    ("`version`, `fleet`, `unit`, `written_by`", "1, the fleet's name, bytes, the program"),
    ("`mtu`", "the largest packet inside; of a design, on the path that carries least"),
    ("`mss`", "TCP segments to clamp to, by inner family: `ipv4`, `ipv6`, as far as carried"),
    ("`overhead`, `overhead_share`", "what a full packet grows by, in bytes and as a share of it"),
    ("`findings`", "where IPv6 has less than it needs, one sentence each"),
    ("`underlay`", "of one question: the bytes that were asked for"),
    ("`layers`", "of one question, outermost first: `encapsulation`, `outer`, `nat_t`"),
    ("`designs`", "of a fleet, by name"),
    (
        "`at_most`, `unknown`",
        "whether, and on which links, nothing is known, so that it may be less",
    ),
    ("`links`", "kinds of link; of each `links` is their number"),
    ("`kind`, `between`, `between_regions`", "tunnel, peering, attachment or routed; both ends"),
    ("`underlays`, `sources`", "what the two ends carry, and who says so"),
)


def providers_page() -> str:
    """Return the page of the providers, the platforms and the CNIs, from their data."""
    providers = {name: read("providers", f"{name}.yaml") for name in catalog.provider_names()}
    platforms, reached = read("platforms.yaml"), read("reachability.yaml")
    parts = [
        "What the program knows of providers, platforms and CNIs, each figure with its source. "
        "Other names are allowed in a fleet file; what they mean is told in "
        "[decision 4](../decisions/0004-unknown-providers.md). Case, spaces and dashes never "
        "count, a title is read as well as a name, and `k8s6plan list` shows what else is.",
        "A CNI's row counts before the provider's, and that before the platform's. Where none has "
        "a node mask, Kubernetes' own holds.",
        "## Providers",
        "Native links: two sites of the provider are joined by its peering or transit, not by a "
        "tunnel, unless the fleet says `same_provider: tunnel`.",
        table(
            (
                *("provider", "title", "also read", "native links", "note"),
                *("source", "as of", "confidence"),
            ),
            [
                (
                    f"`{name}`",
                    row["title"],
                    ", ".join(row.get("aliases", ())),
                    _word(row["native_links"]),
                    sentence(row["native_note"]),
                    *origin(row),
                )
                for name, row in providers.items()
            ],
        ),
    ]
    sections = {key for row in providers.values() for key, value in row.items() if _is_table(value)}
    for key in sorted(sections - _OTHER_PAGES):
        parts.append(f"### {_SECTIONS.get(key, key)} at the providers")
        parts.append(_values({name: _section(row, key) for name, row in providers.items()}))
    for key, title in (("platforms", "Platforms"), ("cnis", "CNIs")):
        rows = platforms[key]
        named = [
            (f"`{name}`", row["title"], ", ".join(row.get("aliases", ())))
            for name, row in rows.items()
        ]
        parts += [f"## {title}", table(("name", "title", "also read"), named)]
        parts.append(_values({name: _leaves(row) for name, row in rows.items()}))
    known = {**providers, **platforms["platforms"], **platforms["cnis"]}
    parts += [
        "## Reachability",
        "Whether anything outside a cluster reaches its pods, by their own address of a family, or "
        "from inside, by a gateway that is a node of the cluster. The first row that fits counts; "
        "*usual* is assumed where a cluster names no `cni_mode`. `pods_routed` counts before the "
        "table. [Decision 14](../decisions/0014-reachability-is-one-table.md) has the reasons.",
        table(("mode", "says", "also read"), _modes(reached["modes"])),
        table(
            (
                *("platforms", "CNIs", "mode", "usual", "IPv4", "IPv6", "inside", "why not"),
                *("source", "as of", "confidence", "note"),
            ),
            _reached(reached["reachability"]),
        ),
        "## Signs",
        "By these `import` knows providers, platforms and CNIs: in [what it reads]"
        "(../how-to/import-what-you-have.md), and on nodes.",
        table(("of", "sign", "is", "source", "as of", "confidence", "note"), _signs(known)),
        "## Availabilities",
        "What providers promise, as a share of time. `failures` works out minutes a year with "
        "them, unless the fleet file's `availability` says otherwise. Of what is not here nothing "
        "is known.",
        _values({name: row.get("availability", {}) for name, row in providers.items()}),
    ]
    return page("Providers and platforms", *parts)


def _modes(modes: Mapping[str, Row]) -> Iterable[tuple[object, ...]]:
    for name, row in modes.items():
        yield f"`{name}`", row["says"], ", ".join(row.get("aliases", ()))


def _reached(rows: Iterable[Row]) -> Iterable[tuple[object, ...]]:
    for row in rows:
        yield (
            ", ".join(f"`{name}`" for name in row.get("platforms", ())) or "any",
            ", ".join(f"`{name}`" for name in row.get("cnis", ())) or "any",
            f"`{row['mode']}`",
            "usual" if row.get("usual") else "",
            *(_word(row[key]) for key in ("ipv4", "ipv6", "inside")),
            row.get("why", ""),
            *origin(row),
            row.get("note", ""),
        )


def _signs(known: Mapping[str, Row]) -> Iterable[tuple[object, ...]]:
    for name, row in known.items():
        signs = row.get("signs", {})
        for key in sorted(signs.keys() - {"source", "as_of", "confidence", "note"}):
            texts = [signs[key]] if isinstance(signs[key], str) else signs[key]
            shown = ", ".join(f"`{text}`" for text in texts)
            yield f"`{name}`", f"`{key}`", shown, *origin(signs), signs.get("note")


def _section(row: Row, key: str) -> Mapping[str, Row]:
    """Return the figures of a section; a section that is one figure has its own name for it."""
    found: Mapping[str, Row] = row.get(key, {})
    return {key: found} if "source" in found else found


_SECTIONS = {
    "allowances": "Allowances",
    "ipv4": "IPv4",
    "ipv6": "IPv6",
    "mtu": "MTU",
    "managed_hubs": "Managed hubs",
    "tunnels": "Tunnels",
}
# What is shown on pages of its own.
_OTHER_PAGES = {"areas", "availability", "limits", "prices", "regions", "rtt", "signs", "tariff"}


def _is_table(value: object) -> bool:
    return isinstance(value, dict)


_LATENCY_KEYS = (
    ("`version`, `fleet`, `unit`, `written_by`", "1, the fleet's name, ms, the program"),
    ("`designs`", "by name"),
    ("`pairs`", "pairs of clusters in different sites"),
    ("`measured`, `estimated`, `unknown`, `no_path`", "how many of them have which kind of time"),
    ("`rtt`", "`mean`, `p95` (95 % of the pairs have no more), `worst`; `null` where unknown"),
    ("`stretch`", "path against direct path: `mean` and `max`"),
    ("`by_demand`", "`rtt` with each ordered pair weighted by what it sends"),
    ("`gb_per_month`, `known_gb_per_month`", "what the pairs send, and the part that has a time"),
    ("`worst_pairs`", "the longest times, as many as `--pairs` says, one at least"),
    ("`clusters`, `via`", "of a pair: the two ends, and the sites or managed hubs between them"),
    ("`direct_rtt`, `pairs_alike`", "of a pair: without a detour; how many pairs are like it"),
    ("`unknown_places`, `note`", "sites of unknown place; what else limits the figures"),
)


def latency_page() -> str:
    """Return the page of the figures behind round-trip times."""
    estimate = read("latency.yaml")["estimate"]
    providers = {name: read("providers", f"{name}.yaml") for name in catalog.provider_names()}
    places = [
        (
            f"`{name}`",
            len(row["regions"]["places"]),
            *origin(row["regions"]),
            row["regions"]["note"],
        )
        for name, row in providers.items()
        if row.get("regions", {}).get("places")
    ]
    measured = {name: {"rtt": row["rtt"]} for name, row in providers.items() if "rtt" in row}
    return page(
        "Latency",
        "What `k8s6plan latency` rests on. How it is used is told in "
        "[latency](../explanation/latency.md).",
        "## Figures and files",
        _values({"estimate": estimate, **measured}),
        "## Where regions lie",
        table(("provider", "regions", "source", "as of", "confidence", "note"), places),
        "## JSON",
        "`k8s6plan latency --format json` prints these keys; all times are in milliseconds.",
        table(("key", "holds"), _LATENCY_KEYS),
    )


def icmpv6_page() -> str:
    """Return the page of the ICMPv6 messages that a filter must let through."""
    rows = [
        (
            row["type"],
            ", ".join(map(str, row["codes"])) if isinstance(row["codes"], list) else row["codes"],
            row["name"],
            row["where"],
            sentence(row["why"]),
            *origin(row),
        )
        for row in read("icmpv6.yaml")["icmpv6"]
    ]
    return page(
        "ICMPv6 that must pass",
        "What a filter for IPv6 must let through, whatever else it denies. `transit`: through the "
        "edge, from anywhere. `link`: only ever from the local link. `k8s6plan allow` writes them "
        "into every IPv6 list.",
        table(("type", "codes", "name", "where", "why", "source", "as of", "confidence"), rows),
    )


def _leaves(row: Row) -> dict[str, Row]:
    """Return the figures of an entry, those of families one level down included."""
    found: dict[str, Row] = {}
    for key, value in row.items():
        if key == "signs":
            continue  # shown by themselves
        if isinstance(value, dict) and "source" in value:
            found[key] = value
        elif isinstance(value, dict):
            found |= {f"{key}.{inner}": leaf for inner, leaf in value.items()}
    return found


def _values(tables: Mapping[str, Mapping[str, Row]]) -> str:
    heads = ("of", "figure", "value", "unit", "source", "as of", "confidence", "note")
    rows = []
    for name, figures in tables.items():
        for key, row in figures.items():
            value, unit = row.get("value"), row.get("unit")
            if "possible" in row:
                value, unit = row["possible"], "yes or no"
            shown = ", ".join(map(str, value)) if isinstance(value, list) else _word(value)
            notes = [", ".join(row.get("families", ())), row.get("why"), row.get("note")]
            note = "; ".join(text for text in notes if text)
            rows.append((f"`{name}`", f"`{key}`", shown, unit, *origin(row), note))
    return table(heads, rows)


# --- all of it -----------------------------------------------------------------------------------


def draw_pictures(folder: Path) -> list[str]:
    """Draw each example as each of its designs, and what the how-to shows.

    Returns the names of the first.

    At 100 pixels an inch: a page shows them no larger, and the repository stays small.
    """
    from k8s6plan.addressing.plan import make_plan
    from k8s6plan.decision.terms import terms_of
    from k8s6plan.views.diagram import LINK_LABELS, Told, View, draw, prefix_lines

    folder.mkdir(parents=True, exist_ok=True)
    names = []
    fleets = {path.stem: fleet_file.load(path) for path in sorted(EXAMPLES.glob("*.yaml"))}
    for stem, fleet in fleets.items():
        for design in wanted_designs(outline_of(fleet)):
            name = f"{stem}-{design}.png"
            told = Told(terms=terms_of(fleet))
            picture = draw(fleet, design, fmt="png", view=View(dpi=_DPI), told=told)
            (folder / name).write_bytes(picture)
            names.append(name)
    clouds = fleets["three-clouds"]
    plain = Told(terms=terms_of(clouds))
    labelled = replace(plain, labels=LINK_LABELS)
    prefixes = replace(plain, prefixes=prefix_lines(make_plan(clouds)[0]))
    views: dict[str, tuple[str | Sequence[str], View, Told]] = {
        "compare": (_SIDE_BY_SIDE, View(dpi=_SHEET_DPI), plain),
        "failure": ("regional-hubs", View(fail="prod-weu", dpi=_DPI), plain),
        "highlight": ("full-mesh", View(highlight="ml-usc1", dpi=_DPI), plain),
        "by-region": ("full-mesh", View(collapse="region", dpi=_DPI), labelled),
        "prefixes": ("hub-and-spoke", View(theme="dark", dpi=_DPI), prefixes),
        "costs": ("hub-and-spoke", View(dpi=_DPI), labelled),
    }
    for word, (designs, view, told) in views.items():
        picture = draw(clouds, designs, fmt="png", view=view, told=told)
        (folder / f"{VIEW}-{word}.png").write_bytes(picture)
    chosen = _with_hubs_chosen(EXAMPLES / "three-clouds.yaml")
    told = Told(terms=terms_of(chosen))
    picture = draw(chosen, "optimized", fmt="png", view=View(dpi=_DPI), told=told)
    (folder / f"{VIEW}-optimized.png").write_bytes(picture)
    return names


def _with_hubs_chosen(path: Path) -> Fleet:
    """Return the fleet of a file with the two hubs of the least latency, and those of each site."""
    from k8s6plan.decision.hubs import Wish, choose_hubs

    choice = choose_hubs(fleet_file.load(path), Wish("latency", 2))
    fleet = fleet_file.load(path)  # once more: a fleet keeps the homes that it was asked for
    changed = {"hubs": choice.hubs, "homes": choice.assignment}
    return fleet.model_copy(update={"connect": fleet.connect.model_copy(update=changed)})


def write(folder: Path) -> None:
    """Write the generated part of the documentation into ``folder``."""
    pictures = draw_pictures(folder / PICTURES)
    pages = {
        "fleet-file": fleet_page(),
        "check-rules": rules_page(),
        "designs": designs_page(pictures),
        "pictures": pictures_page(pictures),
        "metrics": metrics_page(),
        "command-line": command_page(),
        "encapsulations": encapsulations_page(),
        "providers-and-platforms": providers_page(),
        "icmpv6": icmpv6_page(),
        "latency": latency_page(),
        "prices": prices_page(),
        "tariffs": tariffs_page(),
        "limits": limits_page(),
        "ipv6-readiness": readiness_page(),
        "assumptions": assumptions_page(),
    }
    (folder / "reference").mkdir(parents=True, exist_ok=True)
    for name, text in pages.items():
        (folder / "reference" / f"{name}.md").write_text(text, "utf-8")


def main() -> None:
    """Write, as the command line asks."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--into", type=Path, default=ROOT / "docs", help="where to write")
    parser.add_argument("--console", action="store_true", help="refresh the console blocks too")
    wanted = parser.parse_args()
    write(wanted.into)
    if wanted.console:
        from docs.console import documents, refreshed

        for path in documents():
            old = path.read_text("utf-8")
            new = refreshed(old)
            if new != old:
                path.write_text(new, "utf-8")


if __name__ == "__main__":
    main()
