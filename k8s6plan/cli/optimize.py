"""``k8s6plan optimize``: which sites should be hubs, with a proof."""

from __future__ import annotations

import math
import time
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from k8s6plan.cli._common import FleetPath, progress, put, read_fleet, say, to_json

if TYPE_CHECKING:
    from k8s6plan.decision.hubs import Choice, Placement, Progress, Watch, Wish
    from k8s6plan.fleet.model import Fleet

HELP = """Choose the hubs, and the hub of each site.

Exact, with a proof; after --time-limit it says how far from the best it can be.

Example: k8s6plan optimize fleet.yaml --hubs 2 --objective latency
"""
_SPEAK_EVERY_S = 5.0
_WIDTH = 14  # of the words before a figure
_SHOWN = 20  # sites of one hub in a line; JSON and YAML have all
INTERRUPTED = 130


class Objective(StrEnum):
    """What is made as small as can be."""

    latency = "latency"
    worst_latency = "worst-latency"
    cost = "cost"


class Format(StrEnum):
    """The forms of the answer; yaml is the block for the fleet file alone."""

    text = "text"
    json = "json"
    yaml = "yaml"


def optimize(
    fleet: FleetPath = None,
    *,
    hubs: Annotated[
        str | None,
        typer.Option(
            "--hubs", metavar="P|best", help="How many hubs.  [default: as many as the fleet has]"
        ),
    ] = None,
    objective: Annotated[
        Objective, typer.Option("--objective", help="What to make small.")
    ] = Objective.latency,
    homing: Annotated[
        int, typer.Option("--homing", min=1, max=2, help="Hubs that each site is joined to.")
    ] = 1,
    across_providers: Annotated[
        bool,
        typer.Option("--across-providers", help="The two hubs of a site are of two providers."),
    ] = False,
    max_tunnels: Annotated[
        int | None,
        typer.Option(
            "--max-tunnels-per-gateway", min=1, metavar="T", help="Tunnels that a gateway may end."
        ),
    ] = None,
    time_limit: Annotated[
        float, typer.Option("--time-limit", min=0, metavar="S", help="Seconds. 0: no limit.")
    ] = 60.0,
    instance: Annotated[
        Path | None,
        typer.Option("--instance", help="No fleet: a p-median file of the OR-Library."),
    ] = None,
    output_format: Annotated[Format, typer.Option("--format", "-f")] = Format.text,
) -> None:
    """See HELP."""
    count = _count(hubs)
    seconds = time_limit or None
    listener = _Listener()
    try:
        if instance is not None:
            if fleet is not None or homing > 1 or across_providers or max_tunnels is not None:
                raise typer.BadParameter(
                    "an instance has places and links alone: give --hubs, --objective, "
                    "--time-limit and --format with it, and no fleet",
                    param_hint="--instance",
                )
            with progress("choosing hubs"):
                text = _solve_instance(instance, count, objective, seconds, output_format, listener)
        else:
            from k8s6plan.decision.hubs import Wish

            read = read_fleet(fleet)
            wanted = count if count is not None else _present(read)
            wish = Wish(objective.value, wanted or None, homing, across_providers, max_tunnels)
            with progress("choosing hubs"):
                text = _choose(read, wish, seconds, output_format, listener)
    except KeyboardInterrupt:
        for line in listener.last_words():
            say(line)
        raise typer.Exit(INTERRUPTED) from None
    put(text, None, "optimize", force=False)


def _count(hubs: str | None) -> int | None:
    """Return how many hubs are asked for: 0 stands for the best number, None for no answer."""
    if hubs is None:
        return None
    if hubs == "best":
        return 0
    if not hubs.isdecimal() or int(hubs) < 1:
        raise typer.BadParameter(
            f'"{hubs}" is neither a number of 1 or more nor "best"', param_hint="--hubs"
        )
    return int(hubs)


def _present(fleet: Fleet) -> int:
    from k8s6plan.topology.groups import hub_sites

    return max(1, len(hub_sites(fleet)))


class _Listener:
    """Speaks of progress on stderr now and then, and knows the best so far when interrupted."""

    def __init__(self) -> None:
        self.names: tuple[str, ...] = ()
        self.last: Progress | None = None
        self.spoke = time.monotonic()

    def watch(self, names: tuple[str, ...]) -> Watch:
        """Return what is told of progress; ``names`` are those of the sites."""
        self.names = names

        def hear(progress: Progress) -> None:
            self.last = progress
            if time.monotonic() - self.spoke >= _SPEAK_EVERY_S:
                self.spoke = time.monotonic()
                say(f"best so far {progress.value:,.6g}, none can be below {progress.bound:,.6g}")

        return hear

    def last_words(self) -> list[str]:
        """Return the best so far, for one who will not wait."""
        if self.last is None:
            return ["stopped before a choice was found"]
        hubs = ", ".join(self.names[hub] for hub in self.last.hubs)
        return [
            f"stopped; best so far {self.last.value:,.6g}, none can be below "
            f"{self.last.bound:,.6g}",
            f"its hubs: {hubs}",
        ]


# --- a fleet -------------------------------------------------------------------------------------


