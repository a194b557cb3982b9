"""What a report is made of, without a database: the structure of its template, what is entered, and the document."""
