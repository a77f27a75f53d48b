"""What predictors take: files, addresses, folders, arrays, video; each medium in one file."""
