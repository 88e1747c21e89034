"""What is new in a bank since a week, as far as what was collected before allows to say so."""
