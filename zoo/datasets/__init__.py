"""Published data sets, one file each; a function of the set's name reads it."""
