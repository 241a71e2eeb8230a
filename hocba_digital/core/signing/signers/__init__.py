"""Keys that sign, one file a kind; the interface is in ``port``.

``pkcs11`` and ``csc`` are imported by whoever uses them: they need libraries that a verifier does without.
"""

from .pkcs12 import Pkcs12Signer
from .port import Answer, Signer
