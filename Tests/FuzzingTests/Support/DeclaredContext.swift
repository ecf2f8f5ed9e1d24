#if arch(x86_64)
  import Foundation
  import PlumbLayers
  import PlumbModel
  import Synchronization

  /// Float64 as badly as the engine may compute a formula in it: every operation is off by almost half a unit in the last place,
  /// and functions by almost 128 of them, in a direction that leans; sums are added in an order of their own.
  ///
  /// It computes in an 80-bit format, whose own errors are at most 2⁻¹¹ of those.
  struct DeclaredContext: ArithmeticContext {
    typealias Wide = DeclaredMachine.Wide

    private let lean: DeclaredMachine.Lean
    private let state: State
    /// The part of what is declared that operations are off by.
    private let share: Wide

    /// The random numbers that one context draws, from whichever copy of it.
    private final class State: Sendable {
      private let seed: Mutex<UInt64>

      init(_ seed: UInt64) { self.seed = Mutex(seed) }

      func next() -> UInt64 {
        seed.withLock {
          $0 = $0 &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
          return $0 >> 33
        }
      }
    }

    init(lean: DeclaredMachine.Lean, share: Wide, seed: UInt64) {
      (self.lean, self.share, state) = (lean, share, State(seed))
    }

    /// `exact` off by `ulps` of Float64.
    private func off(_ exact: Wide, by ulps: Wide) -> Wide {
      guard exact != 0, exact.isFinite else { return exact }
      // Just below: what this format rounds up to a power of two, such as tanh 40, belongs to the binade under it.
      let exponent = (exact * (1 - 0x1p-62)).exponent
      let reach = ulps * share * Wide(sign: .plus, exponent: exponent - 52, significand: 1)
      return switch lean {
      case .up: exact + reach
      case .down: exact - reach
      case .outward: exact + (exact < 0 ? -reach : reach)
      case .random: state.next() % 2 == 0 ? exact + reach : exact - reach
      }
    }

    /// A rounded result: what Float64 holds stays.
    private func rounded(_ exact: Wide) -> Wide { Wide(Double(exact)) == exact ? exact : off(exact, by: 0.5) }

    func read(_ value: Float, within relativeError: Double) -> Wide { Wide(value) }
    func parameter(_ value: Double) -> Wide { Wide(value) }
    func constant(_ value: Double) -> Wide { Wide(value) }
    func exact(_ value: Double) -> Wide { Wide(value) }
    var hidden: Wide { -.infinity }

    func stored(_ x: Wide) -> Wide { x }
    func tabled(_ x: Wide) -> Wide { x }
    func factor(_ x: Wide) -> Wide { x }
    func result(_ x: Wide) -> Wide { Wide(Float(x)) }
    func oneOf(_ first: Wide, _ second: () -> Wide) -> Wide { first }
    func scales(of greatest: Wide, _ rule: ScaleRule) -> [Wide] { [Wide(rule.scale(Double(greatest)))] }
    func onGrid(_ x: Wide, _ grid: NumberGrid) -> Wide {
      let spacing = Wide(grid.spacing(at: Double(x.magnitude)))
      return max(-Wide(grid.greatest), min(Wide(grid.greatest), (x / spacing).rounded() * spacing))
    }
    func oneOf(_ first: ArraySlice<Wide>, _ second: () -> ArraySlice<Wide>) -> ArraySlice<Wide> { first }

    func negated(_ x: Wide) -> Wide { -x }
    func sum(_ a: Wide, _ b: Wide) -> Wide { rounded(a + b) }

    /// A power of two rounds nothing, whatever the other factor is.
    func product(_ a: Wide, _ b: Wide) -> Wide {
      [a, b].contains { $0.isNormal && $0.significandWidth == 0 } ? a * b : rounded(a * b)
    }

    func quotient(_ a: Wide, _ b: Wide) -> Wide { rounded(a / b) }
    func quotientOrReciprocal(_ a: Wide, _ b: Wide) -> Wide { quotient(a, b) }
    func gated(_ x: Wide, by opening: Wide) -> Wide { opening > 0 ? x : 0 }
    func rectified(_ x: Wide) -> Wide { max(0, x) }
    func kept(_ x: Wide, upTo limit: Double) -> Wide { min(x, Wide(limit)) }
    func squareRoot(_ x: Wide) -> Wide { rounded(x.squareRoot()) }
    func squareRoot(ofSquares squares: Wide) -> Wide { squareRoot(squares) }
    func reciprocalSquareRoot(_ x: Wide) -> Wide { quotient(1, squareRoot(x)) }
    func reciprocalRoot(ofMeanSquare meanSquare: Wide, plus epsilon: Wide) -> Wide {
      reciprocalSquareRoot(sum(meanSquare, epsilon))
    }
    func reciprocalRoot(ofCount count: Int) -> Wide { reciprocalSquareRoot(Wide(count)) }

    /// The formula's functions, but where they are exact.
    private func function(_ value: Wide, at x: Wide) -> Wide { x == 0 || x == 1 ? value : off(value, by: 127) }
    func exponential(_ x: Wide) -> Wide { function(Foundation.exp(x), at: x) }
    func logarithm(_ x: Wide) -> Wide { function(Foundation.log(x), at: x) }
    func power(_ base: Wide, _ exponent: Wide) -> Wide { exponential(product(exponent, logarithm(base))) }
    func hyperbolicTangent(_ x: Wide) -> Wide { function(Foundation.tanh(x), at: x) }
    func errorFunction(_ x: Wide) -> Wide { function(Foundation.erf(x), at: x) }
    func sine(_ x: Wide) -> Wide { function(Foundation.sin(x), at: x) }
    func cosine(_ x: Wide) -> Wide { function(Foundation.cos(x), at: x) }

    /// Half of the sums begin at the end.
    func total(_ terms: ArraySlice<Wide>) -> Wide {
      state.next() % 2 == 0 ? terms.reduce(0, sum) : terms.reversed().reduce(0, sum)
    }

    func dot(_ a: ArraySlice<Wide>, _ b: ArraySlice<Wide>, bias: Wide?) -> Wide {
      total((zip(a, b).map { product($0, $1) } + (bias.map { [$0] } ?? []))[...])
    }

    func isZero(_ row: ArraySlice<Wide>) -> Bool { row.allSatisfy { $0 == 0 } }
    func greatest(_ row: ArraySlice<Wide>) -> Wide? { row.max() }

    func lessGreatest(_ row: ArraySlice<Wide>) -> [Wide] {
      let greatest = row.max() ?? 0
      return row.map { sum($0, -greatest) }
    }
  }
#endif
