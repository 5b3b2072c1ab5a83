"""The log on its way out: one line of JSON each, in files of bounded size, and the newest kept."""
