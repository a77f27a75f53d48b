"""The Olivetti faces: people are divided; both forms give the same; the real ones."""

import numpy as np
import pytest
import scipy.io
import torch

from zoo.datasets import olivetti as module
from zoo.datasets.olivetti import olivetti
from zoo.errors import BadFile, BadInput, Missing
from zoo.files import sha256


def pictures():
    """(400, 64, 64) uint8: a ramp, not symmetric, with the person's number in a corner."""
    row, column = np.mgrid[:64, :64]
    people = np.arange(400) // 10
    images = np.broadcast_to((2 * row + column) % 200, (400, 64, 64)).astype(np.uint8).copy()
    images[:, 0, 0] = people
    images[:, 0, 1] = np.arange(400) % 10
    return images


def columns(images):
    """As olivettifaces.mat has them: (4096, 400), column after column of each picture."""
    return images.transpose(0, 2, 1).reshape(400, 4096).T


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("ZOO_DATA", str(tmp_path))
    (tmp_path / "olivetti").mkdir()
    return tmp_path / "olivetti"


def write_mat(folder, monkeypatch, **arrays):
    path = folder / "olivettifaces.mat"
    scipy.io.savemat(path, arrays)
    monkeypatch.setattr(module, "SHA256", sha256(path))
    return path


def test_people_are_divided_not_pictures(folder):
    np.savez(folder / "faces.npz", images=pictures())
    data = olivetti()
    assert [len(part) for part in data.parts().values()] == [250, 50, 100]
    people = [set(part.pixels[:, 0, 0, 0].tolist()) for part in data.parts().values()]
    assert people == [set(range(25)), set(range(25, 30)), set(range(30, 40))]
    assert data.test.classes[0] == "person 31"
    for part in data.parts().values():
        counts = part.labels.bincount().tolist()
        assert counts == [10] * len(part.classes)
        numbers = part.pixels[:, 0, 0, 0]
        assert numbers.equal((part.labels + numbers[0]).to(torch.uint8))


def test_the_mat_and_the_npz_give_the_same(folder, monkeypatch):
    np.savez(folder / "faces.npz", images=pictures())
    expected = olivetti(32)
    (folder / "faces.npz").unlink()
    write_mat(folder, monkeypatch, faces=columns(pictures()), p=np.ones((1, 40)))
    assert olivetti(32).digest() == expected.digest()
    assert olivetti().train.pixels[13, 0].numpy().tolist() == pictures()[13].tolist()
    path = write_mat(folder, monkeypatch, faces=columns(pictures()).astype(float))
    assert olivetti(32).digest() == expected.digest()
    monkeypatch.setattr(module, "SHA256", "0" * 64)
    monkeypatch.setattr(module, "ROWEIS", sha256(path)[:8])  # the file of his own page
    assert olivetti(32).digest() == expected.digest()


def test_pixels_are_what_the_front_end_makes_of_a_picture(folder):
    np.savez(folder / "faces.npz", images=pictures())
    data = olivetti(28)
    assert data.front_end.pixels(pictures()[300]).equal(data.test.pixels[0])


def test_what_is_missing_or_damaged_is_said(folder, monkeypatch):
    monkeypatch.setattr(module, "URL", "https://localhost:1/5976027")
    monkeypatch.setattr("zoo.download.TRIES", 1)
    with pytest.raises(Missing, match=f"put that file at {folder}/olivettifaces.mat"):
        olivetti()
    with pytest.raises(BadInput, match="size must be 1 to 64 pixels, got 65"):
        olivetti(65)
    path = write_mat(folder, monkeypatch, faces=columns(pictures())[:, :399])
    with pytest.raises(BadFile, match=r"olivettifaces\.mat is damaged: faces is \(4096, 399\)"):
        olivetti()
    write_mat(folder, monkeypatch, faces=columns(pictures()) + 0.5)
    with pytest.raises(BadFile, match="no whole numbers"):
        olivetti()
    for data in (path.read_bytes()[:5000], b"no file of MATLAB's", b""):
        path.write_bytes(data)
        monkeypatch.setattr(module, "SHA256", sha256(path))
        with pytest.raises(BadFile, match=r"olivettifaces\.mat is damaged"):
            olivetti()
    for odd in (pictures()[:399], pictures().astype(int)):
        np.savez(folder / "faces.npz", images=odd)
        with pytest.raises(BadFile, match=r"faces\.npz has .*, expected uint8 \(400, 64, 64\)"):
            olivetti()
    np.savez(folder / "faces.npz", faces=pictures())
    with pytest.raises(BadFile, match=r"faces\.npz is damaged"):
        olivetti()


def test_the_real_faces(zoo_data, monkeypatch):
    monkeypatch.setenv("ZOO_DATA", str(zoo_data))
    if not (zoo_data / "olivetti").is_dir():
        pytest.skip("no olivetti in ZOO_DATA")
    data = olivetti()
    flat = data.test.pixels.flatten(1).float() / 255
    apart = torch.cdist(flat, flat) ** 2
    same = data.test.labels[:, None] == data.test.labels
    assert apart[~same].mean() > 1.5 * apart[same].mean()
    middle = data.test.pixels[:, 0].float().mean(0)
    left_is_right = (middle - middle.flip(1)).abs().mean()
    assert left_is_right < 0.5 * (middle - middle.flip(0)).abs().mean()  # upright
