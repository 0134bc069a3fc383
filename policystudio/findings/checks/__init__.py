"""What is looked for: in a document by itself, in what an identity has, and in what it can do with it."""
