/// A function whose accuracy an arithmetic may state.
package enum ElementaryFunction: Sendable, CaseIterable {
  case exp, exp2, log, sin, cos, tanh, erf, power, reciprocalRoot
}

/// A bound of the error of a function over a range of arguments: the sum of its parts.
package struct FunctionAccuracy: Sendable {
  /// The arguments that it holds for.
  package var range: ClosedRange<Double> = -Double.infinity...Double.infinity
  /// The error in units of the last place of the exact value.
  package var ulps = 0.0
  /// As many units more for each unit of the argument.
  package var ulpsPerUnit = 0.0
  /// The error as a part of the exact value.
  package var relative = 0.0
  /// The error whatever the value.
  package var absolute = 0.0

  static func ulps(_ ulps: Double, perUnit: Double = 0) -> FunctionAccuracy {
    FunctionAccuracy(ulps: ulps, ulpsPerUnit: perUnit)
  }

  static func relative(_ relative: Double) -> FunctionAccuracy { FunctionAccuracy(relative: relative) }

  static func absolute(_ absolute: Double, within range: ClosedRange<Double>) -> FunctionAccuracy {
    FunctionAccuracy(range: range, absolute: absolute)
  }
}

/// A library whose accuracies are published.
package enum FunctionLibrary: String, Sendable, Hashable, CaseIterable {
  /// CUDA's device functions, as its guide's table has them for one argument in Float32.
  case cuda
  /// The same with `-use_fast_math`, subnormal numbers flushed.
  case cudaFast = "cuda-fast"
  /// PTX's approximate instructions: e^x as 2^(x·log₂ e), log x as log₂ x·log 2.
  case ptx
  /// JAX on x86 and on NVIDIA's processors, whichever is worse, subnormal numbers flushed.
  case jax
  /// SLEEF as PyTorch calls it on a CPU: within 1 ulp, sine and cosine within 3.5.
  case sleef
  /// Intel's vector mathematics in their high accuracy.
  case vml
  /// The GNU C library from 2.28 on.
  case glibc
  /// Metal's precise functions, subnormal numbers flushed.
  case metal
  /// Metal's functions with fast mathematics, subnormal numbers flushed.
  case metalFast = "metal-fast"

  /// The bounds of `function` over its arguments; none where nothing is published.
  ///
  /// Ulps of CUDA and of PTX are against the correctly rounded value, so that half of one more is added. A power that is a
  /// composition, such as `__powf`, has the bound of its exponential, as its logarithm and product are bounded where they
  /// stand.
  ///
  /// Sources: *CUDA C++ Programming Guide*, mathematical functions; *PTX ISA*, floating-point instructions; JAX, *Numerical
  /// accuracy*; SLEEF's names; *oneMKL*, VM accuracy; Zimmermann and others, *Accuracy of Mathematical Functions in Single,
  /// Double, Double Extended, and Quadruple Precision*; *Metal Shading Language Specification*, section 8.4.
  package func accuracy(of function: ElementaryFunction) -> [FunctionAccuracy] {
    switch self {
    case .cuda: [.ulps([.exp: 2.5, .log: 1.5, .power: 4.5][function, default: 2.5])]
    case .cudaFast: cudaFast(function)
    case .ptx: ptx(function)
    case .jax:
      [.exp: 2, .exp2: 69, .log: 1.5, .sin: 1.5, .cos: 2, .tanh: 5.5, .erf: 7, .reciprocalRoot: 2][function].map {
        [.ulps($0)]
      } ?? []
    case .sleef: [.ulps([.sin: 3.5, .cos: 3.5][function, default: 1])]
    case .vml: [.ulps(1)]
    case .glibc: [.ulps([.tanh: 2.2][function, default: 1])]
    case .metal:
      function == .erf ? [] : [.ulps([.tanh: 5, .power: 16, .reciprocalRoot: 0.5][function, default: 4])]
    case .metalFast: metalFast(function)
    }
  }

  private func cudaFast(_ function: ElementaryFunction) -> [FunctionAccuracy] {
    switch function {
    case .exp: [.ulps(2.5, perUnit: 1.173)]
    case .log: Self.logarithm(absolute: 0x1p-21 * 0.7527, beyond: .ulps(3.5))
    // 2^−21.41 and 2^−21.19, rounded up.
    case .sin: [.absolute(0x1p-21 * 0.7527, within: -Double.pi...Double.pi)]
    case .cos: [.absolute(0x1p-21 * 0.8767, within: -Double.pi...Double.pi)]
    case .tanh: [.relative(0x1p-11)]
    case .exp2, .erf, .reciprocalRoot: [.ulps(2.5)]
    case .power: cudaFast(.exp)
    }
  }

  private func ptx(_ function: ElementaryFunction) -> [FunctionAccuracy] {
    switch function {
    // The constant and the product are rounded: 2u of x, which is at most two ulps of e^x for each unit of x.
    case .exp: [.ulps(2.5, perUnit: 2.01)]
    case .exp2: [.ulps(2.5)]
    // Two roundings of the product with log 2 beside the instruction's own error.
    case .log:
      Self.logarithm(absolute: 0x1p-22, beyond: .relative(0x1.81p-22)).map {
        FunctionAccuracy(range: $0.range, relative: max($0.relative, 0x1.01p-23), absolute: $0.absolute)
      }
    case .sin, .cos:
      [
        .absolute(0x1.6A0Ap-21, within: -2 * Double.pi...2 * Double.pi),
        .absolute(0x1.3B2Dp-15, within: -100 * Double.pi...100 * Double.pi),
      ]
    case .tanh: [.relative(0x1p-11)]
    case .reciprocalRoot: [.relative(0x1.126p-23)]
    case .power: ptx(.exp)
    case .erf: []
    }
  }

  private func metalFast(_ function: ElementaryFunction) -> [FunctionAccuracy] {
    switch function {
    case .exp: [.ulps(3, perUnit: 2)]
    // For each unit of the exponent of 2, of which x has log₂ e.
    case .exp2, .power: [.ulps(3, perUnit: 2.8854)]
    case .log: Self.logarithm(absolute: 0x1p-21, beyond: .ulps(3))
    case .sin, .cos: [.absolute(0x1p-13, within: -Double.pi...Double.pi)]
    case .reciprocalRoot: [.ulps(2)]
    case .tanh, .erf: []
    }
  }

  /// A logarithm's bound from ½ to 2, and elsewhere.
  private static func logarithm(absolute: Double, beyond: FunctionAccuracy) -> [FunctionAccuracy] {
    var (below, above) = (beyond, beyond)
    below.range = 0...0.5
    above.range = 2...Double.infinity
    return [below, .absolute(absolute, within: 0.5...2), above]
  }

  /// The ulps of a division, where it is not correctly rounded.
  ///
  /// They hold for divisors from 2⁻¹²⁶ to 2¹²⁶; by a greater one it may give 0.
  package var divisionUlps: Double? { [.cudaFast: 2.5, .ptx: 2.5, .metalFast: 2.5][self] }

  /// The ulps of a root, where it is not correctly rounded.
  package var rootUlps: Double? { [.cudaFast: 1.5, .ptx: 2, .metalFast: 4.5][self] }

  /// Whether subnormal numbers are flushed.
  package var flushesToZero: Bool { [.cudaFast, .jax, .metal, .metalFast].contains(self) }

  /// Whether its ulps are those of the correctly rounded value, which may lie in the next binade.
  var isAgainstRounded: Bool { [.cuda, .cudaFast, .ptx].contains(self) }
}

