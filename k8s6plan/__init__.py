"""k8s6plan: compare ways to join many Kubernetes clusters, and plan their addresses.

From Python, as a notebook would (docs/how-to/use-it-from-python.md)::

    fleet = k8s6plan.load("fleet.yaml")
    k8s6plan.compare(fleet).to_frame()

The path of the data::

    fleet.yaml -> Fleet -> Outline -> design: Topology -> Measures -> Comparison -> table | JSON
    fleet.yaml -> Fleet -> design: Topology -> picture
    fleet.yaml + the old plan -> addressing -> Plan -> plan.yaml

docs/how-to/find-your-way-in-the-code.md follows one figure through it.
"""

from typing import TYPE_CHECKING

__version__ = "0.1.0"

__all__ = [
    "AddressPlan",
    "DecisionSheet",
    "Drawing",
    "Fleet",
    "K8s6planError",
    "K8s6planWarning",
    "ReviewReport",
    "__version__",
    "compare",
    "draw",
    "load",
    "plan",
    "report",
]

if TYPE_CHECKING:
    from k8s6plan.views.notebook import (
        AddressPlan,
        DecisionSheet,
        Drawing,
        Fleet,
        K8s6planError,
        K8s6planWarning,
        ReviewReport,
        compare,
        draw,
        load,
        plan,
        report,
    )


def __getattr__(name: str) -> object:
    """Import what is asked for when it is: the command line starts without any of it."""
    if name not in __all__:
        raise AttributeError(f"module 'k8s6plan' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module("k8s6plan.views.notebook"), name)


def __dir__() -> list[str]:
    return __all__
