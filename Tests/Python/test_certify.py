"""The exact next-token distribution."""

import json
from fractions import Fraction

import plumbline
import pytest


def test_probabilities_are_enclosed():
    found = plumbline.certify("seeded", [1, 7, 4], digits=15, top_k=3)
    assert found.tokens == (1, 7, 4) and found.digits == 15 and "narrower than 1e-15" in str(found)
    assert [token.exact for token in found.next] == sorted((token.exact for token in found.next), key=float, reverse=True)
    for token in found.next:
        lower, upper = float.fromhex(token.lower), float.fromhex(token.upper)
        # Half a unit of the last digit, and the rounding of three numbers below 1 to Float64.
        assert lower <= upper and abs(lower - float(token.exact)) <= 0.5e-15 + 3 * 2.0 ** -54
    assert json.loads(found.to_json())["comparisons"][0]["topKCount"] == 3


def test_more_digits_say_the_same():
    few, many = (plumbline.certify("shipped", "Plumb", digits=digits) for digits in (10, 40))
    for one, other in zip(few.next, many.next, strict=True):
        assert one.token == other.token and len(other.exact) > len(one.exact)
        # The digits of either are those of the exact number, the last one rounded.
        assert abs(Fraction(one.exact) - Fraction(other.exact)) <= Fraction(1, 10 ** (len(one.exact) - 2))


def test_wrong_arguments_are_said():
    for arguments, said in [
        (("shipped", ""), "empty"), (("/no/such", "a"), "/no/such"), (("seeded", [70000]), "token 70000"),
    ]:
        with pytest.raises(ValueError, match=said):
            plumbline.certify(*arguments)
    with pytest.raises(ValueError, match="option 'digits'"):
        plumbline.certify("shipped", "a", digits=0)


def test_progress_is_told_and_may_end_it():
    lines = []
    plumbline.certify("seeded", [1], digits=5, progress=lines.append)
    assert lines

    def stop(_):
        raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"):
        plumbline.certify("seeded", [1], digits=5, progress=stop)
