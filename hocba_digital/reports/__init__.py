from . import print_service
