"""Headlines, articles and scans of the simulated market."""
