"""Exact products of matrices beside FLINT's arb_mat_mul, on the same numbers, on one thread each.

    pip install python-flint numpy
    PLUMB_BENCHMARKS=1 swift build -c release --product ExactProducts
    python Tests/Benchmarks/exact_beside_flint.py .build/release/ExactProducts

512 x 576 numbers times 576 x 1536: once of binary32 numbers, once of 256-bit fixed-point ones by binary32 ones. The two
take turns, every element of the products is compared, and the ratio printed is the median of those of neighbours. FLINT's
time is that of the multiplication alone, of matrices that it holds already; Plumbline's begins with the numbers as they
were read, and the first of four multiplications does not count. FLINT is given the least of 64, 128, 256, 320 and 384 bits at which its product is exact, and fewer beside it.
"""

import os, random, statistics, struct, subprocess, sys, tempfile, time

import flint
import numpy

M, K, N = 512, 576, 1536
flint.ctx.threads = 1


def floats(count, rng):
    """Numbers of either sign between 2^-8 and 1, with 24 bits."""
    significand = 1 + rng.integers(0, 1 << 23, count) * 2.0**-23
    return (rng.choice([-1.0, 1.0], count) * significand * 2.0 ** -rng.integers(1, 9, count)).astype("<f4")


def exact(number):
    """A dyadic number as an integer and the power of two that it multiplies; the integer odd, or 0."""
    significand, exponent = number.mid().man_exp()
    return int(significand), int(exponent)


def product(path, count):
    with open(path, "rb") as file:
        data = file.read()
    for start in range(0, 52 * count, 52):
        significand = int.from_bytes(data[start + 4 : start + 52], "little", signed=True)
        exponent = struct.unpack_from("<i", data, start)[0]
        if significand:
            zeros = (significand & -significand).bit_length() - 1
            yield significand >> zeros, exponent + zeros
        else:
            yield 0, 0


def multiply(x, w, bits):
    flint.ctx.prec = bits
    start = time.process_time()
    result = x * w
    return time.process_time() - start, result


def main(program, repetitions=5):
    rng = numpy.random.default_rng(1)
    weights = floats(N * K, rng)
    flint.ctx.prec = 1024
    w = flint.arb_mat(K, N, [flint.arb(float(weights[n * K + k])) for k in range(K) for n in range(N)])
    with tempfile.TemporaryDirectory() as folder:
        paths = [os.path.join(folder, name) for name in ("x", "w", "product")]
        weights.tofile(paths[1])
        for words in (0, 4):
            flint.ctx.prec = 1024
            if words == 0:
                numbers = floats(M * K, rng)
                numbers.tofile(paths[0])
                x = flint.arb_mat(M, K, [flint.arb(float(number)) for number in numbers])
                widths = (64, 128)
            else:
                source = random.Random(2)
                numbers = [source.randrange(-(2**255), 2**255) for _ in range(M * K)]
                with open(paths[0], "wb") as file:
                    for number in numbers:
                        file.write(number.to_bytes(32, "little", signed=True))
                x = flint.arb_mat(M, K, [flint.arb(number) * flint.arb(2) ** -255 for number in numbers])
                widths = (256, 320, 384)
            command = [program, paths[0], str(words), paths[1], str(M), str(K), str(N), paths[2], "1"]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            ours = list(product(paths[2], M * N))
            for bits in widths:
                ratios, times = [], []
                for _ in range(repetitions):
                    timed = command[:7] + ["-", "4"]
                    output = subprocess.run(timed, check=True, capture_output=True, text=True).stdout
                    # The first touches memory for the first time, as FLINT's does before it is measured.
                    seconds = statistics.median(float(word) for word in output.split()[1:])
                    theirs, result = multiply(x, w, bits)
                    times.append((seconds, theirs))
                    ratios.append(theirs / seconds)
                elements = result.entries()
                is_exact = all(element.rad() == 0 for element in elements)
                same = sum(exact(element) == mine for element, mine in zip(elements, ours))
                print(
                    f"{'binary32' if words == 0 else '256-bit '} {M}x{K} by {K}x{N}: plumbline "
                    f"{statistics.median(t[0] for t in times):.3f} s, arb_mat_mul at {bits} bits "
                    f"({'exact' if is_exact else 'rounded'}) {statistics.median(t[1] for t in times):.3f} s, "
                    f"ratio {statistics.median(ratios):.1f}, {same} of {M * N} elements equal",
                    flush=True,
                )
                if is_exact:
                    break


if __name__ == "__main__":
    main(sys.argv[1])
