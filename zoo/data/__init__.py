"""What reads, augments and batches examples, by medium, and the user's data (zoo/data/own)."""