def _choose(
    fleet: Fleet, wish: Wish, seconds: float | None, output_format: Format, listener: _Listener
) -> str:
    from k8s6plan.decision.hubs import choose_hubs
    from k8s6plan.io.documents import dump
    from k8s6plan.io.files import mark

    watch = listener.watch(tuple(fleet.members))
    choice = choose_hubs(fleet, wish, time_limit=seconds, watch=watch)
    if output_format is Format.json:
        return to_json(choice.to_json(), "optimize")
    block = {"connect": choice.connect}
    if output_format is Format.yaml:
        return dump(block, header=[mark("optimize")])
    lines = _lines(choice)
    return "\n".join([*lines, "", *dump(block).splitlines()]) + "\n"


_MEANS = {
    "latency": "mean round trip between a site and its hub, weighted by traffic",
    "worst-latency": "longest round trip between a site and its hub",
    "cost": "what compare has for it, as the design optimized",
}


def _lines(choice: Choice) -> list[str]:
    """Return the answer for a person."""
    what = {"latency": "latency", "worst-latency": "worst latency", "cost": "cost"}
    head = f"{choice.fleet}: {_some(len(choice.hubs), 'hub')} among {_some(choice.sites, 'site')}"
    least = "at least " if choice.at_least else ""
    lines = [
        f"{head}, for the least {what[choice.objective]}",
        _row("Hubs", ", ".join(choice.hubs)),
        _row("Value", f"{least}{_amount(choice, choice.value)}: {_MEANS[choice.objective]}"),
        _row("Bound", _proof(_amount(choice, choice.bound), choice.gap, proved=choice.proved)),
        _row("Present hubs", _present_line(choice)),
    ]
    homed: dict[str, list[str]] = {}
    for site, homes in choice.assignment.items():
        homed.setdefault(", ".join(homes), []).append(site)
    for hubs, sites in sorted(homed.items()):
        more = f" and {len(sites) - _SHOWN} more" if len(sites) > _SHOWN else ""
        lines.append(_row("On " + hubs, ", ".join(sites[:_SHOWN]) + more))
    for constraint in choice.constraints:
        about = "" if constraint.proved else "about "
        more = f"{about}{_amount(choice, constraint.cost)} more" if constraint.cost else "no more"
        lines.append(f"{constraint.says[0].upper()}{constraint.says[1:]} costs {more}.")
    return lines


def _present_line(choice: Choice) -> str:
    names = ", ".join(choice.present_hubs[:_SHOWN])
    if choice.present_value is None:
        return f"{names}: not within these limits"
    return f"{names}: {_amount(choice, choice.present_value)}"


def _amount(choice: Choice, value: float) -> str:
    """Return a value with its unit: to the hundredth."""
    return f"{value:,.2f} {choice.unit}"


def _proof(bound: str, gap: float, *, proved: bool) -> str:
    if proved:
        return f"{bound}: proved, no other choice is better"
    most = math.ceil(gap * 10_000) / 10_000
    return f"{bound}: not proved; a better choice can be {most:.2%} below the value"


def _row(word: str, text: str) -> str:
    return f"{word:<{_WIDTH}}{text}" if len(word) < _WIDTH else f"{word}  {text}"


def _some(number: int, what: str) -> str:
    return f"{number:,} {what}" + ("" if number == 1 else "s")


# --- an instance ---------------------------------------------------------------------------------


def _solve_instance(
    path: Path,
    hubs: int | None,
    objective: Objective,
    seconds: float | None,
    output_format: Format,
    listener: _Listener,
) -> str:
    from k8s6plan.decision.hubs import p_center, p_median, read_instance
    from k8s6plan.io.documents import dump, read_text

    if objective is Objective.cost or hubs == 0:
        raise typer.BadParameter(
            "an instance has no prices: ask for latency or worst-latency, and a number of hubs",
            param_hint="--instance",
        )
    given = read_instance(read_text(path), str(path))
    places = len(given.distances)
    watch = listener.watch(tuple(str(place + 1) for place in range(places)))
    p = hubs or given.hubs
    if objective is Objective.latency:
        found = p_median(given.distances, given.weights, p, time_limit=seconds, watch=watch)
    else:
        found = p_center(given.distances, p, time_limit=seconds, watch=watch)
    data = _instance_data(path, objective, places, found)
    if output_format is Format.json:
        return to_json(data, "optimize")
    if output_format is Format.yaml:
        return dump(data)
    what = "sum of distances" if objective is Objective.latency else "longest distance"
    numbers = " ".join(str(hub + 1) for hub in found.hubs)
    return "\n".join(
        [
            f"{path.name}: {_some(len(found.hubs), 'hub')} among {_some(places, 'place')}",
            _row("Value", f"{found.value:,.10g}: {what} to the nearest hub"),
            _row("Bound", _proof(f"{found.bound:,.10g}", found.gap, proved=found.proved)),
            _row("Gap", f"{found.gap:.4%}"),
            _row("Hubs", numbers),
            "",
        ]
    )


def _instance_data(
    path: Path, objective: Objective, places: int, found: Placement
) -> dict[str, object]:
    return {
        "version": 1,
        "instance": path.name,
        "places": places,
        "objective": objective.value,
        "value": found.value,
        "bound": found.bound,
        "gap": found.gap,
        "proved": found.proved,
        "hubs": [hub + 1 for hub in found.hubs],
        "assignment": {str(site + 1): homes[0] + 1 for site, homes in enumerate(found.assignment)},
    }
