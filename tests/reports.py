"""Reports and pages that several tests look at, each made once: whoever asks must not change it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from k8s6plan.decision.terms import terms_of
from k8s6plan.fleet.file import load
from k8s6plan.fleet.model import Exclusion, Fleet
from k8s6plan.io.marks import mark
from k8s6plan.views.report import Report, page, report_of

MARK = mark("report")
THREE = Path(__file__).resolve().parents[1] / "examples" / "three-clusters.yaml"
EVIL = "<script>alert(1)</script>"
QUOTE = '"><img src=x onerror=alert(1)>'


def gathered(fleet: Fleet, *designs: str) -> Report:
    """Return the report of a fleet, made anew."""
    terms = terms_of(fleet)
    return report_of(terms.start, designs, terms)


@cache
def report_at(path: Path) -> Report:
    """Return the report of a fleet file."""
    return gathered(load(path))


@cache
def page_at(path: Path) -> str:
    """Return the page of a fleet file."""
    return page(report_at(path), MARK)


def fleet_of(clusters: int) -> Fleet:
    """Return a fleet of so many clusters on three clouds."""
    places = [("aws", "us-east-1"), ("aws", "eu-west-1"), ("gcp", "europe-west1"),
              ("azure", "westeurope")]  # fmt: skip
    rows = [
        {"name": f"c{n}", "provider": places[n % 4][0], "region": places[n % 4][1], "nodes": 10}
        for n in range(clusters)
    ]
    demands = [{"from": "all", "to": "all", "gb_per_month": 1}]
    data = {"fleet": "many", "ula_seed": "many", "clusters": rows, "demands": demands}
    return Fleet.model_validate(data)


def hostile() -> Fleet:
    """Return a fleet whose names the fleet file would refuse, and texts that it takes."""
    fleet = load(THREE)
    first, *others = fleet.clusters
    evil = first.model_copy(update={"name": EVIL, "site": QUOTE, "labels": {QUOTE: EVIL}})
    return fleet.model_copy(
        update={
            "fleet": f"{EVIL}{QUOTE}",
            "clusters": (evil, *others),
            "exclude": (Exclusion.model_construct(prefix=fleet.pools.nodes[0], name=EVIL),),
            "assumptions": {EVIL: QUOTE},
            "ula_seed": "x",
            "connect": fleet.connect.model_copy(update={"hubs": 1}),
        }
    )


@cache
def hostile_report() -> Report:
    return gathered(hostile())
