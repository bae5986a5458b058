"""The only place that names concrete parts and joins them to a running program."""
