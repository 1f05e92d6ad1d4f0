"""A small project of somebody else: people sign in with an e-mail address at the admin, and its policy is strict."""
