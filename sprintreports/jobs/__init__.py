"""Background work: each job is a door, with a transaction, a viewer and a request id of its own."""
