"""The table has its rows and columns; the peer and ours compute the same loss."""

import torch
import torch.nn.functional as F

from zoo.bench.language_model import HEAD, Plain, run
from zoo.models.language_model import lstm


def test_rows_and_columns():
    rows = list(run(1, words=(50, 80), units=20))
    assert [row.words for row in rows] == [50, 80, 80]
    assert all(len(row.cells()) == len(HEAD) for row in rows)
    assert all(row.ours > 0 and row.times > 0 for row in rows)


def test_the_peer_is_the_same_network():
    peer = Plain(50, 12).eval()
    ours = lstm(vocab_size=50, embedding_dim=12, hidden_size=12, num_layers=2, dropout=0.5).eval()
    assert sum(p.numel() for p in peer.parameters()) == sum(p.numel() for p in ours.parameters())
    ours.embedding.load_state_dict(peer.encoder.state_dict())
    ours.output.load_state_dict(peer.decoder.state_dict())
    for number, layer in enumerate(ours.layers):
        mine = {k: getattr(peer.rnn, k.replace("_l0", f"_l{number}")) for k in layer.state_dict()}
        layer.load_state_dict({k: v.detach() for k, v in mine.items()})
    words = peer.chunk
    with torch.no_grad():
        outputs, _ = peer.rnn(peer.encoder(words[:-1]))
        theirs = F.cross_entropy(peer.decoder(outputs).flatten(0, 1), words[1:].flatten())
        losses, _ = ours(words[:-1].t(), None, words[1:].t())
    assert torch.allclose(losses.mean(), theirs, atol=1e-6)
