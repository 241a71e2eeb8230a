"""What can go wrong while printing."""


class PrintError(Exception):
    """Nothing was printed. ``code``: engine_missing, engine_failed, font_missing, incomplete; ``keys``: the records
    concerned, in the order of printing; ``names``: what people call them. The message is for the server's log.
    """

    def __init__(self, code: str, message: str, keys: tuple[str, ...] = (), names: tuple[str, ...] = ()):
        super().__init__(message)
        self.code = code
        self.keys = keys
        self.names = names
