"""What benches/run is made of, by subject."""
