"""A small picture for an object without an image: a card with its modality."""

from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

SIDE = 256
BACKGROUND = (24, 32, 44)
FOREGROUND = (150, 170, 195)


def draw_card(text: str) -> bytes:
    """A JPEG of 256 x 256 pixels with up to eight characters in its middle."""
    image = Image.new("RGB", (SIDE, SIDE), BACKGROUND)
    draw = ImageDraw.Draw(image)
    draw.rounded_rectangle((48, 48, SIDE - 48, SIDE - 48), radius=12, outline=FOREGROUND, width=3)
    shown = text[:8].encode("ascii", "replace").decode()
    draw.text((SIDE / 2, SIDE / 2), shown, fill=FOREGROUND, font=ImageFont.load_default(44), anchor="mm")
    stream = BytesIO()
    image.save(stream, "JPEG", quality=85)
    return stream.getvalue()
