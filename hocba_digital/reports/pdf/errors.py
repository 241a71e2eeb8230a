"""What can go wrong while printing."""


class PrintError(Exception):
    """Nothing was printed. ``code``: engine_missing, engine_failed, font_missing, incomplete; ``keys``: the records
    concerned, in the order of printing.
    """

    def __init__(self, code: str, message: str, keys: tuple[str, ...] = ()):
        super().__init__(message)
        self.code = code
        self.keys = keys
