"""A figure as an image."""

from PIL import Image

from zoo.viz.curves import image_of_figure, new_figure, save


def line():
    figure, axes = new_figure(1, 1, width=3, height=2)
    axes.plot([0, 1], [1, 0])
    return figure


def test_a_figure_as_an_image_is_what_is_saved(tmp_path):
    save(line(), tmp_path / "a.png")
    image = image_of_figure(line())
    with Image.open(tmp_path / "a.png") as saved:
        assert image.size == saved.size
        assert image.tobytes() == saved.convert("RGB").tobytes()
