"""Schools that wrote their province as text get the province of that name."""


def migrate(cr, version):
    """Match the text with full or short names of the provinces that exist; other text stays as it is."""
    cr.execute(
        "UPDATE res_company company SET hocba_province_id = province.id FROM hocba_province province"
        " WHERE company.hocba_province_id IS NULL AND province.valid_to IS NULL"
        " AND lower(trim(company.hocba_province)) IN (lower(province.full_name), lower(province.name))"
    )
