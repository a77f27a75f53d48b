"""Regions of an image: proposed, cut out of maps, classified. What the R-CNN family shares."""
