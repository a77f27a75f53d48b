"""Neural style transfer by optimisation: a picture is trained, the network stays as it is."""
