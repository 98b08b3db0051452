"""The list of report templates: those that come with the product, one's own and those for all."""
