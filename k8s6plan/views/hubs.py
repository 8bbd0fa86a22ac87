"""The choice of hubs and its proof as lines of text."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from k8s6plan.io.words import listed, number
from k8s6plan.views.as_json import pick
from k8s6plan.views.tables import facts
from k8s6plan.views.words import traffic

if TYPE_CHECKING:
    from k8s6plan.decision.hubs import Choice, Placement
    from k8s6plan.topology.groups import Outline

_WIDTH = 14  # characters before a figure
_SHOWN = 20  # sites of one hub; JSON and YAML have all
_MEANS = {
    "latency": "mean round trip between a site and its hub, weighted by traffic",
    "worst-latency": "longest round trip between a site and its hub",
    "cost": "what compare has for it, as the design optimized",
}


def choice_lines(choice: Choice, outline: Outline) -> Iterator[str]:
    """Yield the hubs of a fleet, how sure they are, and what each limit of the wish costs."""
    head = f"{number(len(choice.hubs), 'hub')} among {number(choice.sites, 'site')}"
    yield f"{choice.fleet}: {head}, for the least {choice.objective.replace('-', ' ')}"
    yield from traffic(outline)
    yield from facts(_facts(choice), _WIDTH)
    for constraint in choice.constraints:
        about = "" if constraint.proved else "about "
        more = f"{about}{_amount(choice, constraint.cost)} more" if constraint.cost else "no more"
        yield f"{constraint.says[0].upper()}{constraint.says[1:]} costs {more}."


def _facts(choice: Choice) -> Iterator[tuple[str, str]]:
    yield "Hubs", ", ".join(choice.hubs)
    least = "at least " if choice.at_least else ""
    yield "Value", f"{least}{_amount(choice, choice.value)}: {_MEANS[choice.objective]}"
    yield "Bound", _proof(_amount(choice, choice.bound), choice.gap, proved=choice.proved)
    value = choice.present_value
    found = "not within these limits" if value is None else _amount(choice, value)
    yield "Present hubs", f"{', '.join(choice.present_hubs[:_SHOWN])}: {found}"
    homed: dict[str, list[str]] = {}
    for site, homes in choice.assignment.items():
        homed.setdefault(", ".join(homes), []).append(site)
    yield from ((f"On {hubs}", listed(sites, _SHOWN)) for hubs, sites in sorted(homed.items()))


def placement_lines(name: str, places: int, what: str, found: Placement) -> Iterator[str]:
    """Yield the hubs of an instance by number; ``what`` is made as small as can be."""
    yield f"{name}: {number(len(found.hubs), 'hub')} among {number(places, 'place')}"
    proof = _proof(f"{found.bound:,.10g}", found.gap, proved=found.proved)
    rows = {
        "Value": f"{found.value:,.10g}: {what} to the nearest hub",
        "Bound": proof,
        "Gap": f"{found.gap:.4%}",
        "Hubs": " ".join(str(hub + 1) for hub in found.hubs),
    }
    yield from facts(rows.items(), _WIDTH)


def placement_data(name: str, places: int, objective: str, found: Placement) -> dict[str, object]:
    """Return the same for JSON and YAML."""
    return {
        "instance": name,
        "places": places,
        "objective": objective,
        **pick(found, "value bound gap proved"),
        "hubs": [hub + 1 for hub in found.hubs],
        "assignment": {str(site + 1): homes[0] + 1 for site, homes in enumerate(found.assignment)},
    }


def _amount(choice: Choice, value: float) -> str:
    """Return a value with its unit: to the hundredth."""
    return f"{value:,.2f} {choice.unit}"


def _proof(bound: str, gap: float, *, proved: bool) -> str:
    if proved:
        return f"{bound}: proved, no other choice is better"
    most = math.ceil(gap * 10_000) / 10_000
    return f"{bound}: not proved; a better choice can be {most:.2%} below the value"
