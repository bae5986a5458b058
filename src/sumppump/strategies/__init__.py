"""Named option strategies: a catalogue as a table, and building them from listed contracts."""
