"""What `docs/benchmarks.md` promises, measured: `python -m benchmarks [name ...]`."""
