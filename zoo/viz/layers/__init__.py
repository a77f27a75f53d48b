"""What the layers of a convolutional network see.

Notes: course 4, week 4, "What are deep ConvNets learning?".
"""
