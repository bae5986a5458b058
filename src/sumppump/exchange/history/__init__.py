"""Bars, schedules and paces of the past, made from the paths and trades of the market."""
