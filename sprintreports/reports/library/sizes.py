"""How long names, tags and notes may be: what the tables and the doors agree on."""

LONGEST_NAME, LONGEST_TAG, LONGEST_NOTE, LONGEST_LINK_NAME = 120, 40, 500, 100
