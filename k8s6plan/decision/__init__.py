"""What to do about it: metrics, comparison, baseline, sweeps, hubs."""
