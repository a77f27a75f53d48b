"""What verification needs beside its predictor: answers, pairs, the faces in a photo."""
