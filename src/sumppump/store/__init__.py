"""What must outlive the process: journal, tickets, audit, switches, in SQLite and files."""
