"""What the README claims, each claim measured by one script. Imports everything; nothing imports it."""
