"""Slices of which the last bit hangs by a thread; `adversarial_certificates` tries more of them."""

import pytest
from kernels.adversarial_certificates import KINDS, run


@pytest.mark.parametrize("seed", range(3))
def test_moments_that_hang_by_a_thread_are_right_and_certificates_never_err(seed):
    counts, wrong = run(3000, seed)
    assert wrong == []
    # The bound decides: of each kind, either kernel proves some and leaves some.
    for road in ("parts", "tails"):
        for kind in KINDS:
            said = [counts[f"{road}, {kind}: {s}"] for s in ("sure", "left to the exact one")]
            assert min(said) >= 3
            assert sum(said) > 200
