"""Days with trouble in them that come with the program, one file each."""
