"""Working days and deadlines.

    days.py        pure: which day is worked, and how a term is counted from an event to a due date, with the reasons
    rules.py       pure: deadline rules (which term the law or the province gives), their variants and extensions
    models.py      calendar_day, calendar_year, deadline_rule
    queries.py     the two things everybody asks: the work calendar, the rules in force
    operations.py  loading what is shipped in data/, and what an administrator changes
    data/          the calendar of 2024-2028, the rules of law, and the demo province's own rules

No deadline is a number in the code. A rule is chosen by rules.choose() when its clock starts; the clock keeps
Rule.to_json() as a snapshot, so a later change of the rule moves no clock that runs.
"""
