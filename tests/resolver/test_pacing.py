"""The hourly budget and the sites that want rest."""

from hypothesis import given
from hypothesis import strategies as st

from mpdbridge.resolver.pacing import BackOff, HourlyBudget, site


@given(st.integers(1, 20), st.lists(st.floats(0, 1000), max_size=80))
def test_no_hour_ever_sees_more_than_the_limit(limit, pauses):
    budget, now, taken = HourlyBudget(limit), 1e9, []
    for pause in pauses:
        now += pause
        if not budget.wait(now):
            budget.take(now)
            taken.append(now)
    for start in taken:
        assert sum(start <= at < start + 3600 for at in taken) <= limit


@given(st.integers(1, 20), st.integers(0, 40), st.floats(0, 0.9))
def test_after_the_wait_that_it_names_there_is_room_again(limit, wanted, reserve):
    budget, now = HourlyBudget(limit), 1e9
    for _ in range(wanted):
        now += 1
        now += budget.wait(now, reserve=reserve) + 1e-3
        assert budget.wait(now, reserve=reserve) == 0
        budget.take(now)


def test_a_reserve_is_left_for_those_who_need_it_more():
    budget = HourlyBudget(10)
    for second in range(8):
        budget.take(1e9 + second)
    assert budget.wait(1e9 + 8, reserve=0.2) > 3500
    assert budget.wait(1e9 + 8) == 0
    assert budget.used(1e9 + 8) == 8


def test_a_clock_set_back_does_not_lock_the_budget():
    budget = HourlyBudget(1)
    budget.take(2e9)
    assert budget.wait(1e9) == 0


def test_a_site_rests_until_its_time_and_others_do_not():
    rests = BackOff()
    rests.start("https://music.youtube.com/watch?v=a", 900, "too much", now=1000)
    assert rests.left("https://www.youtube.com/watch?v=b", now=1100) == (800, "too much")
    assert rests.left("https://a.example/", now=1100) is None
    assert rests.until(1100) == 1900
    assert rests.left("https://www.youtube.com/", now=1900) is None
    assert rests.until(1900) is None


def test_asking_for_rest_again_doubles_it_up_to_hours_and_an_answer_ends_that():
    rests = BackOff()
    waits = []
    for _ in range(8):
        rests.start("https://youtu.be/a", 900, "too much", now=0)
        waits.append(rests.left("https://youtu.be/a", now=0)[0])
    assert waits == [900, 1800, 3600, 7200, 14400, 21600, 21600, 21600]
    rests.end("https://youtu.be/a")
    rests.start("https://youtu.be/a", 900, "too much", now=0)
    assert rests.left("https://youtu.be/a", now=0)[0] == 900


def test_all_of_youtube_is_one_site():
    hosts = ("youtube.com", "www.youtube.com", "music.youtube.com", "youtu.be", "www.youtube-nocookie.com")
    assert {site(f"https://{host}/x") for host in hosts} == {"youtube.com"}
    assert site("https://notyoutube.example/") == "notyoutube.example"
    assert site("https://fakeyoutube.com/") == "fakeyoutube.com"
