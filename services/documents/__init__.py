"""Read papers that people hand in: upload, queue, pages with their lines."""
