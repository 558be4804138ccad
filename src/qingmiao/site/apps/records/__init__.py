"""Children's files: who they are, and what health, education and care record about them."""
