"""How sites are joined, and what follows from that alone.

- ``groups``: a fleet reduced to groups of like sites, its ``Outline``.
- ``hubs``: which sites are hubs, of the fleet and of their region.
- ``growth``: the same fleet at any number of clusters.
- ``designs``: the ways to join sites, one function each, and ``DESIGNS`` by name.
- ``joins``: what such a function says: a ``Topology`` of classes of sites, joins and carriers.
- ``shape`` and ``ways``: the shortest ways between sites, found once for all sizes.
- ``counts``, ``tables``, ``traffic`` and ``loads``: links and their ends, routing tables, demands
  on their ways, and what tunnels carry.
- ``ends``: whether a tunnel ends on a site's own gateway or on its provider's transit.
- ``graph``: a topology site by site, as a networkx graph.
"""
