from . import file_check, print, signed_pdf, workbook
from . import packet
from . import lookup
from . import copy_check
from . import portal
from . import transfer
from . import json2
