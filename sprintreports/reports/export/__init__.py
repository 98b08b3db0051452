"""A document as a file: HTML, PDF, PNG, SVG, XLSX, CSV, JSON, iCalendar."""
