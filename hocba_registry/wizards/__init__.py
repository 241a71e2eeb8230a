from . import closing_wizard
