"""Optional subjects are chosen by class; what was taught before counts as chosen (TT 32/2018)."""


def migrate(cr, version):
    """Choose what has results, and take away the empty lines of optional subjects nobody chose; the class, no longer
    the subject's name, says which foreign language it is.
    """
    cr.execute("UPDATE hocba_subject SET name = 'Ngoại ngữ 1' WHERE code = 'NN1' AND name = 'Ngoại ngữ 1 (Tiếng Anh)'")
    cr.execute(
        "INSERT INTO hocba_class_chosen_subject_rel (class_id, subject_id)"
        " SELECT DISTINCT result.class_id, result.subject_id FROM hocba_result result"
        " JOIN hocba_class class ON class.id = result.class_id"
        " JOIN hocba_subject_grade line ON line.subject_id = result.subject_id AND line.grade = class.grade"
        " WHERE line.required IS NOT TRUE AND result.level IS NOT NULL ON CONFLICT DO NOTHING"
    )
    cr.execute(
        "DELETE FROM hocba_result WHERE required IS NOT TRUE AND level IS NULL AND score IS NULL"
        " AND COALESCE(comment, '') = '' AND (class_id, subject_id) NOT IN"
        " (SELECT class_id, subject_id FROM hocba_class_chosen_subject_rel)"
    )
    cr.execute(
        "UPDATE hocba_result result SET required = true FROM hocba_class_chosen_subject_rel chosen"
        " WHERE chosen.class_id = result.class_id AND chosen.subject_id = result.subject_id"
    )
