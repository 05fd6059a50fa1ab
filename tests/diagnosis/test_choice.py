"""The choice of the mistakes to name: as few as explain the failed checks, and none if two explain them equally well."""

from autograder.diagnosis.choice import choose


def test_the_only_match_is_named():
    assert choose({"a": {"sum"}}, {"sum": (1,)}) == {"a": "sum"}


def test_a_mistake_that_explains_more_checks_comes_first():
    assert choose({"a": {"sum", "symptom"}, "b": {"sum"}}, {"sum": (2,), "symptom": (2,)}) == {"a": "sum", "b": "sum"}


def test_two_mistakes_are_each_named_in_the_check_that_they_explain():
    assert choose({"a": {"sum"}, "b": {"symptom"}}, {"sum": (1,), "symptom": (1,)}) == {"a": "sum", "b": "symptom"}


def test_the_likelier_of_two_that_explain_the_same_is_named():
    assert choose({"a": {"sum", "symptom"}}, {"sum": (3,), "symptom": (2,)}) == {"a": "sum"}


def test_none_is_named_if_two_are_equally_likely():
    assert choose({"a": {"sum", "symptom"}}, {"sum": (1,), "symptom": (1,)}) == {}


def test_a_check_without_a_match_gets_no_name():
    assert choose({"a": set(), "b": {"sum"}}, {"sum": (1,)}) == {"b": "sum"}
