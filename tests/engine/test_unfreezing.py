"""Fine-tuning: what is frozen stands still, byte for byte; rates survive every schedule."""

import os
import signal
import time
from itertools import pairwise

import pytest
import torch
from torch import nn

from tests.helpers import toy
from tests.helpers.forks import started
from zoo import files, registry
from zoo.data.image.augment import shift
from zoo.engine import schedule
from zoo.engine.checkpoint import Checkpoints
from zoo.engine.fit import fit
from zoo.engine.log import Log
from zoo.engine.loop_options import LoopOptions
from zoo.engine.unfreezing import Tuning, Unfreezing
from zoo.errors import BadInput

PLANS = [
    Tuning(),
    Tuning(probe=True),
    Tuning(freeze=2),
    Tuning(head_only=0.25),
    Tuning(head_only=0.1, unfreeze_by=0.8),
    Tuning(freeze=1, unfreeze_by=1.0),
    Tuning(probe=True, head_only=0.3, unfreeze_by=0.5),
]


def blocks_of(model):
    """For each block, the part of the state that is its own: {name: tensor}."""
    names = {id(t): k for k, t in model.state_dict(keep_vars=True).items()}
    found = []
    for block in model.blocks():
        own = [*block.parameters(), *block.buffers()]
        found.append({names[id(t)]: t.detach().clone() for t in own if id(t) in names})
    return found


def tuned(task, plan, steps, *, options=None, lr=lambda step: 0.01, kind=torch.optim.AdamW, **more):
    """Train a toy with ``plan``; the optimizer."""
    unfreezing = Unfreezing(task.model.blocks(), plan, steps)
    optimizer = kind(unfreezing.groups(), lr=0.0, weight_decay=0.1)
    fit(task, optimizer, lr, steps, options=options, unfreezing=unfreezing, **more)
    return optimizer


# ---- what learns when ---------------------------------------------------------------------------


@pytest.mark.parametrize("plan", PLANS)
@pytest.mark.parametrize("blocks", [1, 2, 3, 7, 56])
@pytest.mark.parametrize("steps", [1, 2, 10, 300])
def test_from_the_head_to_the_last_block_that_may(plan, blocks, steps):
    if plan.freeze >= blocks:
        with pytest.raises(BadInput, match=f"the network has {blocks} blocks"):
            plan.check(blocks)
        return
    most = 1 if plan.probe else blocks - plan.freeze
    counts = [plan.learning(step, steps, blocks) for step in range(steps)]
    assert counts == sorted(counts)
    assert min(counts) >= 1
    assert max(counts) <= most
    assert all(n == 1 for step, n in enumerate(counts) if step < plan.head_only * steps)
    late = [
        n for step, n in enumerate(counts) if step >= max(plan.unfreeze_by, plan.head_only) * steps
    ]
    assert set(late) <= {most}


def test_one_block_after_the_other_at_equal_intervals():
    plan = Tuning(head_only=0.2, unfreeze_by=0.8)
    counts = [plan.learning(step, 100, 5) for step in range(100)]
    joins = [counts.index(n) for n in range(1, 6)]
    assert joins == [0, 20, 40, 60, 80]


@pytest.mark.parametrize(
    ("plan", "said"),
    [
        (Tuning(freeze=3), "freeze=3: the network has 3 blocks.*from 0 to 2"),
        (Tuning(freeze=-1), "freeze=-1"),
        (Tuning(layer_decay=0.0), "layer_decay must be above 0"),
        (Tuning(layer_decay=1.1), "at most 1, got 1.1"),
        (Tuning(head_only=-0.1), "head_only is a part of the run, 0 to 1, got -0.1"),
        (Tuning(unfreeze_by=2.0), "unfreeze_by is a part of the run"),
    ],
)
def test_a_number_out_of_range_is_said(plan, said):
    with pytest.raises(BadInput, match=said):
        Unfreezing(toy.task().model.blocks(), plan, 10)


def test_a_head_with_nothing_to_train_is_no_block():
    """LeNet-5's RBF units are fixed: a probe trains what comes before them."""
    model = registry.build("lenet5_1998")
    unfreezing = Unfreezing(model.blocks(), Tuning(probe=True), 10)
    unfreezing.at(0)
    learning = [name for name, p in model.named_parameters() if p.requires_grad]
    assert learning == ["f6.weight", "f6.bias"]


# ---- rates --------------------------------------------------------------------------------------


def test_groups_hold_every_parameter_once_with_its_rate_and_no_decay_on_vectors():
    model = registry.build("resnet20")
    groups = Unfreezing(model.blocks(), Tuning(layer_decay=0.5), 10).groups()
    found = [id(p) for group in groups for p in group["params"]]
    assert sorted(found) == sorted(id(p) for p in model.parameters())
    scale = {id(p): group["scale"] for group in groups for p in group["params"]}
    depths = range(len(model.blocks()) - 1, -1, -1)
    for depth, block in zip(depths, model.blocks(), strict=True):
        assert {scale[id(p)] for p in block.parameters()} == {0.5**depth}
    assert scale[id(model.fc.weight)] == 1
    for group in groups:
        vectors = {p.dim() == 1 for p in group["params"]}
        assert vectors == {"weight_decay" in group}
        assert group.get("weight_decay", 0.0) == 0.0


