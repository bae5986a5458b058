"""What the market does, pure functions of seed and time: paths, smiles, quotes, trades."""
