"""The generated pages of money and limits: prices, tariffs, limits, readiness, assumptions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from docs.markdown import Row, origin, page, read, sentence, table
from k8s6plan import catalog
from k8s6plan.catalog.limits import software
from k8s6plan.catalog.prices import GENERAL
from k8s6plan.evaluation.cost._bill import WORDS, words_for
from k8s6plan.evaluation.limits import Limit, owners, rows

_TRAFFIC = ("tunnel", "peering", "attachment", "managed", "routed")


def _file_of(provider: str) -> dict[str, Any]:
    return read("general.yaml") if provider == GENERAL else read("providers", f"{provider}.yaml")


def _title(provider: str) -> str:
    return "Of no provider" if provider == GENERAL else str(_file_of(provider)["title"])


# --- prices --------------------------------------------------------------------------------------


def prices_page() -> str:
    """Return the page of the price book: every row, by provider."""
    parts = [
        f"The price book that ships, as of {catalog.book_date()}: list prices, without tax. "
        "`k8s6plan prices` prints the same, `--region` what holds in one place. A fleet file or a "
        "[price book of your own](fleet-file.md#the-price-book) puts other figures in their place, "
        "by the name in the first column. Which items are billed for what is in "
        "[the tariffs](tariffs.md), and how a sum comes about in "
        "[costing](../explanation/costing.md).",
        "The first row of an item that fits counts. *unknown*: no source was found, and a sum that "
        "needs the row reads *at least*. Where the source says *an input*, nobody can publish the "
        "figure: set your own. A place that is no region is an area: its regions stand under the "
        "table.",
    ]
    heads = ("row", "what", "in", "to", "price", "unit", "source", "as of", "confidence", "note")
    for provider in (*catalog.provider_names(), GENERAL):
        data = _file_of(provider)
        found = [row for item, held in data["prices"].items() for row in _item(item, held)]
        parts += [f"## {_title(provider)}", f"Rows begin with `{provider}.`", table(heads, found)]
        areas = data.get("areas", {})
        if areas:
            parts.append("\n".join(f"- {name}: {', '.join(areas[name])}" for name in areas))
    return page("Prices", *parts)


def _item(item: str, held: Row) -> Iterator[tuple[object, ...]]:
    """Yield the rows of one item."""
    free = held.get("free")
    for row in held["rows"]:
        name = f"{item}.{row['variant']}" if row.get("variant") else item
        note = "; ".join(str(part["note"]) for part in (row, held) if part.get("note"))
        yield (
            f"`{name}`",
            held["title"],
            _places(row.get("regions", "all")) if "by_region" not in row else "see the price",
            _places(row.get("to", "all")),
            _free(free) + _figures(row),
            f"{held['currency']} per {held['unit']}",
            *origin(row),
            note,
        )


def _places(given: object) -> str:
    return ", ".join(map(str, given)) if isinstance(given, list) else "everywhere"


def _free(free: Row | None) -> str:
    if free is None:
        return ""
    once = {"account": "an account"}.get(str(free.get("scope", "account")), "a region")
    return f"first {free['quantity']} free, once {once}; "


def _figures(row: Row) -> str:
    if "by_region" in row:
        alike: dict[str, list[str]] = {}
        for region, price in row["by_region"].items():
            alike.setdefault(str(price), []).append(region)
        return "; ".join(f"{price} in {', '.join(alike[price])}" for price in alike)
    if row.get("tiers"):
        tiers = [
            f"{tier['price']}" + (f" up to {tier['up_to']}" if tier["up_to"] is not None else "")
            for tier in row["tiers"]
        ]
        return ", then ".join(tiers)
    return "unknown" if row.get("price") is None else str(row["price"])


# --- tariffs -------------------------------------------------------------------------------------


def tariffs_page() -> str:
    """Return the page of the tariffs: what each provider bills for each driver."""
    tariffs = {name: _file_of(name)["tariff"] for name in (*catalog.provider_names(), GENERAL)}
    names = [name for name in tariffs if name != GENERAL]
    standing = [driver for driver in WORDS if not _is_traffic(driver)]
    flows = [driver for driver in WORDS if _is_traffic(driver)]
    parts = [
        "A tariff says which items of [the price book](prices.md) a provider bills for what a "
        "design needs. What is needed has the same names, *drivers*, at every provider: "
        "[costing](../explanation/costing.md#needs) has the rules. *nothing*: the provider asks "
        "nothing for it. *not known*: the tariff has no line, and a need for it has an unknown "
        "price.",
        "## Things that stand there",
        table(("driver", "is", *names), [_driver(d, tariffs, names) for d in standing]),
        "## Traffic that is processed",
        "A gigabyte, 10^9 bytes.",
        table(("driver", "is", *names), [_driver(d, tariffs, names) for d in flows]),
        f"`application_tls` belongs to no provider: `{GENERAL}.application_tls_gb`.",
        "## Traffic on links",
        "A gigabyte on one link, at each of its ends: `out` at the sender, `in` at the receiver; "
        "`hub_out` and `hub_in` where the end is a managed hub. `region`: both ends in one region; "
        "`provider`: in two regions of one provider; `internet`: at two providers. `routed` is "
        "flat IPv6, `managed` an attachment of managed hubs.",
        table(("driver", "is", *names), _links(tariffs, names)),
        "## Sorts of things",
        "`assumptions: {aws.gateway_vm: t3.large}` in a fleet file chooses another.",
        table(
            ("name", "is", "unit", "source", "as of", "confidence"),
            [
                (f"`{name}.{key}`", row["value"], row["unit"], *origin(row))
                for name in names
                for key, row in tariffs[name].get("variants", {}).items()
            ],
        ),
        "## What tunnels and hubs carry",
        table(
            ("provider", "figure", "value", "source", "as of", "confidence", "note"),
            [
                (f"`{name}`", f"`{key}`", _shown(row["value"]), *origin(row), row.get("note"))
                for name in names
                for key, row in tariffs[name].items()
                if key.startswith("own_") or key.endswith("_carry") or key == "one_side_on_transit"
            ],
        ),
        "## Sources of the tariffs",
        "\n".join(f"- `{name}`: {tariffs[name]['source']}" for name in names),
    ]
    return page("Tariffs", *parts)


def _is_traffic(driver: str) -> bool:
    return driver.endswith(("_in", "_gb")) or driver == "application_tls"


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _driver(driver: str, tariffs: Mapping[str, Row], names: list[str]) -> tuple[str, ...]:
    billed = [_entries(tariffs[name].get(driver)) for name in names]
    if driver == "application_tls":
        billed = ["" for _ in names]
    return (f"`{driver}`", WORDS[driver], *billed)


def _links(tariffs: Mapping[str, Row], names: list[str]) -> Iterator[tuple[str, ...]]:
    for kind in _TRAFFIC:
        for relation in ("region", "provider", "internet"):
            for end in ("out", "in", "hub_out", "hub_in"):
                driver = f"{kind}.{relation}.{end}"
                found = [_way(tariffs[name], kind, relation, end) for name in names]
                if any(text.startswith("`") for text in found):
                    yield (f"`{driver}`", words_for(driver), *found)


def _way(tariff: Row, kind: str, relation: str, end: str) -> str:
    ways = tariff["traffic"].get(kind, {})
    return _entries(ways[relation].get(end, [])) if relation in ways else "not known"


def _entries(entries: Any) -> str:
    """Return the items of one driver, each with what is special about it."""
    if entries is None:
        return "not known"
    return ", ".join(_entry(entry) for entry in entries) or "nothing"


def _entry(entry: str | Row) -> str:
    if isinstance(entry, str):
        return f"`{entry}`"
    said = {
        "times": f"{entry.get('times')} for each",
        "beyond": f"beyond {entry.get('beyond')} for each gateway",
        "per_family": "one for each family carried",
        "share": f"times `{entry.get('share')}`",
        "unit_mbps": f"one for each {entry.get('unit_mbps')} Mbps",
        "variant": f"of sort `{entry.get('variant')}`",
    }
    more = [text for key, text in said.items() if entry.get(key)]
    return f"`{entry['item']}` ({', '.join(more)})"


# --- limits --------------------------------------------------------------------------------------


def limits_page() -> str:
    """Return the page of the quotas and limits, and which are checked."""
    parts = [
        "Quotas and limits of providers and software. `k8s6plan limits` prints the same. *default* "
        "holds unless it is raised; *at most* is what it can be raised to, empty where no source "
        "says. *checked*: `compare` holds designs against it, by this measure "
        "([limits](../explanation/limits.md#the-measures)); *no*: it is shown only, and why.",
        "A fleet file raises a quota by the name in the first column: "
        "`limits: {aws.s2s_vpn_connections_per_vgw: 30}`.",
    ]
    heads = [
        *("row", "limit", "default", "at most", "unit", "can be raised", "checked"),
        *("to avoid it", "source", "as of", "confidence", "note"),
    ]
    for owner in owners():
        title = software()[owner]["title"] if owner in software() else _title(owner)
        parts += [f"## {title}", table(heads, map(_limit, rows(owner)))]
    return page("Limits", *parts)


def _limit(limit: Limit) -> tuple[object, ...]:
    default, most = (None if n is None else f"{n:,f}" for n in (limit.default, limit.most))
    measure = f"`{limit.measure}`" if limit.measure else f"no: {limit.unchecked}"
    sorts = limit.variants
    if sorts is not None:
        measure += f", where `{limit.owner}.{sorts[0]}` is {' or '.join(sorts[1])}"
    return (
        f"`{limit.name}`",
        limit.title,
        default or "not published",
        most,
        limit.unit,
        limit.adjustable,
        measure,
        limit.avoid,
        limit.source,
        limit.as_of,
        limit.confidence,
        limit.note,
    )


# --- readiness and assumptions -------------------------------------------------------------------


def readiness_page() -> str:
    """Return the page of what works with IPv6 today."""
    found = catalog.readiness()
    parts = [
        "What works with IPv6 today, and what does not. `k8s6plan limits --ipv6` prints the same. "
        "*partly*: the note says when. *unverified*: no source was found, which is no no.",
    ]
    heads = ("of", "what", "state", "since", "source", "as of", "confidence", "note")
    for group in dict.fromkeys(str(row["group"]) for row in found):
        shown = [
            (row["subject"], row["what"], row["state"], row.get("since"), *origin(row), note)
            for row in found
            for note in (row.get("note"),)
            if row["group"] == group
        ]
        parts += [f"## {sentence(group).rstrip('.')}", table(heads, shown)]
    return page("IPv6 readiness", *parts)


def assumptions_page() -> str:
    """Return the page of the assumptions that a fleet file can set."""
    return page(
        "Assumptions",
        "What the figures assume where nobody knows better. A fleet file sets them under "
        "`assumptions`. The sorts of machines and gateways, such as `aws.gateway_vm`, are in "
        "[the tariffs](tariffs.md#sorts-of-things).",
        table(
            ("assumption", "default", "unit", "says", "source", "as of", "confidence"),
            [
                (
                    f"`{name}`",
                    _shown(row["value"]),
                    row["unit"],
                    sentence(row["says"]),
                    *origin(row),
                )
                for name, row in catalog.assumptions().items()
            ],
        ),
        "`sweep` moves the hours of the month, the share that crosses zones, the traffic, the "
        "number of clusters and each price by a fifth, and says which of them moves the answer "
        "most.",
    )
