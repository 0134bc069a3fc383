"""Programs of the repository: generators of committed data, the test run, the PostgreSQL of the tests."""
