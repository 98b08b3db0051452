"""Templates: which sections, figures and charts a report has, in which order, and text of one's own in between."""
