"""Documents on paper: HTML, PDF, slides, plain text. In a process of its own where it takes WeasyPrint."""