extension ArithmeticModel {
  /// The bound of what `function` adds to the error at an argument between `least` and `greatest`, where its value is at most
  /// `reach` and its ulp at most `unit`; `nil` where nothing is published of all of these arguments.
  func step(
    of function: ElementaryFunction, from least: Double, to greatest: Double, reach: Double, unit: Double
  ) -> Double? {
    guard let functions else { return Outward.productUp(elementaryUlps, unit) }
    let unit =
      functions.isAgainstRounded
      ? accumulation.spacing(atMagnitude: Outward.productUp(reach, 1 + accumulation.roundoff)) : unit
    var (covered, step) = (least, 0.0)
    // The ranges of one function rise, or each holds the one before it.
    for accuracy in functions.accuracy(of: function)
    where accuracy.range.contains(covered) && (covered == least || covered < greatest) {
      let units = Outward.sumUp(
        accuracy.ulps, Outward.productUp(accuracy.ulpsPerUnit, max(least.magnitude, greatest.magnitude)))
      let error = Outward.sumUp(
        Outward.productUp(units, unit), Outward.sumUp(Outward.productUp(accuracy.relative, reach), accuracy.absolute))
      step = max(step, error)
      covered = accuracy.range.upperBound
      if covered >= greatest { return step }
    }
    return nil
  }
}
