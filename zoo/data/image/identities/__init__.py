"""Images of identities: people, or characters of an alphabet. Train, dev and test share none."""
