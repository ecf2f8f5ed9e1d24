import PlumbLayers
import PlumbTolerance

/// A bug of the sums of a matrix product, whichever layer's it is.
struct MatrixSumBug<Context: BugContext>: Sendable {
  let name: String
  let sentence: String
  let sum: @Sendable (_ a: Row<Context>, _ b: Row<Context>) -> Scalar<Context>

  init(
    _ name: String, _ sentence: String,
    _ sum: @escaping @Sendable (_ a: Row<Context>, _ b: Row<Context>) -> Scalar<Context>
  ) {
    (self.name, self.sentence, self.sum) = (name, sentence, sum)
  }

  static var all: [Self] {
    [
      Self("sum-in-14-bits", "Sums are cut to 14 bits, as Hopper's are of 8-bit factors where nobody promotes them.") {
        a, b in
        (a * b).numbers.reduce(a.context.scalar(a.context.exact(0))) { sum, term in
          (sum + a.context.scalar(term)).rising { fourteenBits.rounded($0, .towardZero) }
        }
      },
      Self("products-in-float16", "Products are kept in binary16.") { a, b in (a * b).rounded(to: .float16).total },
      Self("products-in-bf16", "Products are kept in bfloat16.") { a, b in (a * b).rounded(to: .bfloat16).total },
      Self("split-lost", "The last of two parts of the terms is lost.") { a, b in
        a[0..<(a.count + 1) / 2].dot(b[0..<(a.count + 1) / 2])
      },
      Self("split-twice", "The last of two parts of the terms counts twice.") { a, b in
        let last = (a.count + 1) / 2..<a.count
        return a.dot(b) + a[last].dot(b[last])
      },
      Self("splits-in-bf16", "The sums of two parts of the terms are kept in bfloat16.") { a, b in
        halves(a, b, in: .bfloat16)
      },
      Self("splits-in-float16", "The sums of two parts of the terms are kept in binary16.") { a, b in
        halves(a, b, in: .float16)
      },
      Self("odd-terms-lost", "The chain of the odd places is never added.") { a, b in
        a.places(from: 0, by: 2).dot(b.places(from: 0, by: 2))
      },
      Self("factors-in-e4m3", "Factors are cast to E4M3 without a scale.") { a, b in
        a.rounded(to: .e4m3.saturating).dot(b.rounded(to: .e4m3.saturating))
      },
      Self("factors-in-e5m2", "Factors are cast to E5M2 without a scale.") { a, b in
        a.rounded(to: .e5m2.saturating).dot(b.rounded(to: .e5m2.saturating))
      },
    ]
  }

  private static var fourteenBits: FloatFormat {
    FloatFormat(name: "e8m13", precision: 14, leastExponent: -139, greatest: 0x1.FFF8p127)
  }

  private static func halves(_ a: Row<Context>, _ b: Row<Context>, in format: FloatFormat) -> Scalar<Context> {
    let middle = (a.count + 1) / 2
    let parts = [0..<middle, middle..<a.count].map { a[$0].dot(b[$0]).rounded(to: format) }
    return parts[0] + parts[1]
  }
}

extension Row where Context: BugContext {
  /// The elements at places that are `step` apart.
  fileprivate func places(from first: Int, by step: Int) -> Self {
    Self(stride(from: first, to: count, by: step).map { self[$0].number }, context)
  }
}

extension Linear where Context: BugContext {
  static var matrixSumBugs: [Bug<Self>] {
    MatrixSumBug<Context>.all.map { bug in
      mutant(bug.name, bug.sentence) { $0.sum = { inputs, weights, bias in bug.sum(inputs, weights).adding(bias) } }
    }
  }
}

extension AttentionScores where Context: BugContext {
  static var matrixSumBugs: [Bug<Self>] {
    MatrixSumBug<Context>.all.map { bug in mutant(bug.name, bug.sentence) { $0.dot = bug.sum } }
  }
}

extension AttentionValues where Context: BugContext {
  static var matrixSumBugs: [Bug<Self>] {
    MatrixSumBug<Context>.all.map { bug in mutant(bug.name, bug.sentence) { $0.sum = bug.sum } }
  }
}
