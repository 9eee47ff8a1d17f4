"""What is seen on a page beside its text: seals, signatures, whether the photo can be read at all."""
