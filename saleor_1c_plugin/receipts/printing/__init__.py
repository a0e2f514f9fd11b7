"""The receipt for people: the buyer's page, printable forms and the letter, in Russian by law."""
