"""Messages by e-mail, through the mail server that the store has."""
