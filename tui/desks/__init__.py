"""What single screens read at the desk, one file for each."""
