"""What all recipes share: the contract, its two implementations, the run itself."""
