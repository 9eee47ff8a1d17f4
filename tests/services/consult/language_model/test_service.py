"""Without a language model set, the consult service loads nothing of it."""

from __future__ import annotations

import subprocess
import sys

from core.settings import ROOT


def test_without_a_model_set_nothing_of_it_is_loaded() -> None:
    code = "import sys, services.consult.service; print(any('consult.language_model' in name for name in sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"
