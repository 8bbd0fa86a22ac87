"""k8s6plan: compare ways to join many Kubernetes clusters, and plan their addresses.

The path of the data::

    fleet.yaml -> Fleet -> Outline -> design: Topology -> Measures -> Comparison -> table | JSON
    fleet.yaml -> Fleet -> design: Topology -> picture
    fleet.yaml + the old plan -> addressing -> Plan -> plan.yaml

docs/how-to/find-your-way-in-the-code.md follows one figure through it.
"""

__version__ = "0.1.0"
