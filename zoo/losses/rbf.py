"""The loss of LeNet-5 (1998). Proof: tests/losses/test_rbf.py."""

import torch
from torch import Tensor


def map_loss(logits: Tensor, labels: Tensor, j: float = 10.0) -> Tensor:
    """Maximum a posteriori criterion of LeCun et al. 1998, eq. 9, averaged over the batch.

    E = y_D + log(exp(-j) + sum_i exp(-y_i)): the penalty of the right class goes down, those of
    the wrong ones go up until they pass ``j``, the penalty of a "rubbish" class. The paper calls j
    a positive constant and gives no value.

    Args:
        logits: (N, K), the penalties with the sign changed, -y.
        labels: (N,) right classes D.
    """
    rubbish = logits.new_full((len(logits), 1), -j)
    right = logits.gather(1, labels[:, None]).squeeze(1)
    return (torch.cat([logits, rubbish], dim=1).logsumexp(1) - right).mean()
