"""The plain sides of ``zoo bench predict``, one file for each task: zoo/bench/common/case.py."""
