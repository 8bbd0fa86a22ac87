"""Addresses: free space, lengths, ULA prefixes, overlaps. The only place that knows netaddr."""
