"""The demo catalogue's music and pictures, made from nothing but arithmetic; used by `scripts/make-demo-catalogue`."""
