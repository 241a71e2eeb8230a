"""What was entered as "promoted" for pupils who did not complete becomes the head's decision (TT 27, Art. 11.1c).

Before the new columns are computed: what follows from the results is then computed from these decisions.
"""


def migrate(cr, version):
    """Take over decisions, and reasons that were not asked for then."""
    cr.execute(
        "ALTER TABLE hocba_assessment ADD COLUMN IF NOT EXISTS promotion_decision varchar,"
        " ADD COLUMN IF NOT EXISTS promotion_reason text"
    )
    cr.execute(
        "UPDATE hocba_assessment SET promotion_decision = promoted,"
        " promotion_reason = 'Đã ghi trước khi có quyết định kèm lý do.'"
        " WHERE class_completed = 'no' AND promoted IN ('yes', 'no') AND promotion_decision IS NULL"
    )
    cr.execute(
        "UPDATE hocba_assessment SET overall_reason = 'Đã ghi trước khi bắt buộc nêu lý do.'"
        " WHERE overall_manual IS NOT NULL AND btrim(COALESCE(overall_reason, '')) = ''"
    )
