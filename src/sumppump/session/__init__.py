"""What the conversation is about, per symbol; trades themselves live in the journal."""
