"""A believable company and a stand-in Jira that serves it over HTTP. Knows nothing of the product's metrics."""
