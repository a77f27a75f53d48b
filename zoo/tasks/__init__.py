"""One file per kind of problem: model + data + loss + score + prediction."""
