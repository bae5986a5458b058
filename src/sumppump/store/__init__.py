"""Journal, audit log, lock, kill flag, inbox and pictures: files that only their owner can read."""
