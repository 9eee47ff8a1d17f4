"""Fit the weights of similar.yaml on the development pairs: `python -m benchmarks.algorithms.fit_similar`."""

from __future__ import annotations

import numpy as np

from benchmarks.algorithms.similar_cases import pairs

PENALTY = 0.01
"""Keeps what a few pairs happen to say small."""


def main() -> None:
    """Print the weights of what is alike: of pairs at one place, which are one case or aren't."""
    parts = [pairs(half)[:2] for half in ("dev", "hard dev")]
    of, right = np.concatenate([one for one, _ in parts]), np.concatenate([one for _, one in parts])
    # Elsewhere the same may be wanted, which the labels don't say.
    known = of[:, 2] > 0
    of, right = of[known][:, :2], right[known]
    middle, spread = of.mean(axis=0), np.maximum(of.std(axis=0), 1e-3)
    rows = (of - middle) / spread
    weights, bias = np.zeros(2), 0.0
    for _ in range(8000):
        miss = 1 / (1 + np.exp(-(rows @ weights + bias))) - right
        weights = np.maximum(weights - 0.1 * (rows.T @ miss / len(rows) + PENALTY * weights), 0)
        bias -= 0.1 * miss.mean()
    plain = weights / spread
    print(f"of {len(right)} pairs: bias {bias - plain @ middle:.1f}, meaning {plain[0]:.1f}, characters {plain[1]:.1f}")


if __name__ == "__main__":
    main()
