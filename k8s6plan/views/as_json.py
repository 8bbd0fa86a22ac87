"""The JSON of every command: records become objects by their type, in this one place.

A record (a dataclass or a named tuple) becomes an object of its fields, by name and in order; a
Decimal becomes a number; a prefix, and what else JSON has no form for, its text. ``FORMS`` says
what is otherwise: the keys of a record as docs/reference has them, in the JSON of one command or
("") of all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from decimal import Decimal
from functools import cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from k8s6plan.addressing.allow import AllowList
    from k8s6plan.addressing.capacity import Capacity, Room, Space
    from k8s6plan.addressing.lookup import Answer
    from k8s6plan.catalog import IcmpType
    from k8s6plan.decision.sweep import Stop
    from k8s6plan.evaluation.cost.quote import Quoted
    from k8s6plan.evaluation.failures import Availability, Downtime, Effect, Failures, Loss
    from k8s6plan.evaluation.mtu import Inside

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]
Parts = Mapping[str, object]
Form = str | Callable[[Any], Parts]


def as_json(value: object, command: str = "") -> Json:
    """Return ``value`` as the JSON of ``command`` has it."""
    if value is None or isinstance(value, (str, int, float)):
        return value
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, Mapping):
        return {str(key): as_json(one, command) for key, one in value.items()}
    if is_dataclass(value) or hasattr(value, "_fields"):
        return _object(value, _form(type(value), command), command)  # type: ignore[arg-type]
    if isinstance(value, Iterable) and not hasattr(value, "prefixlen"):  # a prefix has addresses
        return [as_json(one, command) for one in value]
    return str(value)


def document(data: object, command: str) -> dict[str, Any]:
    """Return a whole answer of ``command``, a record or a mapping, with its version."""
    found = as_json(data, command)
    if not isinstance(found, dict):
        raise TypeError(f"{type(data).__name__} is no document")
    return {"version": 1, **found}


def pick(record: object, form: str, command: str = "") -> dict[str, Json]:
    """Return the object that ``form``, written as in ``FORMS``, makes of a record."""
    return _object(record, _keys(form), command)


MEASURE = "value unit note at_least"
_ROW = "source as_of confidence marks"
_RESILIENCE = (
    "pairs=resilience.pairs components=resilience.components "
    "single_points=resilience.single_points survive_any_single=resilience.survive_any_single"
)
# Of each stop of the sliders; the page holds all rows.
_AT_STOPS = ("cost_per_month", "tunnels", "limits_exceeded")

# --- records that take more than other names -----------------------------------------------------


def _allow_list(allowed: AllowList) -> Parts:
    known = [entry for entry in allowed.entries if entry.prefix is not None]
    found: dict[str, object] = {
        "entries": len(allowed.entries),
        "allow": [pick(entry, "prefix from=of") for entry in known],
        "missing": [pick(entry, "from=of why") for entry in allowed.missing],
        "unlisted": allowed.unlisted,
        "otherwise": "deny",
    }
    return {key: value for key, value in found.items() if value or key in ("entries", "allow")}


def _icmp_type(row: IcmpType) -> Parts:
    sender = "anywhere" if row.where == "transit" else "link"
    found = pick(row, "type codes name from=where why source")
    return found | {"codes": row.codes or "all", "from": sender}


def _capacity(report: Capacity) -> Parts:
    return {
        "fleet": report.fleet,
        "from": report.start,
        "growth": {name: str(rate) for name, rate in sorted(report.growth.items())},
        "pools": [{"pool": s.name, "roles": s.roles, **_space(s)} for s in report.pools],
        "sites": [{"site": s.name, **_space(s)} for s in report.sites],
        "clusters": report.clusters,
        "further_clusters": {"like": report.like, "sizes": report.further},
    }


def _space(space: Space) -> Parts:
    found = pick(space, "total used reserved free largest_free runs_out=full")
    return {"family": space.family, "unit": "addresses", **found}


def _room(room: Room) -> Parts:
    keys = "cluster site role family prefixes unit nodes_stated=stated total used reserved free "
    found = pick(room, f"{keys} largest_free runs_out=full runs_out_widened=full_widened")
    return found | {"unit": f"/{room.unit}"}


def _quoted(line: Quoted) -> Parts:
    row = pick(line.price, "title unit source as_of confidence marks")
    paid = {"steps": line.steps, **pick(line, "cost:2 why")}
    return {**line.given, "title": row.pop("title"), "unit": row.pop("unit"), **paid, **row}


def _failures(report: Failures) -> Parts:
    found = pick(
        report,
        f"{_RESILIENCE} worst_single=resilience.worst_single worst_double=resilience.worst_double "
        "node_connectivity edge_connectivity cutting.single=singles.cutting "
        "cutting.double=doubles.cutting? truncated.single=singles.left_out overloaded single "
        "double? availability",
        "failures",
    )
    if report.doubles is not None:
        left_out = report.doubles.cutting - len(report.doubles.worst)
        found["truncated"] = {"single": report.singles.left_out, "double": left_out}
    return found


def _worst_failures(report: Failures) -> Parts:
    cutting = [effect for effect in report.single if effect.loss.pairs_lost]
    return {**pick(report, _RESILIENCE), "worst": cutting}


def _loss(loss: Loss) -> Parts:
    alone = len(loss.fails) == 1
    return {
        "fails": loss.fails[0] if alone else loss.fails,
        "kind": loss.kinds[0] if alone else loss.kinds,
        "pairs_lost": loss.pairs_lost,
        "share": loss.share,
    }


def _effect(effect: Effect) -> Parts:
    return {**_loss(effect.loss), "gb_per_month_lost": effect.gb_per_month}


def _effect_and_ways(effect: Effect) -> Parts:
    return {**_effect(effect), "detours": effect.detours, "overloads": effect.overloads}


def _availability(found: Availability) -> Parts:
    def minutes(downtime: Downtime | None) -> Parts | None:
        if downtime is None:
            return None
        if found.known:
            known = downtime.minutes
            return {"value": known, "at_least": known, "neglected": downtime.rest}
        return {"value": None, "at_least": downtime.minutes or None, "neglected": None}

    return {
        "unit": "minutes a year",
        "mean": minutes(found.mean),
        "worst": minutes(found.worst),
        "worst_pair": found.worst_pair,
        "unknown": found.missing,
        "note": found.note,
    }


def _answer(answer: Answer) -> Parts:
    found = pick(answer, "address=query owners node_block? counterpart carries?")
    note = answer.note or answer.why_none
    return {**found, **({} if note is None else {"note": note}), **pick(answer, "warning?")}


def _stop(stop: Stop) -> Parts:
    designs = {
        name: {key: pick(column[key], "value at_least") for key in _AT_STOPS}
        for name, column in stop.table.items()
    }
    return {**pick(stop, "clusters times gb_per_month"), "designs": designs}


def _inside(answer: Inside) -> Parts:
    found = pick(answer, "underlay layers mtu mss=carries overhead=overhead_bytes "
                         "overhead_share:4 findings")  # fmt: skip
    return {"unit": "bytes", **found, "mss": {f: answer.mss(f) for f in answer.carries}}


# --- the keys of the others ----------------------------------------------------------------------

# Key by key, in order. `key`: the attribute of that name; `key=path`: another one, or one of an
# attribute; `key=one+other`: a list of two; `a.b=path`: the key b of an object a. After them
# `:2` rounds to so many places, `:text` takes the text, `:any` says whether there is any, `?`
# leaves None out, and `!` makes what is empty null.
FORMS: dict[str, dict[str, Form]] = {
    "": {
        "Change": "design metric before after before_at_least after_at_least grew",
        "Comparison": "fleet clusters sites traffic=outline.exchange designs=table currency "
        "overridden limits=exceeded best advice",
        "Exchange": "gb_per_month demands pairs",
        "Measure": MEASURE,
        "Reach": "limit=limit.name title=limit.title value default=limit.default max=limit.most "
        "unit=limit.unit exceeds=over where avoid source=limit.source as_of=limit.as_of "
        "confidence=limit.confidence",
        "Step": "quantity unit_price=price",
    },
    "allow": {"AllowList": _allow_list, "IcmpType": _icmp_type},
    "capacity": {
        "Capacity": _capacity,
        "Further": "nodes clusters ipv4 ipv6 limited_by",
        "Room": _room,
    },
    "diff": {"Change": "grade cluster what why"},
    "failures": {
        "Availability": _availability,
        "Effect": _effect_and_ways,
        "Failures": _failures,
        "Loss": _loss,
    },
    "latency": {
        "Latency": "pairs measured estimated unknown no_path=unjoined rtt=ms "
        "stretch.mean=stretch_mean:3 stretch.max=stretch_max:3 "
        "by_demand.gb_per_month=demand_gb:text by_demand.known_gb_per_month=known_gb:text "
        "by_demand.rtt=by_demand worst_pairs=worst unknown_places=unplaced note",
        "Pair": "clusters=one+other rtt=ms:3 direct_rtt=direct_ms:3 stretch:3 measured via "
        "pairs_alike=alike",
        "Spread": "mean:3 p95:3 worst:3",
    },
    "limits": {
        "Limit": "owner limit=key title default max=most adjustable unit checked=measure:any avoid "
        f"{_ROW} note",
    },
    "map": {"Answer": _answer},
    "mtu": {
        "Inside": _inside,
        "LinkMtu": "kind between=one+other between_regions links underlays mtu mss "
        "overhead=overhead_bytes overhead_share:4 sources",
        "PathMtu": "mtu mss at_most=unknown:any overhead_share:4 links unknown findings",
    },
    "optimize": {
        "Choice": "fleet objective value at_least unit bound gap proved hubs homing assignment "
        "present.hubs=present_hubs present.value=present_value constraints connect",
        "Constraint": "name cost proved",
    },
    "prices": {
        "Price": f"provider item variant! title unit currency regions! to! free tiers! {_ROW} note",
    },
    "quote": {"Quote": "currency lines total:2 complete", "Quoted": _quoted},
    "report": {
        "Assumption": "name value default unit says source as_of confidence yours",
        "Break": "clusters limit=limit.name value where source=limit.source",
        "Effect": _effect,
        "Failures": _worst_failures,
        "Limit": f"row=name title unit default max=most {_ROW} yours",
        "PathMtu": "mtu at_most=unknown:any mss unknown findings",
        "Price": f"row=name title unit currency tiers {_ROW} yours",
        "Stop": _stop,
        "Swing": "assumption value=base swing:2 cheapest",
    },
    "sweep": {
        "Break": "clusters limit=limit.name value unit=limit.unit where avoid=reach.avoid "
        "source=limit.source",
        "Point": "x cost:2 complete tunnels",
        "Swing": "assumption value=base swing:2 cheapest costs:2",
    },
}


class _Key(NamedTuple):
    """One key of an object, or of an object in it, which ``inside`` names then."""

    inside: str
    name: str
    read: Callable[[object], object]
    how: str


@cache
def _form(kind: Any, command: str) -> tuple[_Key, ...] | Callable[[Any], Parts]:
    form = FORMS.get(command, {}).get(kind.__name__) or FORMS[""].get(kind.__name__)
    if form is None:
        names = [each.name for each in fields(kind)] if is_dataclass(kind) else kind._fields
        form = " ".join(names)
    return _keys(form) if isinstance(form, str) else form


@cache
def _keys(form: str) -> tuple[_Key, ...]:
    return tuple(_parsed(form))


def _parsed(form: str) -> Iterator[_Key]:
    for word in form.split():
        said, _, how = word.partition(":")
        if said[-1] in "?!":
            said, how = said[:-1], said[-1]
        key, _, path = said.partition("=")
        inside, _, name = key.rpartition(".")
        yield _Key(inside, name, _reader(path or key), how)


def _reader(path: str) -> Callable[[object], object]:
    """Return what reads a path; of several joined by "+" a list; None ends a path."""
    if "+" in path:
        return attrgetter(*path.split("+"))
    if "." not in path:
        return attrgetter(path)

    def read(record: object) -> object:
        for name in path.split("."):
            record = None if record is None else getattr(record, name)
        return record

    return read


def _object(
    record: object,
    form: tuple[_Key, ...] | Callable[[Any], Parts],
    command: str,
) -> dict[str, Json]:
    if callable(form):
        return {key: as_json(value, command) for key, value in form(record).items()}
    made: dict[str, Json] = {}
    for inside, name, read, how in form:
        value = read(record)
        if value is None and how == "?":
            continue
        into: Any = made.setdefault(inside, {}) if inside else made
        into[name] = _done(value, how, command)
    return made


def _done(value: object, how: str, command: str) -> Json:
    if how.isdecimal():
        return _rounded(value, int(how))
    if how == "text":
        return str(value)
    if how == "any":
        return bool(value)
    return None if how == "!" and not value else as_json(value, command)


def _rounded(value: Any, places: int) -> Json:
    """Return a number, or those in a list or a mapping, rounded; None is unknown and stays."""
    if value is None:
        return None
    if isinstance(value, Mapping):
        return {str(key): _rounded(one, places) for key, one in value.items()}
    if isinstance(value, tuple):
        return [_rounded(one, places) for one in value]
    return float(round(value, places))
