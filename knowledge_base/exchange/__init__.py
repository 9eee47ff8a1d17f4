"""In and out of the library: workbooks, YAML, JSON, DOCX and HTML guides, directory lists, and the print view."""
