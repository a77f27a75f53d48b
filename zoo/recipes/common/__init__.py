"""What all recipes are made of: the contract, its two kinds, how a run goes."""
