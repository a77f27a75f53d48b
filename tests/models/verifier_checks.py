"""What holds for every network that verifies (zoo/nn/verifier.py); each one's tests call it."""

import torch

from zoo.nn.verifier import Verifier


def check_verifier(model, images: torch.Tensor) -> None:
    """Check the interface of ``model`` on normalised ``images`` (N >= 3, C, S, S)."""
    assert isinstance(model, Verifier)
    model.eval()
    with torch.no_grad():
        vectors = model(images)
        assert vectors.shape == (len(images), model.embedding_dim)
        assert images.shape[2:] == (model.image_size, model.image_size)
        alone = torch.cat([model(image[None]) for image in images])
        torch.testing.assert_close(vectors, alone, atol=1e-5, rtol=1e-5)
        table = model.dissimilarity(vectors, vectors[:2])
        assert table.shape == (len(images), 2)
        for column in range(2):
            other = vectors[column].expand_as(vectors)
            expected = model.pairwise(vectors, other)
            torch.testing.assert_close(table[:, column], expected, atol=1e-5, rtol=1e-5)
        torch.testing.assert_close(
            model.dissimilarity(vectors[:2], vectors).T, table, atol=1e-5, rtol=1e-5
        )  # a is as unlike b as b is unlike a
        own = model.pairwise(vectors, vectors)
        assert (own[:2, None] <= table[:2] + 1e-5).all()  # nothing is more alike than itself
    parts = [p for block in model.blocks() for p in block.parameters()]
    assert len({*map(id, parts)}) == len(parts) == len(list(model.parameters()))
