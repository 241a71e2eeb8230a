"""The one error of the signing layer."""


class SigningError(Exception):
    """A signature cannot be made.

    ``code`` is stable and meant for translation tables: wrong_password, bad_key_file, no_key, weak_key, key_mismatch,
    not_person, not_organisation, id_number, id_mismatch, certificate_expired, certificate_not_yet_valid, key_usage,
    unknown_role, role_signed, role_order, target, not_canonical, time, signer; from keys that are elsewhere also
    wrong_pin, pin_locked, wrong_otp, token_missing, key_missing, token_failed, service_unreachable, service_refused,
    too_many, approval_needed, approval_refused, approval_expired. ``message`` is English and for developers.
    ``index`` is the position of the packet in the call where one packet is to blame, else None.
    """

    def __init__(self, code: str, message: str, index: int | None = None):
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.index = index

    def __reduce__(self):
        return type(self), (self.code, self.message, self.index)
