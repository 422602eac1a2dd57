"""Values that are made quickly are the frozen values that their class makes."""

import pickle
from dataclasses import FrozenInstanceError, dataclass, field

import pytest

from openrouter_core._quick import quick


@dataclass(frozen=True, slots=True)
class Sum:
    a: int
    b: int = 2
    seen: list[int] = field(default_factory=list)
    both: int = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "both", self.a + self.b)


quick_sum = quick(Sum)


@pytest.mark.parametrize(("args", "named"), [((1,), {}), ((1, 5), {}), ((1,), {"seen": [3]})])
def test_a_value_made_quickly_equals_one_made_by_its_class(args, named):
    made, plain = quick_sum(*args, **named), Sum(*args, **named)

    assert type(made) is Sum
    assert made == plain
    assert (repr(made), hash(type(made))) == (repr(plain), hash(Sum))
    assert made.both == plain.both
    assert pickle.loads(pickle.dumps(made)) == plain  # our own


def test_a_value_made_quickly_is_frozen():
    made = quick_sum(1)

    with pytest.raises(FrozenInstanceError):
        made.a = 3


def test_defaults_that_are_made_are_made_for_each_value():
    assert quick_sum(1).seen is not quick_sum(1).seen


def test_a_missing_argument_is_refused():
    with pytest.raises(TypeError, match="'a'"):
        quick_sum()
