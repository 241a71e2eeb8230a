"""The kind of gateway gets a meaning: what a test gateway accepts no longer counts as reported."""


def migrate(cr, version):
    """Gateways that were really used are real ones, whatever label they had; the size of a transaction is renamed."""
    cr.execute(
        "UPDATE hocba_endpoint SET environment = 'production'"
        " WHERE id IN (SELECT endpoint_id FROM hocba_submission) AND environment IS DISTINCT FROM 'production'"
    )
    cr.execute(
        "SELECT 1 FROM information_schema.columns WHERE table_name = 'hocba_endpoint' AND column_name = 'batch_size'"
    )
    if cr.fetchone():
        cr.execute("ALTER TABLE hocba_endpoint RENAME COLUMN batch_size TO batch_records")
