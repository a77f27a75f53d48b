"""Every architecture, one file per paper; importing a file here registers its models."""
