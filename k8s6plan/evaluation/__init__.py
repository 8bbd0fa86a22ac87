"""What a topology comes to. Each answers for itself, and none knows another.

- ``cost``: what it costs in a month, line by line, by the price book; bills of materials.
- ``limits``: which quotas and limits of the providers it exceeds, and at how many clusters it first
  does: ``reaches_of``, ``find_breaks``.
- ``failures``: what each failure of a component takes down, and how often that is.
- ``latency``: how long the way between two clusters takes.
- ``mtu``: how large a packet may be on the way.
"""
