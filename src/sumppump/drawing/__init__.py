"""Pictures: a value says what stands where, and is drawn as SVG, as PNG or written as a table.

Nothing here knows what an option is. Whoever owns the figures hands them over with their units, the moment
they are of and the environment; a figure that is missing stays a gap.
"""
