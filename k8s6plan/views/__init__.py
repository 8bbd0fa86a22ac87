"""How it is shown: every form of an answer, and nothing is worked out here.

- ``as_json``: the JSON of all commands, from records by their type.
- ``sheet``, ``lines``, ``words``: the decision sheet, what lies behind its figures, and how it
  is put into words; ``tables``: text tables by rich.
- ``allow``, ``capacity``, ``failures``, ``findings``, ``hubs``, ``latency``, ``mtu``, ``owners``,
  ``rows``, ``sweep``: the text of one command or a few, as lines.
- ``diagram``: pictures of a topology; ``formats``: the files that they are written as.
- ``report``: a fleet as one page, as Markdown and as JSON.

Text comes as lines, so that it can be printed or written; only ``cli`` does either.
"""
