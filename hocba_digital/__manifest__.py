{
    "name": "Digital School Record (Học bạ số)",
    "version": "19.0.1.0.0",
    "category": "Education",
    "summary": "Create, sign, print, report and lock the digital record of Vietnam's primary schools",
    "author": "hocba_digital developers",
    "license": "LGPL-3",
    "depends": ["base_setup", "mail", "portal", "web"],
    "external_dependencies": {
        "python": ["lxml", "cryptography", "pyhanko", "qrcode", "requests", "openpyxl", "pypdf", "reportlab"]
    },
    "data": [
        "security/groups.xml",
        "security/ir.model.access.csv",
        "security/rules.xml",
        "data/ethnicities.xml",
        "data/subjects.xml",
        "data/cron.xml",
    ],
    "application": True,
    "installable": True,
}
