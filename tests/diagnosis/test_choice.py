"""As few mistakes as explain what was seen; none where two explain it equally well."""

from autograder.diagnosis.choice import choose


def test_the_only_one_that_matches_is_named():
    assert choose({"a": {"sum"}}, {"sum": (1,)}) == {"a": "sum"}


def test_one_that_explains_both_checks_goes_before_those_that_explain_one():
    assert choose({"a": {"sum", "symptom"}, "b": {"sum"}}, {"sum": (2,), "symptom": (2,)}) == {"a": "sum", "b": "sum"}


def test_two_mistakes_are_named_each_where_it_shows():
    assert choose({"a": {"sum"}, "b": {"symptom"}}, {"sum": (1,), "symptom": (1,)}) == {"a": "sum", "b": "symptom"}


def test_of_two_that_explain_the_same_the_likelier_is_named():
    assert choose({"a": {"sum", "symptom"}}, {"sum": (3,), "symptom": (2,)}) == {"a": "sum"}


def test_two_that_cannot_be_told_apart_are_not_named():
    assert choose({"a": {"sum", "symptom"}}, {"sum": (1,), "symptom": (1,)}) == {}


def test_a_check_that_nothing_matches_has_no_name():
    assert choose({"a": set(), "b": {"sum"}}, {"sum": (1,)}) == {"b": "sum"}
