"""Put a certificate into a PKCS#11 token: LIBRARY TOKEN PIN ID LABEL FILE; a library loads once a process."""

import sys
from pathlib import Path

import pkcs11
from pkcs11.util.x509 import decode_x509_certificate

library, token, pin, key_id, label, path = sys.argv[1:]
with pkcs11.lib(library).get_token(token_label=token).open(user_pin=pin, rw=True) as session:
    attributes = decode_x509_certificate(Path(path).read_bytes())
    session.create_object(
        attributes
        | {
            pkcs11.Attribute.ID: bytes.fromhex(key_id),
            pkcs11.Attribute.LABEL: label,
            pkcs11.Attribute.TOKEN: True,
        }
    )
