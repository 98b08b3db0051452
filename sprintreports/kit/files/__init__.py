"""What every file is made of that people open elsewhere: text made fit, cells, names of sheets."""
