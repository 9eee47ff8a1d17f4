"""The AI content library (AI内容学习总库): typed service items, their sections, and the search over them."""
