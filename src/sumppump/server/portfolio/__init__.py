"""The portfolio family of tools: what is held, what the account is worth, what could be lost."""
