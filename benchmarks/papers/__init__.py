"""A bench of papers: drawn, handled as phones and scanners do, with the truth of every line, field, seal and signature.

Layouts are named, and those of the dev half and of the test half differ: in the arrangement, the wording of labels where the
law leaves it open, the fonts, the seals. What reads papers must not read this folder.
"""
