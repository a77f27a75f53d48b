"""The registry: its light half equals its heavy half, and every entry is what it says."""

import importlib.util
import inspect
import json
import resource
from pathlib import Path

import numpy as np
import pytest
import torch

import zoo
from tests.helpers.marks import long_if
from tests.helpers.small_weights import only_from, write_weights
from zoo import registry
from zoo.data import own as own_data
from zoo.errors import BadInput, UnknownName

NAMES = list(registry.index()["models"])
PICTURES = [n for n in NAMES if registry.index()["models"][n]["task"] == "classification"]


@pytest.fixture
def own(monkeypatch):
    """A copy of the table that a test may add to."""
    monkeypatch.setattr(registry, "_ENTRIES", dict(registry._ENTRIES))

    def tiny(num_classes: int = 2) -> torch.nn.Module:
        """Tiny.

        More.
        """
        return torch.nn.Linear(1, num_classes)

    about = {"paper": "p", "input_shape": (1,), "stem": "weight", "head": ""}
    registry.register("tiny_net", **about, task="dream")(tiny)
    return tiny, about


def test_the_index_is_what_the_script_would_write():
    path = Path(zoo.__file__).parents[1] / "scripts" / "write_index.py"
    if not path.exists():
        pytest.skip("not a checkout")
    spec = importlib.util.spec_from_file_location("write_index", path)
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    assert registry.INDEX.read_text(encoding="utf-8") == script.text(), f"run python {path}"


@pytest.fixture(scope="module", params=[long_if(n == "resnet1202", n) for n in PICTURES])
def plain(request):
    """Each classifier as it is without arguments: its entry and its form, without weights."""
    with torch.device("meta"):  # half a gigabyte for VGG otherwise
        return registry.entry(request.param), registry.build(request.param)


def test_every_model_builds_and_has_its_stem_and_head(plain):
    entry, model = plain
    parameters, modules = dict(model.named_parameters()), dict(model.named_modules())
    assert entry.stem in parameters
    if not entry.head:
        assert list(model.get_classifier().parameters()) == []
    else:  # the classifier, then the auxiliary heads, which need not be there
        assert model.get_classifier() is modules[entry.head.split()[0]]


def test_num_classes_changes_the_head_only_and_the_answer_in_the_input_shape(plain):
    entry, model = plain
    heads = tuple(f"{head}." for head in entry.head.split())
    with torch.no_grad(), torch.device("meta"):
        other = entry.build(num_classes=3).eval()
        assert other(torch.zeros(2, *entry.input_shape)).shape == (2, 3)
    names = {key for key, _ in model.named_parameters() if key.startswith(heads)}
    assert changed(model, other) <= names


@pytest.mark.parametrize("name", [name for name in NAMES if name not in PICTURES])
def test_num_classes_changes_the_head_only(name):
    entry = registry.entry(name)
    if "num_classes" not in inspect.signature(entry.build).parameters:
        pytest.skip("takes no num_classes")
    with torch.device("meta"):
        wider = changed(entry.build(num_classes=3), entry.build(num_classes=5))
    assert wider
    assert all(key.startswith(tuple(f"{head}." for head in entry.head.split())) for key in wider)


def test_in_chans_changes_the_stem_only(plain):
    entry, model = plain
    if "in_chans" not in inspect.signature(entry.build).parameters:
        pytest.skip("takes no in_chans")
    with torch.device("meta"):
        other = entry.build(in_chans=entry.input_shape[0] + 1)
    assert changed(model, other) == {entry.stem}


def changed(*models):
    """The names of the parameters whose shapes differ."""
    before, after = ({k: v.shape for k, v in m.named_parameters()} for m in models)
    assert before.keys() == after.keys()
    return {key for key in before if before[key] != after[key]}


@pytest.mark.parametrize("name", NAMES)
def test_every_entry_names_paper_task_and_summary(name):
    entry = registry.entry(name)
    assert entry.paper
    assert importlib.util.find_spec(f"zoo.tasks.{entry.task}")
    assert entry.summary.endswith(".")
    assert entry.build.__name__ == name
    assert len(inspect.signature(entry.build).parameters) <= 8


def test_the_index_counts_parameters():
    assert registry.index()["models"]["lenet5"]["parameters"] == 61_706
    assert registry.index()["models"]["lenet5_1998"]["parameters"] == 60_000
    json.dumps(registry.index())


