"""Odd files, hostile cards and odd field values by the hundred: one line and exit code 2, or right.

    python -m tests.odd --seed 0 --count 400        prints counts, and each case that fails

No traceback, no hang, no more than 2 GB, exit code 0 or 2, no control characters on the terminal.
tests/test_odd_inputs.py runs a small sample; the whole is marked ``long``.
"""
