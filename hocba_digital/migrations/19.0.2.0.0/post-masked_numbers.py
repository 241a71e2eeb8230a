"""The discussion of pupils kept whole ID numbers; now the change log alone keeps them."""


def migrate(cr, version):
    """What is in the discussion already shows its last four characters, too."""
    cr.execute(
        """
        UPDATE mail_tracking_value value
           SET old_value_char = regexp_replace(old_value_char, '.(?=.{4})', '•', 'g'),
               new_value_char = regexp_replace(new_value_char, '.(?=.{4})', '•', 'g')
          FROM ir_model_fields field
         WHERE field.id = value.field_id AND field.model = 'hocba.pupil' AND field.name = 'id_number'
        """
    )