def test_the_index_says_in_which_form_the_users_data_is_given():
    forms = registry.index()["own_data"]
    assert set(forms) == {about["task"] for about in registry.index()["models"].values()}
    for task, form in forms.items():
        assert "\n" not in form
        assert form in Path(own_data.__file__).with_name(f"{task}.py").read_text()


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("lenet", "lenet5"),
        ("mpl", "mlp"),
        ("Lenet5", "lenet5"),
        ("logistic", "logistic_regression"),
    ],
)
def test_an_unknown_name_is_answered_with_the_near_ones(name, near):
    with pytest.raises(UnknownName, match=f"no model '{name}'; did you mean .*{near}") as error:
        registry.entry(name)
    assert isinstance(error.value, KeyError)


def test_a_name_like_no_other_is_answered_with_what_there_is():
    with pytest.raises(UnknownName, match="there is alexnet, alexnet_owt, "):
        registry.entry("zzzzzz")
    with pytest.raises(UnknownName):
        registry.entry("")


def test_a_wrong_argument_is_an_error_of_the_user():
    with pytest.raises(UnknownName, match="no argument of lenet5 'classes'.*num_classes"):
        registry.build("lenet5", classes=3)
    with pytest.raises(BadInput, match=r"mlp\(activation='gelu'\)"):
        registry.build("mlp", activation="gelu")
    with pytest.raises(BadInput, match="num_classes must be at least 1, got 0"):
        registry.build("lenet5", num_classes=0)
    with pytest.raises(BadInput, match="lenet5"):
        registry.build("lenet5", num_classes=10**13)  # more memory than there is


@pytest.mark.parametrize(
    ("name", "arguments", "said"),
    [
        (
            "lenet5",
            {"num_classes": "3"},
            "='3'.*: num_classes must be a whole number",
        ),
        ("lenet5", {"in_chans": None}, "in_chans must be a whole number"),
        ("lstm", {"hidden_size": 2.5}, "hidden_size must be a whole number"),
        ("mlp", {"dropout": "0.5"}, "dropout must be a number"),
        ("mlp", {"batch_norm": 1}, "batch_norm must be true or false"),
        ("mlp", {"activation": 3}, "activation must be text"),
    ],
)
def test_a_value_of_another_type_is_said_in_our_words(name, arguments, said):
    with pytest.raises(BadInput, match=f"^{name}.*{said}$"):
        registry.build(name, **arguments)


def test_numbers_of_numpy_are_numbers():
    network = registry.build("mlp", num_classes=np.int64(3), dropout=np.float32(0.5))
    assert network.get_classifier().out_features == 3


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("lenet5", {"num_classes": 10**13}),
        ("lenet5", {"num_classes": 10**400}),
        ("mlp", {"hidden_sizes": (10**9,)}),
        ("mlp", {"hidden_sizes": (2,) * 10**6}),
        ("mlp", {"image_size": 10**6}),
        ("lstm", {"vocab_size": 10**12}),
        ("lstm", {"vocab_size": 10, "num_layers": 10**9}),
        ("lstm", {"vocab_size": 10, "hidden_size": 10**8}),
        ("tagger", {"vocab_size": 10**10}),
        ("sentiment", {"embedding_dim": 10**12}),
        ("deep_speech", {"hidden_size": 10**8}),
        ("trigger_word", {"n_mels": 10**12}),
        ("word2vec", {"vocab_size": 10**7, "embedding_dim": 10**7}),
        ("vgg16", {"num_classes": 10**10}),
        ("resnet18", {"in_chans": 10**12}),
    ],
)
def test_a_network_that_no_memory_holds_is_refused_before_it_is_built(name, arguments):
    registry.entry(name)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises((BadInput, UnknownName)) as caught:
        registry.build(name, **arguments)
    assert len(str(caught.value)) < 900
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 300_000  # kB


@pytest.mark.parametrize(
    "name", [long_if(n == "resnet1202", n) for n in NAMES if n not in registry.LARGE]
)
def test_no_network_of_usual_sizes_is_large(name):
    """They are not counted before they are built: a card may ask for 800 MB, and no more."""
    build, largest = registry.entry(name).build, {}
    for argument, about in inspect.signature(build).parameters.items():
        if (usual := registry.USUAL.get(argument)) is not None:
            default = about.default
            size = max(usual, default) if isinstance(default, int) else usual
            listed = isinstance(default, tuple)
            largest[argument] = (usual,) * registry.USUAL_LENGTH if listed else size
    with torch.device("meta"):
        numbers = sum(tensor.numel() for tensor in build(**largest).state_dict().values())
    assert numbers <= registry.MOST_NUMBERS / 5


def test_a_large_network_is_counted_though_its_arguments_are_usual():
    with pytest.raises(BadInput, match="too many to be meant here"):
        registry.build("yolov1", num_classes=4096, hidden_size=1024 * 5)


