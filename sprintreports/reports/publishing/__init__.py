"""Reports on their way to Confluence, chat and mail: rendered, delivered once, retried."""
