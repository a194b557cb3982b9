"""Other nodes: who they are, what they may do here, and what is asked of them and sent to them."""
