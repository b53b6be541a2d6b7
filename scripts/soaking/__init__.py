"""A soak run: random actions and troubles for a bounded time, then a look at what has become of it all."""
