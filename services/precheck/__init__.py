"""Pre-check (AI 预审 + 人工复核): submissions, their papers matched to what the item requires, findings, and a clerk who decides.

A case is facts (`facts.py`), a check gives findings (`findings.py`), and only `submissions` keeps anything.
"""
