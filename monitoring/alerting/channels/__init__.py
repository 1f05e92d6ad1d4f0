"""The senders: one module for each kind of channel. Each sends one message and says what was answered."""
