"""What to do about it: designs side by side, at this size and at others.

- ``terms``: what all designs of one comparison are held against: prices, limits, growth.
- ``metrics``: the rows of the decision sheet; ``Case`` is one design on these terms.
- ``compare``: the sheet itself, the best of each row, and what to look at first.
- ``explain``: the lines behind one of its figures.
- ``baseline``: what changed since figures were kept.
- ``sweep``: by clusters, traffic or redundancy; where designs change places; what moves the answer.
- ``hubs``: where hubs should be, for latency or money, with a proof or a bound.
"""
