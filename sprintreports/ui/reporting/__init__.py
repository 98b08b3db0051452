"""What the pages of reports and of baselines share: states in addresses, a document as display values, words for kinds."""
