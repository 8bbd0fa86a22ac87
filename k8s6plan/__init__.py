"""k8s6plan: compare ways to join many Kubernetes clusters, and plan their addresses.

The path of the data, each arrow one pure function::

    fleet.yaml -> Fleet -> Outline -> design.count -> Measures -> Comparison -> table | JSON
    fleet.yaml -> Fleet -> design.build -> nx.Graph -> diagram
    fleet.yaml + the old plan -> addressing -> Plan -> plan.yaml
"""

__version__ = "0.1.0"
