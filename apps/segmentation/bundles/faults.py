"""What is wrong with a segmenter of the site's own, in words for who administers it; pure."""

from apps.saying import Sentence


class Faulty(Exception):
    """It can't be used; `text` says why, and what to do."""

    def __init__(self, text: Sentence) -> None:
        super().__init__(text)
        self.text = text
