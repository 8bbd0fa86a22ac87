"""``k8s6plan optimize``: which sites should be hubs, with a proof."""

from __future__ import annotations

import time
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from k8s6plan.cli._common import INTERRUPTED, progress, put, read_fleet, say, to_json
from k8s6plan.cli._options import FleetPath

if TYPE_CHECKING:
    from k8s6plan.decision.hubs import Progress, Watch, Wish
    from k8s6plan.fleet.model import Fleet

HELP = """Choose the hubs, and the hub of each site.

Exact, with a proof; after --time-limit it says how far from the best it can be.

Example: k8s6plan optimize fleet.yaml --hubs 2 --objective latency
"""
_SPEAK_EVERY_S = 5.0


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
    from k8s6plan.topology.hubs import hub_sites

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


# --- what is asked ------------------------------------------------------------------------------


def _choose(
    fleet: Fleet, wish: Wish, seconds: float | None, output_format: Format, listener: _Listener
) -> str:
    from k8s6plan.decision.hubs import choose_hubs
    from k8s6plan.io.documents import dump
    from k8s6plan.io.marks import mark
    from k8s6plan.topology.groups import outline_of
    from k8s6plan.views.hubs import choice_lines

    watch = listener.watch(tuple(fleet.members))
    choice = choose_hubs(fleet, wish, time_limit=seconds, watch=watch)
    if output_format is Format.json:
        return to_json(choice, "optimize")
    block = {"connect": choice.connect}
    if output_format is Format.yaml:
        return dump(block, header=[mark("optimize")])
    lines = choice_lines(choice, outline_of(fleet))
    return "\n".join([*lines, "", *dump(block).splitlines()]) + "\n"


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
    from k8s6plan.views.as_json import document
    from k8s6plan.views.hubs import placement_data, placement_lines

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
    data = placement_data(path.name, places, objective.value, found)
    if output_format is Format.json:
        return to_json(data, "optimize")
    if output_format is Format.yaml:
        return dump(document(data, "optimize"))
    what = "sum of distances" if objective is Objective.latency else "longest distance"
    return "\n".join([*placement_lines(path.name, places, what, found), ""])
