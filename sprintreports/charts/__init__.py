"""Numbers as plain-dict Plotly figures (scatter and bar alone), each with a table twin and a sentence."""
