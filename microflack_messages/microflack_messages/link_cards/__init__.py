"""Link cards: title and description of the pages that a message links to."""
