"""The user's photographs with a style."""

from tests.helpers.photographs import photographs, write_folder
from zoo.data.image.photograph_front_end import PhotographFrontEnd
from zoo.data.own.style_transfer import own_data, to_measure


def test_all_of_it_is_divided_and_has_the_style(tmp_path):
    style = photographs(1, seed=9).images[0]
    home = write_folder(tmp_path / "photos", 10)
    data = own_data(home, PhotographFrontEnd(), style, "blobs.png")
    assert (data.name, data.licence, data.style_name) == ("photos", "the user's data", "blobs.png")
    assert [len(part) for part in data.parts().values()] == [8, 1, 1]
    listed, parts, told = to_measure(home, PhotographFrontEnd(), list)
    assert (listed.size, len(parts[""]), told) == (10, 10, [])
