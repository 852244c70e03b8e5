import orjson
import pytest

from coterie.kit.errors import CoterieError, TooLarge
from coterie.kit.reasons import Reason, told

NUMBER = Reason("no_number", "expected a number, got {value}", value="'{x}'")


def test_it_works() -> None:
    assert NUMBER == "expected a number, got '{x}'"
    assert (NUMBER.code, NUMBER.details) == ("no_number", {"value": "'{x}'"})


def test_it_is_told_with_the_reasons_in_it() -> None:
    age, name = NUMBER.of("age"), Reason("empty_name", "the name is empty").of("name")
    both = Reason.joined([age, name])
    assert both == "age: expected a number, got '{x}'; name: the name is empty"
    assert Reason.joined([age]) is age
    body = orjson.loads(orjson.dumps(both.as_json()))
    assert [each["details"]["field"] for each in body["details"]["reasons"]] == ["age", "name"]
    assert body["details"]["reasons"][0]["details"]["reason"] == NUMBER.as_json()


def test_a_list_is_told_as_one() -> None:
    reason = Reason("changed_since", "changed since: {fields}", fields=["city", "plan"])
    assert reason == "changed since: city, plan"
    assert reason.details == {"fields": ["city", "plan"]}


@pytest.mark.parametrize(
    ("choices", "said"),
    [
        (["a"], "a"),
        (["a", "b"], "a or b"),
        (["a", NUMBER, "c"], f"a, {NUMBER} or c"),
        (["a", "b", "c", "d"], "a, b, c ..."),
    ],
)
def test_choices_are_listed(choices: list[str], said: str) -> None:
    assert Reason.one_of(choices, most=3) == said


def test_no_choice_is_no_reason() -> None:
    assert Reason.one_of([]) is None


def test_an_error_tells_its_reason() -> None:
    error = CoterieError(NUMBER, code="odd", details={"field": "age"})
    assert error.as_json() == {
        "code": "odd",
        "message": "expected a number, got '{x}'",
        "details": {"field": "age", "reason": NUMBER.as_json()},
    }


def test_a_default_sentence_is_told_as_a_reason_too() -> None:
    assert TooLarge().details == {"reason": TooLarge.default_message.as_json()}


def test_an_error_is_a_reason_for_what_is_kept() -> None:
    error = CoterieError(NUMBER, code="odd")
    reason = Reason("paused", "{reason} It is paused.", reason=error.why())
    assert reason == "expected a number, got '{x}' It is paused."
    kept = orjson.loads(orjson.dumps(reason.as_json()))["details"]["reason"]
    assert (kept["code"], kept["details"]) == ("error", {"error": error.as_json()})


def test_a_reason_beside_another_is_said_once() -> None:
    one, two = Reason("same_email", "same email"), Reason("same_phone", "same phone")
    assert one.beside(one) is one
    assert one.beside(two).beside(one).beside(two) == "same email; same phone"
    assert one.beside(two).details == {"reasons": [one.as_json(), two.as_json()]}


def test_it_is_a_sentence_of_its_own() -> None:
    said = Reason("no_zone", "this is not an IANA time zone").sentence()
    assert (said, said.code, said.details) == ("This is not an IANA time zone.", "no_zone", {})


def test_what_was_kept_is_the_same_again() -> None:
    again = Reason.kept(orjson.loads(orjson.dumps(NUMBER.of("age").as_json())))
    assert (again, again.as_json()) == (NUMBER.of("age"), NUMBER.of("age").as_json())


@pytest.mark.parametrize("kept", ["email: this is not an email address", ""])
def test_what_was_kept_without_a_code_is_still_told(kept: str) -> None:
    assert told(kept) == {"reason": kept, "code": "", "details": {}}
    assert told(NUMBER.as_json()) == NUMBER.as_json()
