from . import print_service, book_service, summary_service
