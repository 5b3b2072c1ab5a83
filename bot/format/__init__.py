"""Pure text: views and facts become what the trader reads."""
