"""The one error of the packet layer."""


class PacketError(Exception):
    """A record cannot be written as a packet, or bytes are not an acceptable packet.

    ``code`` is stable and meant for translation tables: required, character, too_long, format, choice, range,
    duplicate, unknown_code, type, encoding, declaration, dtd, comment, processing_instruction, cdata, syntax,
    too_large, too_deep, too_many_elements, duplicate_id, attribute, schema, not_canonical, list, too_many_entries,
    unknown_profile. ``message`` is English and for developers. ``field`` is the attribute of ``RecordData``
    (``pupil_name``, ``subjects[2].comment``) where it is known, else the tag, else None.
    """

    def __init__(self, code: str, message: str, field: str | None = None):
        super().__init__(f"{code}: {message}" + (f" ({field})" if field else ""))
        self.code = code
        self.message = message
        self.field = field

    def __reduce__(self):
        return type(self), (self.code, self.message, self.field)
