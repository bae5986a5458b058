"""The strategy family of tools: drafts and candidates; nothing is sent from here."""
