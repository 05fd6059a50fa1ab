"""Attacks of every family on the whole grader, each with a control that shows that it works where nothing protects."""
