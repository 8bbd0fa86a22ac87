"""What a topology comes to: cost, limits, failures, latency, MTU, each for itself."""
