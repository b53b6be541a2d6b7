"""What each part says of itself, and what is wrong with it: the answers behind `status` and `doctor`.

Facts are gathered from outside, as MPD and its clients see things; a fact that cannot be had is told as a problem, and
never raised. What follows from facts is pure.
"""
