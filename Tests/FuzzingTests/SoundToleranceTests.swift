import Foundation
import PlumbCases
import PlumbModel
import PlumbVerdicts
import Testing

@Suite struct SoundToleranceTests {
  private static func passes(_ tolerance: SoundTolerance, _ distances: [Double], _ magnitudes: [Double]) -> Bool {
    zip(distances, magnitudes).allSatisfy { $0 <= tolerance.atol + tolerance.rtol * $1 }
  }

  /// No sound line through two points, level line or line through 0 has a smaller average, but for the rounding up to two
  /// digits.
  @Test func noSoundPairIsLess() {
    var generator = SplitMix64(seed: 6)
    for _ in 0..<300 {
      let count = Int.random(in: 1...7, using: &generator)
      let magnitudes = (0..<count).map { _ in Double(Int.random(in: 0...20, using: &generator)) / 4 }
      let distances = magnitudes.map { $0 * Double.random(in: 0...1e-3, using: &generator) + 1e-5 }
      let found = SoundTolerance(distances: distances, magnitudes: magnitudes)
      #expect(Self.passes(found, distances, magnitudes))
      let mean = magnitudes.reduce(0, +) / Double(count)
      var tries = [(atol: distances.max() ?? 0, rtol: 0.0)]
      if !magnitudes.contains(0) { tries.append((0, zip(distances, magnitudes).map { $0 / $1 }.max() ?? 0)) }
      for i in 0..<count {
        for j in 0..<count where magnitudes[i] > magnitudes[j] {
          let slope = (distances[i] - distances[j]) / (magnitudes[i] - magnitudes[j])
          if slope >= 0 { tries.append((distances[i] - slope * magnitudes[i], slope)) }
        }
      }
      for (atol, rtol) in tries
      // Float64 rounds a line by less than 2⁻⁴⁰ of it; two digits, rounded up, are at most a tenth more.
      where atol >= 0 && zip(distances, magnitudes).allSatisfy({ $0 <= (atol + rtol * $1) * (1 + 0x1p-40) }) {
        #expect(
          found.atol + found.rtol * mean <= 1.1 * (atol + rtol * mean) * (1 + 0x1p-40), "\(distances), \(magnitudes)")
      }
    }
  }

  /// An element of 0 beside others: no relative part is of use for it.
  @Test func anElementOfZeroPassesToo() {
    var generator = SplitMix64(seed: 7)
    for _ in 0..<3000 {
      let magnitudes = [0] + (0..<4).map { _ in Double.random(in: 0...4, using: &generator) }
      let distances = [0x1p-150] + magnitudes.dropFirst().map { $0 * Double.random(in: 1e-7...1e-6, using: &generator) }
      let found = SoundTolerance(distances: distances, magnitudes: magnitudes)
      #expect(found.rtol.isFinite && Self.passes(found, distances, magnitudes), "\(found): \(distances), \(magnitudes)")
    }
  }

  /// Kernels in the arithmetic pass: NumPy's way to compute, plain Float32, beside the exact value and beside each other.
  @Test func kernelsInTheArithmeticPass() throws {
    for layer in [LayerKind.softmax, .rmsNorm, .linear, .silu] {
      let input = try CheckedCase(CaseGenerator(layer: layer, strategy: .recorded, seed: 3).makeCase(1))
      let answer = try SoundTolerance.answer(input, in: .f32)
      #expect(answer.unbounded == 0)
      var machine = NaiveMachine(order: .sequential, isFused: false, seed: 1)
      let first = NaiveKernels.output(input, &machine).elements.map(Double.init)
      machine = NaiveMachine(order: .random, isFused: true, seed: 2)
      let second = NaiveKernels.output(input, &machine).elements.map(Double.init)
      let exact = try LayerAnswer(input, in: .model(.f32)).expected.map(Double.init)
      for tolerance in [answer.exact, answer.exactAbsolute] {
        #expect(Self.passes(tolerance, zip(first, exact).map { abs($0 - $1) }, exact.map(abs)))
      }
      for tolerance in [answer.kernel, answer.kernelAbsolute] {
        #expect(Self.passes(tolerance, zip(first, second).map { abs($0 - $1) }, second.map(abs)))
      }
    }
  }
}