SCHEDULES = {
    "manual": schedule.manual((3, 0.1), (7, 0.01)),
    "warm_up": schedule.warm_up(over=4, then=schedule.cosine()),
    "staircase": schedule.staircase(factor=0.5, every=3),
}


@pytest.mark.parametrize("name", sorted(schedule.NAMED))
def test_layer_wise_rates_survive_every_schedule(name):
    """In timm, a scheduler of torch's own undoes them silently (timm#2532)."""
    shape, task, seen = SCHEDULES.get(name) or schedule.NAMED[name](), toy.task(), []
    unfreezing = Unfreezing(task.model.blocks(), Tuning(layer_decay=0.5), 10)
    optimizer = torch.optim.SGD(unfreezing.groups(), lr=0.0)
    optimizer.register_step_pre_hook(
        lambda one, *_: seen.append([group["lr"] for group in one.param_groups])
    )
    fit(task, optimizer, lambda step: 0.1 * shape(step, 10), 10, unfreezing=unfreezing)
    scales = [0.25, 0.25, 0.5, 0.5, 1.0, 1.0]  # two hidden layers and the head; two groups each
    assert seen == [[0.1 * shape(step, 10) * s for s in scales] for step in range(10)]


def test_the_rate_is_what_a_block_moves_by():
    task, seen = toy.task(), {}
    unfreezing = Unfreezing(task.model.blocks(), Tuning(layer_decay=0.1), 1)
    before = {k: p.detach().clone() for k, p in task.model.named_parameters()}
    optimizer = torch.optim.SGD(unfreezing.groups(), lr=0.0)
    optimizer.register_step_pre_hook(
        lambda *_: seen.update({k: p.grad.clone() for k, p in task.model.named_parameters()})
    )
    fit(task, optimizer, lambda step: 0.5, 1, unfreezing=unfreezing)
    for block, rate in zip(blocks_of(task.model), (0.005, 0.05, 0.5), strict=True):
        for name in block.keys() & before.keys():
            assert torch.allclose(before[name] - block[name], rate * seen[name], atol=1e-6), name


# ---- what is frozen -----------------------------------------------------------------------------

ROUNDS = LoopOptions(ema=0.9, clip=1.0, accumulate=2, log_every=3, evaluate_every=2, patience=50)


@pytest.mark.parametrize("options", [None, ROUNDS], ids=["plain", "with everything"])
@pytest.mark.parametrize("kind", [torch.optim.AdamW, torch.optim.SGD, torch.optim.RMSprop])
def test_frozen_blocks_stay_byte_equal_through_training_and_evaluation(options, kind):
    """Weights, running statistics and their counter; weight decay is on, dropout and norm too."""
    task = toy.task()
    before = blocks_of(task.model)
    assert "layers.1.num_batches_tracked" in before[0]
    tuned(task, Tuning(freeze=1), 8, options=options, kind=kind)
    after = blocks_of(task.model)
    assert toy.same(before[0], after[0])
    assert not any(torch.equal(before[1][k], after[1][k]) for k in before[1])
    assert not any(torch.equal(before[2][k], after[2][k]) for k in before[2])


def test_frozen_batch_norm_of_a_residual_network():
    torch.manual_seed(0)
    task = toy.task()
    task.model = model = registry.build("resnet20", num_classes=4, in_chans=1)
    before = blocks_of(model)
    tuned(task, Tuning(freeze=7), 3, options=LoopOptions(evaluate_every=1))
    after = blocks_of(model)
    changed = [not toy.same(a, b) for a, b in zip(before, after, strict=True)]
    assert changed == [False] * 7 + [True] * 4
    counts = [int(v) for k, v in model.state_dict().items() if k.endswith("num_batches_tracked")]
    assert counts == [0] * 13 + [3] * 6


def test_a_probe_changes_the_head_only():
    task = toy.task()
    before = toy.weights(task.model)
    tuned(task, Tuning(probe=True), 6, options=LoopOptions(evaluate_every=2))
    after = toy.weights(task.model)
    assert {k for k in after if not torch.equal(before[k], after[k])} == {
        "output.weight",
        "output.bias",
    }


def test_gradual_unfreezing_step_by_step():
    """A block starts to change, and its statistics to count, at the step that unfreezes it."""
    task, seen = toy.task(), []
    plain = task.loss
    task.loss = lambda batch: seen.append(blocks_of(task.model)) or plain(batch)
    optimizer = tuned(task, Tuning(head_only=0.25, unfreeze_by=0.5), 12)
    seen.append(blocks_of(task.model))
    moved = [
        [not toy.same(a, b) for a, b in zip(now, then, strict=True)] for now, then in pairwise(seen)
    ]
    head, two, all_of_them = [False, False, True], [False, True, True], [True, True, True]
    assert moved == [head] * 3 + [two] * 3 + [all_of_them] * 6
    assert seen[-1][0]["layers.1.num_batches_tracked"] == 6
    assert seen[-1][1]["layers.5.num_batches_tracked"] == 9
    steps = {int(optimizer.state[p]["step"]) for p in task.model.layers[0].parameters()}
    assert steps == {6}  # Adam's bias correction begins when the block does


