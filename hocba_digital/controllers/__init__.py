from . import print, workbook
