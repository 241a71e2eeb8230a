"""The one error of hand-over files."""


class TransferError(Exception):
    """Bytes are no acceptable hand-over file or receipt.

    ``code`` is stable: not_zip, too_large, too_many, entry (a name that has no place there, or stands twice), missing,
    encrypted, manifest, digest, packet, pupil, results, receipt, request. ``detail`` names the entry or look-up code
    where there is one.
    """

    def __init__(self, code: str, detail: str = ""):
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail

    def __reduce__(self):
        return type(self), (self.code, self.detail)