@pytest.mark.parametrize("name", ["yolov2", "yolov3", "yolov3_tiny"])
def test_as_many_anchors_as_are_not_counted_make_no_large_network(name, monkeypatch):
    anchors = [[n, n] for n in range(1, registry.MOST_ANCHORS + 1)]
    with torch.device("meta"):
        heads = {"yolov2": 0, "yolov3": 3, "yolov3_tiny": 2}[name]
        masks = {"masks": [list(range(len(anchors)))] * heads} if heads else {}
        model = registry.entry(name).build(num_classes=4096, anchors=anchors, **masks)
    assert sum(p.numel() for p in model.parameters()) <= registry.MOST_NUMBERS / 5
    monkeypatch.setattr(registry, "_refuse_huge", None)  # is not called
    with torch.device("meta"):
        registry.build(name, anchors=anchors, **masks)
    with pytest.raises(BadInput, match="'NoneType' object is not callable"):
        registry.build(name, anchors=[*anchors, [1, 1]], **masks)


def test_counting_leaves_the_random_state_and_the_next_network_as_they_were():
    torch.manual_seed(3)
    state = torch.get_rng_state()
    with pytest.raises(BadInput, match="too many to be meant here"):
        registry.build("mlp", 1000, hidden_sizes=(2_000,))
    assert torch.equal(torch.get_rng_state(), state)
    assert sum(p.numel() for p in registry.build("mlp", hidden_sizes=(50,)).parameters()) > 1000


def test_a_name_is_taken_once(own):
    tiny, about = own
    with pytest.raises(ValueError, match="'tiny_net' is registered twice"):
        registry.register("tiny_net", **about)(tiny)
    assert registry.entry("tiny_net").build is tiny


def test_a_model_of_ones_own(own):
    assert zoo.create_model("tiny_net", num_classes=5).out_features == 5
    assert registry.entry("tiny_net").summary == "Tiny."
    assert "tiny_net" in zoo.list_models()
    assert zoo.list_models(task="dream") == ["tiny_net"]
    with pytest.raises(UnknownName, match="tiny_net"):
        registry.entry("tiny_ne")


def test_a_decorated_builder_is_still_the_builder(own):
    from zoo.models.lenet import lenet5

    assert registry.entry("lenet5").build is lenet5


def test_list_models():
    assert zoo.list_models() == sorted(NAMES)
    assert zoo.list_models("lenet*") == ["lenet5", "lenet5_1998"]
    assert zoo.list_models("lenet5") == ["lenet5"]
    assert zoo.list_models("LENET*") == []
    assert zoo.list_models(task="classification", pattern="m*") == ["mlp"]
    assert zoo.list_models(task="none") == []


def test_list_models_with_weights(tmp_path, monkeypatch):
    only_from(tmp_path, monkeypatch)
    assert zoo.list_models(pretrained=True) == []
    write_weights(tmp_path, "logistic_regression")
    assert zoo.list_models(pretrained=True) == ["logistic_regression"]
    assert zoo.list_models("logistic*", pretrained=True) == ["logistic_regression"]


def test_the_public_names():
    assert set(zoo.__all__) == {
        *("Vectors", "card", "create_model", "list_models", "list_weights", "load", "optimize"),
        *("train", "finetune", "evaluate", "export", "transform", "faces", "see", "stylize"),
    }
    assert dir(zoo) == zoo.__all__
    for name in {*zoo.__all__} - {"faces"}:
        assert callable(getattr(zoo, name))
    assert callable(zoo.faces.Book.enroll)  # a module
    with pytest.raises(AttributeError, match="no attribute 'lod'"):
        zoo.lod  # noqa: B018


def test_an_architecture_means_its_default_weights(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("ZOO_WEIGHTS", str(tmp_path / "none"))
    assert registry.weights_meant("mtcnn") == "mtcnn.wider_face"
    for same in ("mtcnn.wider_face", "lenet6", "lenet*", tmp_path, str(tmp_path)):
        assert registry.weights_meant(same) == same
    assert registry.taken("mtcnn").name == "mtcnn.wider_face"
    assert capsys.readouterr().err == "note: mtcnn: its weights mtcnn.wider_face are taken\n"
    assert registry.taken("mtcnn.wider_face").arch == "mtcnn"
    assert capsys.readouterr().err == ""


def test_a_folder_with_a_card_comes_before_an_architecture(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mtcnn").mkdir()  # of pictures, say
    assert registry.weights_meant("mtcnn") == "mtcnn.wider_face"
    (tmp_path / "mtcnn" / "mtcnn.mine.json").write_text("{}")
    assert registry.weights_meant("mtcnn") == "mtcnn"


def test_what_is_not_trained_here():
    registry.refuse_untrained("lenet5")
    with pytest.raises(BadInput, match="mtcnn is not trained here: that takes WIDER FACE"):
        registry.refuse_untrained("mtcnn")
