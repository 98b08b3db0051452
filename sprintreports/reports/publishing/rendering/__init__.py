"""A document as each channel takes it: pure functions, everything escaped. Pictures of charts come by the charts' keys."""
