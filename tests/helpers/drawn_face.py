"""A face that is drawn, so that tests need no photograph; mtcnn.wider_face finds it."""

from PIL import Image, ImageDraw, ImageFilter

EYES, NOSE, MOUTH = ((82, 95), (118, 95)), (100, 123), ((83, 142), (117, 142))
FIVE = (*EYES, NOSE, *MOUTH)  # x y in the picture
BOX = (58, 50, 142, 172)


def drawn_face(ground: tuple[int, int, int] = (90, 110, 140)) -> Image.Image:
    """200 x 200 pixels with one face."""
    image = Image.new("RGB", (200, 200), ground)
    pen = ImageDraw.Draw(image)
    pen.ellipse((50, 30, 150, 170), fill=(60, 40, 25))  # hair
    pen.ellipse(BOX, fill=(224, 180, 150))
    for x, y in EYES:
        pen.line((x - 11, y - 11, x + 11, y - 13), fill=(70, 45, 30), width=4)
        pen.ellipse((x - 9, y - 5, x + 9, y + 5), fill=(245, 245, 245))
        pen.ellipse((x - 5, y - 5, x + 5, y + 5), fill=(40, 30, 30))
    pen.line((100, 95, 96, 122), fill=(190, 140, 115), width=4)
    pen.line((94, 124, 106, 124), fill=(150, 95, 80), width=4)
    pen.ellipse((82, 136, 118, 148), fill=(170, 70, 70))
    pen.line((84, 142, 116, 142), fill=(90, 30, 30), width=2)
    return image.filter(ImageFilter.GaussianBlur(2))


def scene(*places: tuple[int, int], size: tuple[int, int] = (420, 260)) -> Image.Image:
    """A picture with the face at each place (left, top), perhaps beyond the border."""
    picture = Image.new("RGB", size, (90, 110, 140))
    for place in places:
        picture.paste(drawn_face(), place)
    return picture
