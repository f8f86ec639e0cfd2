"""The caretaker: keeps as many instances serving as are wanted."""
