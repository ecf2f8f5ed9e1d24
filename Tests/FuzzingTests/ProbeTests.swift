import PlumbModel
import PlumbTolerance
import PlumbVerdicts
import Testing

@testable import PlumbFuzzing

/// Kernels whose order of additions is known, found out.
@Suite struct ProbeTests {
  /// A kernel of `linear` whose sums of products `sum` adds.
  private static func kernel(_ sum: @escaping @Sendable ([Float]) -> Float) -> FuzzSubject {
    .kernel(
      CalledKernel(arithmetic: .model(.f32)) { input, _ in
        let (x, weight) = (try input.tensor("x"), try input.tensor("weight"))
        let bias = input.source.tensors["bias"] == nil ? nil : try input.tensor("bias")
        let elements = (0..<x.rows).flatMap { row in
          (0..<weight.rows).map { column in
            sum(zip(x.row(row), weight.row(column)).map { $0 * $1 }) + (bias?.elements[column] ?? 0)
          }
        }
        return Activation(shape: [x.rows, weight.rows], elements: elements)
      })
  }

  private static func report(
    _ arithmetic: String = "f32", terms: Int = 24, _ sum: @escaping @Sendable ([Float]) -> Float
  ) throws -> ProbeReport {
    try SummationProbe(kernel(sum), try ArithmeticModel(parsing: arithmetic), terms: terms).report(cases: 30, seed: 0)
  }

  private static func lanes(_ terms: [Float], _ count: Int) -> [Float] {
    (0..<count).map { lane in stride(from: lane, to: terms.count, by: count).reduce(0) { $0 + terms[$1] } }
  }

  static let orders: [(String, @Sendable ([Float]) -> Float)] = [
    ("order=sequence", { $0.reduce(0, +) }),
    (
      "order=4-lanes",
      { terms in
        let sums = lanes(terms, 4)
        return (sums[0] + sums[1]) + (sums[2] + sums[3])
      }
    ),
    (
      "order=8-lanes",
      { terms in
        var sums = lanes(terms, 8)
        for width in [4, 2, 1] { for lane in 0..<width { sums[lane] += sums[lane + width] } }
        return sums[0]
      }
    ),
    ("order=tree", { halves($0[...]) }),
    (
      "order=blocks-of-8",
      { terms in
        stride(from: 0, to: terms.count, by: 8).reduce(Float(0)) { $0 + halves(terms[$1..<min($1 + 8, terms.count)]) }
      }
    ),
    (
      "order=blocks-of-6",
      { terms in
        stride(from: 0, to: terms.count, by: 6).reduce(Float(0)) { sum, first in
          sum + terms[first..<min(first + 6, terms.count)].reduce(0, +)
        }
      }
    ),
  ]

  private static func halves(_ terms: ArraySlice<Float>) -> Float {
    if terms.count < 2 { return terms.first ?? 0 }
    let middle = terms.startIndex + (terms.count + 1) / 2
    return halves(terms[..<middle]) + halves(terms[middle...])
  }

  @Test(arguments: orders.indices) func anOrderIsFound(_ index: Int) throws {
    let (words, sum) = Self.orders[index]
    let report = try Self.report("f32", sum)
    #expect(report.fits.allSatisfy { $0.outside == 0 } && report.fits.last?.arithmetic == "f32")
    #expect(report.fits.contains { $0.arithmetic == "f32,\(words)" })
    #expect(report.keptBits == 23 && report.isNearest == true)
    for (other, _) in Self.orders where other != words {
      #expect(report.excluded.contains { $0.arithmetic == other && $0.reason.contains("meet in a sum of") })
    }
  }

  /// Blocks of products and the sum so far, cut at so many bits below the greatest exponent, and added exactly: Float64 holds
  /// all sums of the numbers here.
  private static func unit(size: Int, bits: Int) -> @Sendable ([Float]) -> Float {
    { terms in
      stride(from: 0, to: terms.count, by: size).reduce(Float(0)) { sum, first in
        let block = ([sum] + terms[first..<min(first + size, terms.count)]).map { Double($0) }
        guard let top = block.filter({ $0 != 0 }).map(\.exponent).max() else { return 0 }
        let step = Double(sign: .plus, exponent: Int(top) - bits, significand: 1)
        let exact = block.reduce(0) { $0 + ($1 / step).rounded(.towardZero) } * step
        let nearest = Float(exact)
        return abs(Double(nearest)) > abs(exact) ? (exact < 0 ? nearest.nextUp : nearest.nextDown) : nearest
      }
    }
  }

  @Test(arguments: [("a100", 8, 24), ("h100", 16, 25), ("h100", 8, 25)])
  func aMatrixUnitIsFound(name: String, size: Int, bits: Int) throws {
    let report = try Self.report("bf16", terms: 48, Self.unit(size: size, bits: bits))
    #expect(report.order == "blocks of \(size), each added at once to the sum so far")
    #expect(report.keptBits == bits && report.isNearest == false)
    let fits = report.fits.map(\.arithmetic)
    #expect(fits.contains("bf16,unit=\(name)") && fits.contains("bf16") && !fits.contains("bf16,order=sequence"))
    #expect(fits.contains("bf16,unit=a100") == (name == "a100"), "\(fits)")
  }

  @Test func whatHasNoNameIsSaid() throws {
    let backwards = try Self.report { $0.reversed().reduce(0, +) }
    #expect(backwards.order == "one after the other, from the last" && backwards.fits.map(\.arithmetic) == ["f32"])
    // Float64 loses as much between numbers so far apart, and keeps more bits.
    let wide = try Self.report { terms in Float(terms.reduce(0.0) { $0 + Double($1) }) }
    #expect(wide.order == "one after the other" && wide.keptBits == nil)
    let odd = try Self.report { terms in
      terms.dropFirst(5).prefix(4).reduce(0, +) + (terms.prefix(5).reduce(0, +) + terms.dropFirst(9).reduce(0, +))
    }
    #expect(odd.order == "none that has a name")
    #expect(odd.tree == "((0…4 + 9…23) + 5…8)" || odd.tree == "(5…8 + (0…4 + 9…23))", "\(odd.tree ?? "")")
  }

  @Test func whatIsNoSumIsRefused() throws {
    #expect(throws: ProbeError.self) { try Self.report { _ in 0.5 } }
    #expect(throws: ProbeError.self) { try Self.report { _ in .nan } }
    #expect(throws: ProbeError.self) { try Self.report("f16", terms: 64) { $0.reduce(0, +) } }
  }

  /// A number of binary16 that is lost beside every other there is leaves few terms.
  @Test func halvesAreAskedWithFewTerms() throws {
    let report = try Self.report("f16", terms: 17, Self.unit(size: 8, bits: 25))
    #expect(report.keptBits == 25 && report.fits.contains { $0.arithmetic == "f16,unit=h100" })
    #expect(report.excluded.contains { $0.arithmetic == "unit=a100" && $0.reason.contains("25 bits are kept") })
  }
}
