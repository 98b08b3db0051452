"""Team by sprint: what each team can do, holds and did."""
