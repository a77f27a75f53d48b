"""What ``zoo.load`` gives: raw input to a typed result; one file per task word."""
