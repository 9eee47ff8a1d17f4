"""Voice of the people: ratings and their follow-up, questions that found no answer, and the numbers of the bot."""
