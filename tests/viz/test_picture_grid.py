"""A sheet of pictures: where they lie, what is empty."""

from PIL import Image

from zoo.viz.picture_grid import LINE, MARGIN, Cell, picture_grid


def test_pictures_lie_in_rows_and_columns():
    red, blue = Image.new("RGB", (40, 20), "red"), Image.new("RGB", (30, 50), "blue")
    sheet = picture_grid([[None, Cell("red", red)], [Cell("blue", blue), Cell("red", red)]])
    assert sheet.size == (3 * MARGIN + 30 + 40, 3 * MARGIN + 2 * LINE + 20 + 50)
    x, y = 2 * MARGIN + 30, MARGIN + LINE
    assert sheet.crop((x, y, x + 40, y + 20)).getcolors() == [(800, (255, 0, 0))]
    y = 2 * MARGIN + 2 * LINE + 20
    assert sheet.crop((MARGIN, y, MARGIN + 30, y + 50)).getcolors() == [(1500, (0, 0, 255))]
    assert sheet.getpixel((MARGIN + 5, MARGIN + LINE + 5)) == (255, 255, 255)


def test_titles_are_written_and_cut_to_their_column():
    image = Image.new("RGB", (40, 20), "red")
    sheet = picture_grid([[Cell("a title that is much too long for this", image), Cell("", image)]])
    above = sheet.crop((MARGIN, 0, MARGIN + 40, MARGIN + LINE)).convert("L")
    assert min(above.tobytes()) < 64
    beside = sheet.crop((MARGIN + 40, 0, sheet.width, MARGIN + LINE)).convert("L")
    assert min(beside.tobytes()) == 255


def test_an_empty_sheet_and_rows_of_other_lengths():
    assert picture_grid([]).size == (MARGIN, MARGIN)
    image = Image.new("RGB", (10, 10))
    assert picture_grid([[Cell("", image)], [Cell("", image), Cell("", image)]]).width == 38
