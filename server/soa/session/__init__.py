"""What an editor's window holds: open documents, runs and proposals, with immutable views for who shows them."""