def test_dropout_of_frozen_blocks_is_off_and_no_gradient_is_made():
    task, seen = toy.task(), []
    plain, layers = task.loss, task.model.layers

    def loss(batch):
        frozen = [layers[i] for i in range(4)]
        seen.append(any(m.training for m in frozen) or any(p.grad is not None for p in some))
        assert all(layers[i].training for i in range(4, 8))
        return plain(batch)

    some = [layers[0].weight, layers[1].weight, layers[1].bias]
    task.loss = loss
    tuned(task, Tuning(freeze=1), 6, options=LoopOptions(evaluate_every=1, accumulate=2))
    assert seen == [False] * 12
    assert isinstance(layers[3], nn.Dropout)


@pytest.mark.parametrize("fails", [False, True])
def test_the_network_is_given_back_as_it_came(fails):
    task = toy.task()
    if fails:
        task.evaluate = lambda split="dev": 1 / 0
        with pytest.raises(ZeroDivisionError):
            tuned(task, Tuning(probe=True), 2)
    else:
        tuned(task, Tuning(probe=True), 2)
    assert all(p.requires_grad for p in task.model.parameters())
    assert all(m.training for m in task.model.modules())


def test_what_the_model_itself_holds_fixed_stays_so():
    task = toy.task()
    task.model.layers[4].weight.requires_grad_(False)
    before = task.model.layers[4].weight.clone()
    tuned(task, Tuning(head_only=0.5), 6)
    assert torch.equal(task.model.layers[4].weight, before)
    assert not task.model.layers[4].weight.requires_grad


def test_a_plan_that_freezes_nothing_changes_nothing():
    """The same bits as without one, when rates and decay are the same."""
    ours, bare = toy.task(), toy.task()
    for task in (ours, bare):
        torch.manual_seed(5)
        if task is ours:
            unfreezing = Unfreezing(task.model.blocks(), Tuning(), 8)
            fit(
                task,
                torch.optim.Adam(unfreezing.groups()),
                lambda step: 0.01,
                8,
                unfreezing=unfreezing,
            )
        else:
            fit(task, torch.optim.Adam(task.model.parameters()), lambda step: 0.01, 8)
    assert toy.same(toy.weights(ours.model), toy.weights(bare.model))


# ---- resumed ------------------------------------------------------------------------------------

STEPS = 24
GRADUAL = Tuning(layer_decay=0.6, head_only=0.2, unfreeze_by=0.7)  # joins at steps 5 and 17
KEPT = LoopOptions(ema=0.95, clip=1.0, log_every=7, evaluate_every=5, save_every=3, patience=50)


def run(folder, stop=None):
    """A run with everything on; ``stop`` is called with the number of each loss in this process."""
    task, calls = toy.task(augment=shift(1), balance=True), []
    torch.manual_seed(11)
    plain = task.loss

    def loss(batch):
        calls.append(1)
        if stop:
            stop(len(calls))
        return plain(batch)

    task.loss = loss
    with Checkpoints(folder / "checkpoints") as checkpoints:
        tuned(
            task,
            GRADUAL,
            STEPS,
            options=KEPT,
            lr=lambda step: 0.02 * schedule.one_cycle()(step, STEPS),
            checkpoints=checkpoints,
            log=Log(folder / "log.jsonl"),
        )
    return toy.weights(task.model)


@pytest.fixture(scope="module")
def straight(tmp_path_factory):
    folder = tmp_path_factory.mktemp("straight")
    return run(folder), folder


def assert_same_run(folder, straight):
    weights, reference = straight
    assert toy.same(run(folder), weights)
    assert (folder / "log.jsonl").read_bytes() == (reference / "log.jsonl").read_bytes()
    name = f"checkpoints/step-{STEPS:09d}.safetensors"
    assert files.sha256(folder / name) == files.sha256(reference / name)


@pytest.mark.parametrize("at", [4, 5, 7, 12, 17, 18, 23])
def test_stopped_while_unfreezing_and_resumed_is_bit_identical(tmp_path, straight, at):
    def stop(number):
        if number == at:
            raise ArithmeticError

    with pytest.raises(ArithmeticError):
        run(tmp_path, stop)
    assert_same_run(tmp_path, straight)


def slow_run(folder):
    run(folder, lambda number: time.sleep(0.02))


def test_killed_while_unfreezing_and_resumed_is_bit_identical(tmp_path, straight):
    process = started(slow_run, tmp_path)
    while not list(tmp_path.glob("checkpoints/step-*6.json")) and process.is_alive():
        time.sleep(0.002)
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    assert process.exitcode == -signal.SIGKILL
    assert_same_run(tmp_path, straight)
