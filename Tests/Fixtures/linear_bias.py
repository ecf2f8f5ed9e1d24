"""Numbers that ALiBi adds to scores, by mpmath: python3 Tests/Fixtures/linear_bias.py > Tests/Fixtures/linear-bias.txt

The slopes are those of Press et al. 2022, *Train Short, Test Long*, section 3, and, where the number of heads is no power of two, of the
function `get_slopes` in the authors' code, which calls itself for twice the power below. A line is heads, exponent of the last slope,
head, positions of the query and of the key, and the number in 45 digits.
"""
import itertools

from mpmath import mp, mpf

mp.dps = 60


def slopes(heads, last):
    if heads & (heads - 1) == 0:
        return [mpf(2) ** (-mpf(last) * (k + 1) / heads) for k in range(heads)]
    power = 1 << heads.bit_length() - 1
    return slopes(power, last) + slopes(2 * power, last)[0::2][:heads - power]


for heads, last in itertools.product([1, 2, 3, 6, 8, 12, 16, 20, 25], ["8", "5", "7.25"]):
    for head in sorted({0, heads // 2, heads - 1}):
        for query, key in [(0, 0), (5, 2), (2000, 1), (3, 7)]:
            print(heads, last, head, query, key, mp.nstr(-slopes(heads, last)[head] * abs(query - key), 45))
