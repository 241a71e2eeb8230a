"""What the conformance suites are made of; needs neither Odoo nor a database."""
