"""What is asked when. Times are made up; nothing waits."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from openrouter_core.costs.reconcile.schedule import LookupPlan


def waits_until_given_up(plan: LookupPlan) -> list[float]:
    """The times at which a record that never appears is asked for."""
    plan.add("gen-1", 0.0)
    now, times = 0.0, []
    while (wait := plan.due_in(now)) is not None:
        now += wait
        assert plan.take(now) == "gen-1"
        times.append(now)
        if not plan.not_found("gen-1", now):
            break
    return times


def test_b5_waits_grow_from_half_a_second_to_fifteen():
    """quirks.md B5: a record was measured to appear about 20 s after the call."""
    times = waits_until_given_up(LookupPlan(give_up_after_s=60))

    assert times == [0.5, 1.5, 3.5, 7.5, 15.5, 30.5, 45.5, 60.5]


def test_b5_patience_ends():
    """quirks.md B5."""
    plan = LookupPlan(give_up_after_s=60)

    waits_until_given_up(plan)

    assert len(plan) == 0
    assert plan.due_in(1000) is None


def test_patience_begins_when_an_id_is_first_asked_for_not_when_it_queues():
    plan = LookupPlan(give_up_after_s=10)
    plan.add("gen-1", 0.0)

    assert plan.take(500.0) == "gen-1"
    assert plan.not_found("gen-1", 500.1)


def test_a_taken_id_is_not_handed_out_twice():
    plan = LookupPlan()
    plan.add("gen-1", 0.0)

    assert plan.take(1.0) == "gen-1"
    assert plan.take(100.0) is None


def test_an_id_is_planned_once():
    plan = LookupPlan()

    assert plan.add("gen-1", 0.0)
    assert plan.add("gen-1", 0.1)
    assert len(plan) == 1


def test_a_full_plan_turns_ids_away():
    plan = LookupPlan(max_pending=1)

    assert plan.add("gen-1", 0.0)
    assert not plan.add("gen-2", 0.0)


def test_a_rate_limit_pauses_everything_and_costs_no_patience():
    plan = LookupPlan(give_up_after_s=10)
    for name in ("gen-1", "gen-2"):
        plan.add(name, 0.0)
    plan.take(0.5), plan.take(0.5)

    plan.rate_limited("gen-1", 0.6, 30.0)
    plan.not_found("gen-2", 0.6)

    assert plan.take(30.0) is None
    assert {plan.take(30.7), plan.take(30.7)} == {"gen-1", "gen-2"}
    assert plan.not_found("gen-1", 30.8)


def test_two_rate_limits_at_once_are_one_pause():
    plan = LookupPlan(give_up_after_s=10)
    for name in ("gen-1", "gen-2"):
        plan.add(name, 0.0)

    plan.rate_limited("gen-1", 1.0, 30.0)
    plan.rate_limited("gen-2", 1.0, 30.0)

    assert plan.asks["gen-1"].paused_s == 30.0


def test_a_server_that_only_says_later_is_given_up_in_the_end():
    plan = LookupPlan(give_up_after_s=10)
    plan.add("gen-1", 0.0)
    now = 0.5

    while plan.take(now) and plan.rate_limited("gen-1", now, 60.0):
        now += 60.0

    assert 600 < now < 800


def test_somebody_waiting_shortens_the_waits():
    plan = LookupPlan()
    plan.add("gen-1", 0.0)
    for now in (0.5, 1.5, 3.5, 7.5):
        plan.take(now)
        plan.not_found("gen-1", now)
    assert plan.due_in(7.5) == 8.0

    plan.expedite(7.5)

    assert plan.due_in(7.5) == 1.0


@given(st.lists(st.tuples(st.sampled_from("abc"), st.floats(0, 5), st.sampled_from("amld"))))
def test_every_id_is_planned_or_taken_or_gone(steps):
    plan, now, out = LookupPlan(give_up_after_s=20), 0.0, set[str]()
    for name, later, step in steps:
        now += later
        if step == "a":
            plan.add(name, now)
        taken = plan.take(now)
        if taken:
            assert taken not in out
            out.add(taken)
        if out and step in "mld":
            ended = min(out)
            out.discard(ended)
            if step == "m":
                plan.not_found(ended, now)
            elif step == "l":
                plan.rate_limited(ended, now, 3.0)
            else:
                plan.done(ended)
    waiting = set(plan.asks) - out
    assert (plan.due_in(now) is None) == (not waiting)
