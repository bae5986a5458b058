"""The rows of the catalogue, one table a family."""
