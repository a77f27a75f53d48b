"""What a network that compares faces or characters is trained with; ``named`` finds each by name.

Notes: course 4, week 4, "Triplet Loss", "Face Verification and Binary Classification".
"""
