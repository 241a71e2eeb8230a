"""What an edited copy may change: every combination of the file, the software and the values at export."""

import hocba_workbook as workbook
from hocba_workbook import Decision
from hypothesis import given
from hypothesis import strategies as st

VALUES = st.sampled_from([None, "T", "H", "C"])


@given(VALUES, VALUES, VALUES)
def test_a_cell_nobody_edited_changes_nothing(old, stored, other):
    assert workbook.decide(old, stored, old, remembered=True) is Decision.KEEP
    assert workbook.decide(None, stored, other, remembered=False) is Decision.KEEP


@given(VALUES, VALUES, VALUES)
def test_nothing_is_overwritten_that_somebody_else_changed(new, stored, old):
    decision = workbook.decide(new, stored, old, remembered=True)
    if decision is Decision.CHANGE:
        assert stored == old and new is not None
    if new not in (stored, old) and stored != old:
        assert decision is Decision.CONFLICT


@given(VALUES, VALUES)
def test_an_edited_cell_of_a_fresh_file_goes_in(new, stored):
    decision = workbook.decide(new, stored, stored, remembered=True)
    expected = Decision.KEEP if new == stored else Decision.CLEARED if new is None else Decision.CHANGE
    assert decision is expected
