"""A segment whose definition can't be used matches nobody, says why, and is mended when it can be used again."""

from __future__ import annotations

import pytest

from coterie.filters import tree
from coterie.filters.errors import InvalidFilter
from coterie.filters.fields import FieldType
from coterie.people.attributes import change_attribute_type, create_attribute, delete_attribute
from coterie.segments import actions, queries
from coterie.segments.models import Segment
from tests.segments.conftest import Stage
from tests.segments.test_membership import steps, told
from tests.support.lookup import attribute_ids

pytestmark = pytest.mark.server


def reason(stage: Stage, segment: Segment, who: str = "alice") -> str | None:
    return queries.view(stage.access(who), segment.public_id).broken_reason


def code(stage: Stage, segment: Segment) -> str:
    return queries.view(stage.access(), segment.public_id).row.broken_code


def drop(stage: Stage, key: str) -> None:
    delete_attribute(stage.workspace, attribute_ids(stage.workspace)[key])


def test_it_works(stage: Stage) -> None:
    ada, bob = stage.put("ada", plan="pro"), stage.put("bob")
    pro = stage.dynamic("Pro", 'plan is "pro"')
    free = stage.dynamic("Free", 'plan is not "pro"')
    stage.settle()
    assert (stage.members(pro), stage.members(free)) == ({ada}, {bob})
    drop(stage, "plan")
    stage.settle()
    for segment in (pro, free):
        # A negative condition on a field that is gone is nobody too, never everyone.
        assert segment.public_id not in stage.index.named
        assert "plan" in (reason(stage, segment) or "")
        assert code(stage, segment) == "filter_fault"
        assert queries.view(stage.access(), segment.public_id).size == 0
    who, entered, cause, ref = told(stage, free)[-1]
    assert (who, entered, cause, ref.partition(": ")[0]) == (bob, False, "broken", "filter_fault")
    stage.restart()
    assert reason(stage, pro)
    assert pro.public_id not in stage.index.named


def test_what_uses_a_broken_segment_is_broken(stage: Stage) -> None:
    stage.put("ada", plan="pro")
    bob = stage.put("bob")
    stage.dynamic("Pro", 'plan is "pro"')
    rest = stage.dynamic("Rest", 'not in segment "Pro"')
    top = stage.dynamic("Top", 'in segment "Rest"')
    stage.settle()
    assert stage.members(top) == {bob}
    drop(stage, "plan")
    stage.settle()
    assert reason(stage, rest) == 'It uses the segment "Pro", which is broken.'
    assert reason(stage, top) == 'It uses the segment "Rest", which is broken.'
    assert code(stage, top) == "uses_broken"
    assert stage.index.named == {}


def test_a_deleted_segment_breaks_what_uses_it(stage: Stage) -> None:
    ada = stage.put("ada")
    inner = stage.static("Inner", [])
    outer = stage.dynamic("Outer", 'not in segment "Inner"')
    stage.settle()
    assert stage.members(outer) == {ada}
    actions.delete_segment(stage.access(), inner.public_id, force=True)
    stage.settle()
    assert reason(stage, outer) == "It uses a segment that was deleted."
    assert steps(stage, outer) == [(ada, True), (ada, False)]


def test_a_new_definition_mends(stage: Stage) -> None:
    ada = stage.put("ada", plan="pro")
    pro = stage.dynamic("Pro", 'plan is "pro"')
    top = stage.dynamic("Top", 'in segment "Pro"')
    stage.settle()
    drop(stage, "plan")
    stage.settle()
    stage.redefine(pro, "everyone")
    stage.settle()
    assert (reason(stage, pro), reason(stage, top)) == (None, None)
    assert stage.members(top) == {ada}
    assert steps(stage, top) == [(ada, True), (ada, False), (ada, True)]


def test_a_field_that_comes_back_mends(stage: Stage) -> None:
    ada = stage.put("ada", plan="pro")
    pro = stage.dynamic("Pro", 'plan is "pro"')
    stage.settle()
    drop(stage, "plan")
    stage.settle()
    assert pro.public_id not in stage.index.named
    create_attribute(stage.workspace, key="plan", type=FieldType.TEXT)
    stage.settle()
    assert reason(stage, pro) is None
    assert stage.members(pro) == {ada}


def test_a_field_that_comes_back_has_its_values(stage: Stage) -> None:
    """Those of people who were written meanwhile too."""
    ada = stage.put("ada", plan="pro")
    pro = stage.dynamic("Pro", 'plan is "pro"')
    stage.settle()
    drop(stage, "plan")
    stage.put("ada", city="Rome")
    stage.settle()
    create_attribute(stage.workspace, key="plan", type=FieldType.TEXT)
    stage.settle()
    assert stage.members(pro) == {ada}


def test_a_type_that_changes_breaks(stage: Stage) -> None:
    stage.put("ada", score=5)
    high = stage.dynamic("High", "score > 3")
    stage.settle()
    change_attribute_type(stage.workspace, attribute_ids(stage.workspace)["score"], FieldType.TEXT, dry_run=False)
    stage.settle()
    assert reason(stage, high)
    assert high.public_id not in stage.index.named


def test_broken_segments_break_filters_that_name_them(stage: Stage) -> None:
    stage.put("ada", plan="pro")
    pro = stage.dynamic("Pro", 'plan is "pro"')
    stage.settle()
    drop(stage, "plan")
    stage.settle()
    with pytest.raises(InvalidFilter):
        stage.index.evaluate(tree.Not(of=queries.member_of(pro.public_id)))


def test_a_filter_that_cannot_be_read_is_broken(stage: Stage) -> None:
    stage.put("ada")
    segment = stage.dynamic("Everyone", "everyone")
    stage.settle()
    # As after going back to a version that knows less of the language.
    Segment.objects.of(stage.workspace).filter(pk=segment.pk).update(filter={"version": 9, "root": {"type": "moon"}})
    stage.restart()
    assert segment.public_id not in stage.index.named
    stage.put("bob")
    stage.settle()
    assert reason(stage, segment) == "Its filter can't be read."
    assert [entered for _, entered in steps(stage, segment)] == [True, False]
