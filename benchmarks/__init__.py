"""Speed and memory, measured: `make bench`, or one of them with `python -m benchmarks NAME`. Never run as tests."""
