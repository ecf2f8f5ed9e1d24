#if arch(x86_64)
  import Foundation
  import PlumbModel
  import PlumbVerdicts

  /// A machine that keeps to the arithmetic that the engine declares, and computes as badly as that allows.
  ///
  /// It shares nothing with the bounds: its tree of sums is written from the declaration in words, and its functions are the C
  /// library's in an 80-bit format, moved by what the engine declares. That format has eleven more bits than the engine's Float64,
  /// so that what the same steps lose in it is at most 2⁻¹¹ of what is declared for them; functions are moved by 1 − 2⁻⁹ of it.
  struct DeclaredMachine {
    /// A number of more bits than any the engine computes with.
    typealias Wide = Float80

    /// The direction in which functions are off.
    enum Lean: CaseIterable {
      case up
      case down
      case outward
      case random
    }

    /// Whether a product and the addition after it round once.
    let isFused: Bool
    private let lean: Lean
    private let permutes: Bool
    /// A power of two; the engine declares 16.
    private let laneCount: Int
    /// The part of the declared error that functions are off by.
    private let share: Wide
    private var state: UInt64

    /// A machine whose terms stand at leaves of the declared tree in an order of its own where it `permutes` them.
    ///
    /// With other `lanes`, or a `share` above 1, it does not keep to what is declared.
    init(isFused: Bool, lean: Lean, permutes: Bool, lanes: Int = 16, share: Wide = 1 - 0x1p-9, seed: UInt64) {
      self.isFused = isFused
      self.lean = lean
      self.permutes = permutes
      laneCount = lanes
      self.share = share
      state = seed
    }

    /// A number below `count`.
    mutating func random(_ count: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % count
    }

    /// Σ aᵢ·bᵢ along the declared tree: lane l of 16 has the terms l, l + 16, …; then it takes in lane l + 8, l + 4, l + 2 and
    /// l + 1.
    mutating func sum(_ a: [Float], _ b: [Float]) -> Float {
      var terms = Array(zip(a, b))
      if permutes { for index in terms.indices.reversed() { terms.swapAt(index, random(index + 1)) } }
      var lanes = [Float](repeating: 0, count: laneCount)
      for (index, term) in terms.enumerated() {
        let lane = index % laneCount
        lanes[lane] =
          isFused ? lanes[lane].addingProduct(term.0, term.1) : lanes[lane] + term.0 * term.1
      }
      while lanes.count > 1 {
        let half = lanes.count / 2
        for lane in 0..<half { lanes[lane] += lanes[lane + half] }
        lanes.removeLast(half)
      }
      return lanes[0]
    }

    /// The output of the formula of `input`'s layer in Float64, rounded once.
    mutating func formula(_ input: CheckedCase) -> Activation<Float> {
      let context = DeclaredContext(lean: lean, share: share, seed: UInt64(random(1 << 30)))
      guard let output = Catalogue.forward(CaseInput(input, in: context)) else {
        preconditionFailure("\(input.source.layer) has no formula")
      }
      return output.map { Float($0) }
    }

    /// The Float32 nearest to exact·(1 + ε) + α, with |ε| and |α| almost at what is declared.
    mutating func rounded(_ exact: Wide, relative: Double, absolute: Wide = 0) -> Float {
      let reach = (exact.magnitude * Wide(relative) + absolute) * share
      let direction: Wide =
        switch lean {
        case .up: 1
        case .down: -1
        case .outward: exact < 0 ? -1 : 1
        case .random: random(2) == 0 ? 1 : -1
        }
      return Float(exact + direction * reach)
    }
  }
#endif
