"""The limits on what can really be lost, judged on fresh numbers and failing closed."""
